// Requests as the contract has them, and every way of failing as one class.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AuditorError } from "../src/index.js";
import { Rest } from "../src/rest.js";
import type { Call } from "./support/server.js";
import { json, problem } from "./support/server.js";
import { world } from "./support/world.js";

test("each call goes where the contract says", async () => {
  const { server, client } = await world();
  let last: Call | undefined;
  server.intercept = (call) => {
    last = call;
    return json(200, { items: [] });
  };
  const { collections, evaluations } = client;
  const cases: [() => Promise<unknown>, string, unknown?][] = [
    [() => client.auth.register({ username: "a", email: "e", password: "p" }), "POST /auth/register", { username: "a", email: "e", password: "p" }],
    [() => client.auth.changePassword("a", "b"), "POST /auth/password", { current_password: "a", new_password: "b" }],
    [() => evaluations.create({ source_text: "s", candidate_output: "c" }), "POST /evaluations", { source_text: "s", candidate_output: "c" }],
    [() => evaluations.list({ q: "ü &", limit: 5, sort: "created_at" }), "GET /evaluations?q=%C3%BC+%26&limit=5&sort=created_at"],
    [() => evaluations.list(), "GET /evaluations?"],
    [() => evaluations.get("../x"), "GET /evaluations/..%2Fx?"],
    [() => evaluations.remove("x"), "DELETE /evaluations/x"],
    [() => evaluations.start("x", "click"), "POST /evaluations/x/start", { client_request_id: "click" }],
    [() => evaluations.start("x"), "POST /evaluations/x/start", {}],
    [() => evaluations.cancel("x"), "POST /evaluations/x/cancel"],
    [() => evaluations.events("x", { afterSeq: 0, limit: 3 }), "GET /evaluations/x/events?after_seq=0&limit=3"],
    [() => evaluations.estimate("x"), "POST /evaluations/x/estimate"],
    [() => evaluations.shares.create("x", { expiresInS: 60 }), "POST /evaluations/x/shares", { expires_in_s: 60 }],
    [() => evaluations.shares.list("x"), "GET /evaluations/x/shares?"],
    [() => evaluations.shares.revoke("x", "y"), "DELETE /evaluations/x/shares/y"],
    [() => evaluations.feedback.create("x", { claim_id: null, score: 3 }), "POST /evaluations/x/feedback", { claim_id: null, score: 3 }],
    [() => evaluations.feedback.list("x"), "GET /evaluations/x/feedback?"],
    [() => collections.create("Harbour"), "POST /collections", { name: "Harbour" }],
    [() => collections.list({ limit: 100 }), "GET /collections?limit=100"],
    [() => collections.get("x/y"), "GET /collections/x%2Fy?"],
    [() => collections.remove("x"), "DELETE /collections/x"],
    [() => collections.search("x", "when & where", { limit: 3 }), "GET /collections/x/search?q=when+%26+where&limit=3"],
    [() => collections.documents.create("x", { name: "n", text: "t" }), "POST /collections/x/documents", { name: "n", text: "t" }],
    [() => collections.documents.list("x", { cursor: "c" }), "GET /collections/x/documents?cursor=c"],
    [() => collections.documents.get("x", "y"), "GET /collections/x/documents/y?"],
    [() => collections.documents.remove("x", "y"), "DELETE /collections/x/documents/y"],
    [() => client.keys.create({ name: "n", scopes: ["read"], expires_in_s: 60 }), "POST /keys", { name: "n", scopes: ["read"], expires_in_s: 60 }],
    [() => client.keys.list(), "GET /keys?"],
    [() => client.keys.revoke("x/y"), "DELETE /keys/x%2Fy"],
    [() => client.judges(), "GET /judges?"],
    [() => client.statistics(7), "GET /statistics?days=7"],
    [() => client.usage(), "GET /usage?"],
    [() => client.usage(7, "k"), "GET /usage?days=7&key=k"],
    [() => client.preferences.get(), "GET /preferences?"],
    [() => client.preferences.put({ theme: "dark" }), "PUT /preferences", { theme: "dark" }],
    [() => client.shared("t/1"), "GET /shared/t%2F1?"],
  ];
  for (const [call, expected, body] of cases) {
    await call();
    const query = last?.method === "GET" ? `?${last.query.toString()}` : "";
    assert.equal(`${last?.method} ${last?.path}${query}`, expected);
    assert.deepEqual(last?.body, body, expected);
  }
  await evaluations.create({ source_text: "s", candidate_output: "c" }, { idempotencyKey: "k" });
  assert.equal(last?.headers.get("idempotency-key"), "k");
  assert.equal(last?.headers.get("authorization"), `Bearer ${server.access}`);
  await client.shared("t");
  assert.equal(last?.headers.get("authorization"), null, "a share needs no login");
});

test("a file is sent as it is, under its name", async () => {
  const { server, client } = await world();
  let last: Call | undefined;
  server.intercept = (call) => {
    last = call;
    return json(201, { id: "d" });
  };
  const file = { name: "år & dag.md", type: "text/markdown", data: "# Harbour" } as const;
  assert.deepEqual(await client.collections.documents.upload("x", file), { id: "d" });
  assert.equal(`${last?.method} ${last?.path}?${last?.query.toString()}`, "POST /collections/x/documents?name=%C3%A5r+%26+dag.md");
  assert.equal(last?.headers.get("content-type"), "text/markdown");
  assert.equal(last?.file, "# Harbour");
});

test("a problem becomes an error with all its parts", async () => {
  const { server, client } = await world();
  const errors = [{ pointer: "/config/judges/0", detail: "no such judge" }];
  const body = { code: "validation", detail: "1 value is not allowed", request_id: "r7", errors };
  server.intercept = () => json(422, body);
  const error = await client.judges().catch((thrown: unknown) => thrown);
  assert.ok(error instanceof AuditorError && error instanceof Error);
  assert.deepEqual(
    [error.code, error.status, error.message, error.requestId, error.errors, error.retryable],
    ["validation", 422, "1 value is not allowed", "r7", errors, false],
  );
  server.intercept = () => problem(429, "rate_limited", { "Retry-After": "7" });
  await assert.rejects(client.judges(), { code: "rate_limited", retryable: true, retryAfterMs: 7_000 });
  server.intercept = () => json(409, { code: "evaluation_in_progress", detail: "", run_id: "r" });
  await assert.rejects(client.start("x"), { code: "evaluation_in_progress", details: { run_id: "r" } });
});

test("answers that are not of the contract are told from it", async () => {
  const { server, client } = await world();
  const html = (status: number): Response => new Response("<h1>Bad gateway</h1>", { status });
  server.intercept = () => html(502);
  await assert.rejects(client.judges(), { code: "bad_answer", status: 502, retryable: true });
  server.intercept = () => html(200);
  await assert.rejects(client.judges(), { code: "bad_answer", retryable: false });
  server.restUp = false;
  await assert.rejects(client.judges(), { code: "network", status: 0, retryable: true });
});

test("an export is a file with the server's name for it", async () => {
  const { server, client } = await world();
  server.intercept = ({ query }) => {
    assert.equal(query.get("format"), "csv");
    const headers = { "Content-Disposition": 'attachment; filename="audit-0197c2a0.csv"' };
    return new Response("a,b", { headers });
  };
  const { name, blob } = await client.evaluations.export("0197c2a0-1", "csv");
  assert.deepEqual([name, await blob.text()], ["audit-0197c2a0.csv", "a,b"]);
  server.intercept = () => new Response("a");
  assert.equal((await client.evaluations.export("0197c2a0-1", "pdf")).name, "audit-0197c2a0.pdf");
});

test("the socket's address follows from the base", () => {
  assert.equal(new Rest("https://a.test").socketUrl(), "wss://a.test/ws");
  assert.equal(new Rest("http://a.test:81/audits/").socketUrl(), "ws://a.test:81/audits/ws");
  Object.assign(globalThis, { location: { href: "https://page.test/x/y#/z" } });
  try {
    assert.equal(new Rest("").socketUrl(), "wss://page.test/ws");
  } finally {
    Reflect.deleteProperty(globalThis, "location");
  }
});
