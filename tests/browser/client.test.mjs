// The browser as a client with nothing but its own WebSocket.

import { randomUUID } from "node:crypto";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { CANDIDATE, PASSWORD, SOURCE } from "./steps.mjs";

/** In the page: a whole audit with `fetch` and `new WebSocket`, as any script of a site could do it. */
async function auditInPage({ username, password, source, candidate }) {
  const rest = async (method, path, body, token) => {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  await rest("POST", "/auth/register", { username, password, email: `${username}@example.org` });
  const { access_token: token } = await rest("POST", "/auth/login", { username, password });
  const { id } = await rest("POST", "/evaluations", { source_text: source, candidate_output: candidate }, token);
  const encoded = btoa(token).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const url = location.origin.replace("http", "ws") + "/ws";
  const socket = new WebSocket(url, ["judge-auditor.v1", `base64url.bearer.${encoded}`]);
  const seen = await new Promise((resolve, reject) => {
    const events = [];
    const send = (type, data) => socket.send(JSON.stringify({ type, id: type, data }));
    socket.onerror = () => reject(new Error("the socket failed"));
    socket.onclose = (close) => reject(new Error(`closed with ${close.code}`));
    socket.onmessage = ({ data: text }) => {
      const message = JSON.parse(text);
      if (message.type === "error") reject(new Error(text));
      if (message.type === "welcome") send("join_session", { session_id: id, last_seq: 0 });
      if (message.type === "session_joined") send("start_evaluation", { session_id: id });
      if (message.seq === undefined) return;
      events.push(message);
      if (["evaluation_complete", "evaluation_cancelled"].includes(message.type) || message.data.fatal) {
        resolve(events);
      }
    };
  });
  const protocol = socket.protocol;
  socket.onclose = null;
  socket.close();
  return { events: seen, protocol, evaluation: await rest("GET", `/evaluations/${id}`, undefined, token) };
}

export async function socketAlone(world) {
  const { address } = await world.server();
  const page = await world.page(address);
  const names = { username: `browser-${randomUUID().slice(0, 8)}`, password: PASSWORD };
  const { events, protocol, evaluation } = await page.evaluate(auditInPage, {
    ...names,
    source: SOURCE,
    candidate: CANDIDATE,
  });
  assert.equal(protocol, "judge-auditor.v1", "the token is never echoed");
  events.forEach((event, index) => assert.equal(event.seq, index + 1));
  const end = events.at(-1);
  assert.equal(end.type, "evaluation_complete");
  assert.deepEqual(evaluation.result, end.data.result);
  for (const { claim } of events.filter(({ type }) => type === "claim_verdict").map(({ data }) => data)) {
    assert.equal(CANDIDATE.slice(claim.span.start, claim.span.end), claim.text);
  }
}

/** The example for pages, as somebody pastes it into the console. */
export async function exampleForPages(world) {
  const { address } = await world.server();
  const page = await world.page(address);
  const told = [];
  page.on("console", (message) => told.push(message.text()));
  const closed = page.waitForEvent("console", (message) => message.text().startsWith("closed "));
  const example = await readFile(new URL("../../examples/browser.js", import.meta.url), "utf8");
  await page.evaluate(`(async () => { ${example} })()`);
  assert.equal((await closed).text(), "closed 1000");
  const events = told.map((text) => /^(\d+) (\w+) /.exec(text)).filter((found) => found !== null);
  events.forEach(([, seq], index) => assert.equal(Number(seq), index + 1));
  assert.equal(events.at(-1)[2], "evaluation_complete");
  assert.equal(events.filter(([, , type]) => type === "claim_verdict").length, 2);
}
