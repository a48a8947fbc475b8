// How a connection comes, goes, and comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertOnce, settle, watch, world } from "./support/world.js";

test("nothing is opened before something is followed, and nothing stays when nobody does", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  assert.deepEqual(client.connection.state, { kind: "idle" });
  assert.equal(server.sockets.length, 0);
  const watched = watch(client, "s1");
  await settle();
  const [socket] = server.sockets;
  assert.equal(socket?.url, "ws://audits.test/ws");
  assert.equal(socket?.protocols[0], "judge-auditor.v1");
  assert.equal(socket?.token, server.access);
  assert.deepEqual(client.connection.state, { kind: "online" });
  watched.follow.close();
  await clock.advance(4_000);
  assert.equal(server.live.length, 1, "kept for the next one");
  await clock.advance(2_000);
  assert.equal(server.live.length, 0);
  assert.deepEqual(client.connection.state, { kind: "idle" });
  assert.equal(clock.pending, 0);
});

test("waits have full jitter: from 0 to a bound that doubles up to max_ms, which welcome gives", async () => {
  for (const share of [0, 0.25, 0.999]) {
    const { server, client, clock } = await world({}, () => share);
    server.session("s1");
    server.reconnect = { min_ms: 800, max_ms: 10_000 };
    watch(client, "s1");
    await settle();
    server.door = "lost";
    server.streamsUp = false;
    server.cut();
    for (const bound of [800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]) {
      const { state } = client.connection;
      assert.equal(state.kind, "waiting");
      const wait = state.kind === "waiting" ? state.retryAt - clock.time : NaN;
      // A clock of 13 digits has no more than this to spare behind its point.
      assert.ok(Math.abs(wait - bound * share) < 0.01, `${wait} of ${bound}`);
      // Without a wait the next try would come at once, and so on.
      if (share === 0) break;
      const tries = server.sockets.length;
      await clock.advance(wait - 1);
      assert.equal(server.sockets.length, tries);
      await clock.advance(1);
      assert.equal(server.sockets.length, tries + 1);
    }
    client.close();
  }
});

test("before the first welcome it waits up to half a second, then longer", async () => {
  const { server, client, clock } = await world({}, () => 0.5);
  server.session("s1");
  server.door = "lost";
  watch(client, "s1");
  await settle();
  const { state } = client.connection;
  assert.deepEqual(state, { kind: "waiting", retryAt: clock.time + 250, attempt: 1 });
});

test("a connection that held begins the count anew, one that fell at once does not", async () => {
  const { server, client, clock } = await world({}, () => 0.5);
  server.session("s1");
  watch(client, "s1");
  await settle();
  const waits: number[] = [];
  for (const lived of [0, 0, 0, 11_000, 0]) {
    await clock.advance(lived);
    server.cut();
    const { state } = client.connection;
    waits.push(state.kind === "waiting" ? state.retryAt - clock.time : NaN);
    await clock.advance(waits.at(-1) ?? 0);
  }
  assert.deepEqual(waits, [250, 500, 1000, 250, 500]);
});

test("these codes mean come back", async () => {
  for (const code of [1000, 1001, 1005, 1006, 1011, 1012, 4401, 4408, 4413, 4429]) {
    const { server, client, clock } = await world();
    const session = server.session("s1");
    const watched = watch(client, "s1");
    await settle();
    server.live[0]?.lose(code);
    server.emit(session, 2);
    await clock.advance(1_000);
    assert.equal(client.connection.state.kind, "online", String(code));
    assertOnce(watched, 2);
    client.close();
  }
});

test("4401: it comes back with a new token", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  watch(client, "s1");
  await settle();
  const before = server.access;
  server.live[0]?.lose(4401);
  await clock.advance(1_000);
  assert.notEqual(server.access, before);
  assert.equal(server.live[0]?.token, server.access);
});

test("these codes mean stay away, until somebody asks to try again", async () => {
  for (const code of [1003, 1009, 4500, 4502, 4504, 4599]) {
    const { server, client, clock } = await world();
    const session = server.session("s1");
    const watched = watch(client, "s1");
    await settle();
    server.live[0]?.lose(code);
    await clock.advance(24 * 3600_000);
    assert.deepEqual(client.connection.state, { kind: "refused", code });
    assert.equal(server.sockets.length, 1, "it never came back by itself");
    server.emit(session, 1);
    client.connection.retry();
    await settle();
    assert.equal(client.connection.state.kind, "online");
    assertOnce(watched, 1);
    client.close();
  }
});

test("4501: one try with a new token, then no more", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  server.door = 4501;
  watch(client, "s1");
  await clock.advance(24 * 3600_000);
  assert.deepEqual(client.connection.state, { kind: "refused", code: 4501 });
  assert.equal(server.sockets.length, 2);
  assert.notEqual(server.sockets[0]?.token, server.sockets[1]?.token);
});

test("4503, and 4501 of a login that is over: signed out", async () => {
  for (const code of [4503, 4501]) {
    const { server, client, clock } = await world();
    server.session("s1");
    const reasons: (string | undefined)[] = [];
    client.auth.onSignedOut((error) => reasons.push(error?.code));
    watch(client, "s1");
    await settle();
    server.refreshToken = "of nobody";
    server.live[0]?.lose(code);
    await clock.advance(3600_000);
    assert.deepEqual(client.connection.state, { kind: "signed_out" });
    assert.equal(client.auth.user, null);
    assert.deepEqual(reasons, ["unauthenticated"]);
    assert.equal(server.sockets.length, 1);
  }
});

test("logged in again, it goes on where it was", async () => {
  const { server, client } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 2);
  server.live[0]?.lose(4503);
  server.emit(session, 2);
  await client.auth.login({ username: "ada", password: "a long password" });
  await settle();
  assertOnce(watched, 4);
});

test("drain: it stays to the moment that it was given, leaves by itself and comes back", async () => {
  const { server, client, clock, states } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  const [socket] = server.live;
  socket?.say({ type: "drain", data: { reconnect_after_ms: 4_200, deadline_ms: 20_000 } });
  assert.deepEqual(client.connection.state, { kind: "draining", until: clock.time + 4_200 });
  await clock.advance(4_100);
  server.emit(session, 2);
  assert.equal(server.sockets.length, 1);
  assertOnce(watched, 2);
  await clock.advance(200);
  assert.equal(socket?.closedWith, 1000);
  assert.equal(server.sockets.length, 2);
  server.emit(session, 1);
  assertOnce(watched, 3);
  assert.deepEqual(
    states.map(({ kind }) => kind),
    ["connecting", "online", "draining", "connecting", "online"],
  );
});

test("drain: the end can come early", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  watch(client, "s1");
  await settle();
  server.live[0]?.say({ type: "drain", data: { reconnect_after_ms: 9_000, deadline_ms: 9_000 } });
  server.live[0]?.lose(1012);
  await clock.advance(500);
  assert.equal(client.connection.state.kind, "online");
  await clock.advance(20_000);
  assert.equal(server.sockets.length, 2, "the drain of the first is not the second's");
});

test("a connection without any sign of life for the heartbeat's time counts as lost", async () => {
  const { server, client, clock } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  for (let beat = 0; beat < 4; beat += 1) {
    await clock.advance(25_000);
    server.live[0]?.say({ type: "heartbeat", data: {} });
  }
  assert.equal(server.sockets.length, 1);
  const [silent] = server.live;
  if (silent) silent.deaf = true;
  server.emit(session, 2);
  await clock.advance(32_900);
  assert.equal(server.sockets.length, 1);
  await clock.advance(1_000);
  assert.equal(server.sockets.length, 2);
  assertOnce(watched, 2);
});

test("a socket that opens and never greets counts as lost", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  server.welcome = () => ({});
  watch(client, "s1");
  await clock.advance(14_000);
  assert.equal(client.connection.state.kind, "connecting");
  await clock.advance(2_000);
  assert.equal(server.sockets.length, 2);
});

test("the network is back or the page is looked at: an early try, or a look whether the socket lives", async () => {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  const { server, client, clock } = await world({ page: { window, document } }, () => 0.999);
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.cut();
  await settle();
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  assert.equal(server.sockets.length, 1, "a page that is hidden has time");
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  assert.equal(server.sockets.length, 2);
  const [socket] = server.live;
  window.dispatchEvent(new Event("online"));
  assert.equal(socket?.commands("ping").length, 1);
  await clock.advance(6_000);
  assert.equal(server.live[0], socket, "it answered");
  if (socket) socket.deaf = true;
  server.emit(session, 1);
  window.dispatchEvent(new Event("online"));
  await clock.advance(7_000);
  assert.notEqual(server.live[0], socket);
  assertOnce(watched, 1);
  client.close();
  window.dispatchEvent(new Event("online"));
  await settle();
  assert.equal(server.live.length, 0);
});

test("start and cancel go over the socket when it is there, else by REST, with the same request id", async () => {
  const { server, client } = await world();
  server.session("s1");
  const starts = (): unknown[] =>
    server.calls.filter(({ path }) => path.endsWith("/start")).map(({ body }) => body?.["client_request_id"]);
  await client.start("s1", "click-1");
  assert.deepEqual(starts(), ["click-1"]);
  watch(client, "s1");
  await settle();
  assert.equal((await client.start("s1", "click-2")).run_id, "run-1");
  assert.deepEqual(starts(), ["click-1"]);
  const [socket] = server.live;
  assert.equal(socket?.commands("start_evaluation")[0]?.data["client_request_id"], "click-2");
  if (socket) socket.deaf = true;
  const started = client.start("s1");
  await settle();
  server.cut();
  await started;
  const sent = socket?.commands("start_evaluation")[1]?.data["client_request_id"];
  assert.match(String(sent), /^[0-9a-f]{32}$/);
  assert.deepEqual(starts(), ["click-1", sent]);
});

test("a refused join is tried again when the server says", async () => {
  const { server, client, clock } = await world();
  const session = server.session("s1");
  server.emit(session, 2);
  let refusals = 0;
  server.refusal = ({ type }) => {
    if (type !== "join_session" || refusals === 1) return undefined;
    refusals += 1;
    return { code: "rate_limited", message: "slower", retryable: true, retry_after_ms: 5_000 };
  };
  const watched = watch(client, "s1");
  await clock.advance(4_900);
  assert.equal(refusals, 1);
  assertOnce(watched, 0);
  await clock.advance(200);
  assertOnce(watched, 2);
});
