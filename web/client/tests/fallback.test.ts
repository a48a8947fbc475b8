// Where no socket can be had, the log comes over SSE, with the same promises.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dataOf } from "../src/sse.js";
import { assertOnce, range, settle, watch, world } from "./support/world.js";

test("after three sockets that came to nothing events come over SSE, then over a socket again", async () => {
  const { server, client, clock, states } = await world();
  const session = server.session("s1");
  server.door = "lost";
  server.emit(session, 3);
  const watched = watch(client, "s1");
  await clock.advance(10_000);
  assert.equal(server.sockets.length, 3);
  assert.deepEqual(client.connection.state, { kind: "fallback" });
  server.emit(session, 2);
  await settle();
  assertOnce(watched, 5);
  assert.equal(watched.follow.state.kind, "live");
  const { headers } = server.calls.at(-1) ?? {};
  assert.equal(headers?.get("authorization"), `Bearer ${server.access}`);

  await server.idle(60_000);
  assert.equal(server.sockets.length, 4, "it looks for the socket from time to time");
  assert.deepEqual(client.connection.state, { kind: "fallback" });
  assert.equal(server.streams.size, 1, "without leaving the stream");
  server.door = "open";
  await server.idle(60_000);
  assert.deepEqual(client.connection.state, { kind: "online" });
  assert.equal(server.streams.size, 0);
  server.emit(session, 2);
  assertOnce(watched, 7);
  assert.deepEqual(server.live[0]?.commands("join_session")[0]?.data, {
    session_id: "s1",
    epoch: "e1",
    last_seq: 5,
  });
  const kinds = states.map(({ kind }) => kind);
  assert.deepEqual(kinds.slice(-2), ["fallback", "online"]);
});

test("without a WebSocket at all it is SSE from the start", async () => {
  const { server, client, clock } = await world({ WebSocket: null });
  const [one, two] = [server.session("s1"), server.session("s2")];
  const first = watch(client, "s1");
  await settle();
  assert.deepEqual(client.connection.state, { kind: "fallback" });
  const second = watch(client, "s2");
  await settle();
  server.emit(one, 30);
  server.emit(two, 40);
  await settle();
  assertOnce(first, 30);
  assertOnce(second, 40);
  first.follow.close();
  await settle();
  assert.equal(server.streams.size, 1);
  client.close();
  await settle();
  assert.equal(server.streams.size, 0);
  assert.equal(clock.pending, 0);
});

test("a stream that breaks goes on behind its last event", async () => {
  const { server, client, clock } = await world({ WebSocket: null });
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 4);
  await settle();
  server.cut();
  server.emit(session, 3);
  await clock.advance(1_000);
  assertOnce(watched, 7);
  assert.equal(server.calls.at(-1)?.headers.get("last-event-id"), "e1:4");
});

test("a stream of another epoch tells of the gap, then the whole new log", async () => {
  const { server, client, clock } = await world({ WebSocket: null });
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 4);
  await settle();
  server.cut();
  server.replaceLog(session, "e2", 6);
  await clock.advance(1_000);
  assert.deepEqual(watched.seqs, [...range(1, 4), ...range(1, 6)]);
  assert.equal(watched.gaps[0]?.evaluation.epoch, "e2");
});

test("a stream that ends with its token's time is opened with a new one", async () => {
  const { server, client, clock } = await world({ WebSocket: null });
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.newAccess();
  for (const { controller } of server.streams) {
    const error = { code: "token_expired", message: "its time is over", retryable: false };
    const text = `event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`;
    controller.enqueue(new TextEncoder().encode(text));
    controller.close();
  }
  server.streams.clear();
  server.emit(session, 2);
  await clock.advance(1_000);
  assertOnce(watched, 2);
  assert.equal(server.calls.filter(({ path }) => path === "/auth/refresh").length, 1);
});

test("a silent stream counts as lost", async () => {
  const { server, client, clock } = await world({ WebSocket: null });
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await server.idle(60_000);
  assert.equal(server.calls.filter(({ path }) => path.endsWith("/events")).length, 1);
  // The network went away without a word.
  server.streams.clear();
  server.emit(session, 2);
  await clock.advance(40_000);
  assertOnce(watched, 2);
});

test("when REST is away too, it waits for both", async () => {
  const { server, client, clock } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.door = "lost";
  server.restUp = false;
  server.cut();
  server.emit(session, 2);
  await clock.advance(120_000);
  assert.ok(["waiting", "connecting"].includes(client.connection.state.kind));
  server.door = "open";
  server.restUp = true;
  await clock.advance(31_000);
  assert.deepEqual(client.connection.state, { kind: "online" });
  assertOnce(watched, 2);
});

test("deleted while it is streamed: the follow is over", async () => {
  const { server, client } = await world({ WebSocket: null });
  server.session("s1");
  const watched = watch(client, "s1");
  const unknown = watch(client, "unknown");
  await settle();
  for (const { controller } of server.streams) {
    const message = { type: "session_closed", data: { session_id: "s1", reason: "deleted" } };
    controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`));
  }
  await settle();
  assert.deepEqual(watched.follow.state, { kind: "closed", reason: "deleted" });
  assert.equal(unknown.follow.state.kind, "closed");
  assert.equal(server.streams.size, 0);
});

test("lines are put together however the bytes are cut, with every kind of line end", async () => {
  const text = "retry: 500\n\nevent: a\ndata: {\"ü\":\r\ndata: \"🥐\"}\r\n\r\n: note\n\nid: e:1\rdata:two\r\rdata: left out";
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 3, 7, 1_000]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const found: string[] = [];
    for await (const data of dataOf(body)) found.push(data);
    assert.deepEqual(found, ['{"ü":\n"🥐"}', "two"], `in pieces of ${size}`);
  }
});
