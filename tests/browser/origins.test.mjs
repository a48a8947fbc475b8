// Pages of other origins, and the reference page.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { CANDIDATE, PASSWORD, SOURCE, violations } from "./steps.mjs";

/** An empty page of an origin of its own. */
async function elsewhere(world, host) {
  const site = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><title>Elsewhere</title>"));
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  world.after(async () => {
    site.closeAllConnections();
    site.close();
  });
  return world.page(`http://${host}:${site.address().port}/`);
}

/** In the page: registers, logs in, audits, and reads the events as a stream and the result as a file. */
async function auditFromElsewhere({ base, username, password, source, candidate }) {
  const exposed = {};
  const rest = async (method, path, body, token, more = {}) => {
    const headers = { "Content-Type": "application/json", ...more };
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(`${base}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    for (const name of ["X-Request-Id", "Location", "Content-Disposition"]) exposed[name] ??= response.headers.get(name);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  await rest("POST", "/auth/register", { username, password, email: `${username}@example.org` });
  const { access_token: token } = await (await rest("POST", "/auth/login", { username, password })).json();
  const made = await rest("POST", "/evaluations", { source_text: source, candidate_output: candidate, start: true }, token, {
    "Idempotency-Key": username,
  });
  const { id } = await made.json();
  const stream = await rest("GET", `/evaluations/${id}/events`, undefined, token, { Accept: "text/event-stream" });
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  let log = "";
  while (!log.includes("event: evaluation_complete")) log += (await reader.read()).value ?? "";
  await reader.cancel();
  const again = await rest("GET", `/evaluations/${id}/events`, undefined, token, {
    Accept: "text/event-stream",
    "Last-Event-ID": /id: (\S+:1)\n/.exec(log)[1],
  });
  await again.body.cancel();
  const file = await rest("GET", `/evaluations/${id}/export?format=csv`, undefined, token);
  const size = (await file.blob()).size;
  await rest("DELETE", `/evaluations/${id}`, undefined, token);
  const refused = await fetch(`${base}/api/v1/evaluations`, { headers: { Authorization: "Bearer nothing" } });
  return { exposed, size, refused: (await refused.json()).code };
}

export async function listedOrigin(world) {
  const { address } = await world.server();
  const page = await elsewhere(world, "127.0.0.1");
  const { exposed, size, refused } = await page.evaluate(auditFromElsewhere, {
    base: address,
    username: `browser-${randomUUID().slice(0, 8)}`,
    password: PASSWORD,
    source: SOURCE,
    candidate: CANDIDATE,
  });
  for (const [name, value] of Object.entries(exposed)) assert.ok(value, `${name} can be read`);
  assert.ok(size > 100);
  assert.equal(refused, "unauthenticated", "errors can be read too");
}

export async function otherOrigin(world) {
  const { address } = await world.server();
  // Of a host that is listed on other ports only.
  const page = await elsewhere(world, "localhost");
  world.expect(/CORS|ERR_FAILED/);
  const outcomes = await page.evaluate(async (base) => {
    const asked = [
      fetch(`${base}/healthz`),
      fetch(`${base}/api/v1/auth/login`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }),
    ];
    return (await Promise.allSettled(asked)).map(({ status }) => status);
  }, address);
  assert.deepEqual(outcomes, ["rejected", "rejected"]);
}

export async function reference(world) {
  const { address } = await world.server();
  for (const colorScheme of ["light", "dark"]) {
    const page = await world.page(`${address}/docs/`, { context: { colorScheme } });
    assert.deepEqual(await violations(page), []);
    await page.getByRole("link", { name: "evaluations", exact: true }).click();
    assert.ok(await page.getByRole("heading", { name: "POST /api/v1/evaluations", exact: true }).isVisible());
    for (const width of [320, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${over} px too wide at ${width}`);
    }
  }
}
