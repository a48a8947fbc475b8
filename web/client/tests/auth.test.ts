// Tokens: replaced in place, by one request, and never twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AuditorClient, AuditorError } from "../src/index.js";
import { FakeClock } from "./support/clock.js";
import { FakeServer, json, problem } from "./support/server.js";
import { assertOnce, settle, watch, world } from "./support/world.js";

const refreshes = (server: FakeServer) => server.calls.filter(({ path }) => path === "/auth/refresh");

test("shortly before its end a token is replaced, on the same connection", async () => {
  const { server, client, clock } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await server.idle(839_000);
  assert.equal(refreshes(server).length, 0);
  const [socket] = server.live;
  const before = server.access;
  await server.idle(2_000);
  assert.equal(refreshes(server).length, 1);
  assert.notEqual(server.access, before);
  assert.deepEqual(
    socket?.commands("authenticate").map(({ data }) => data),
    [{ token: server.access }],
  );
  await server.idle(2 * 840_000);
  assert.equal(refreshes(server).length, 3);
  server.emit(session, 1);
  assertOnce(watched, 1);
  assert.equal(server.sockets.length, 1);
  assert.ok(clock.time > 0);
});

test("token_expiring brings it early enough where the timer slept", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  watch(client, "s1");
  await settle();
  // The machine slept: the time went on, and no timer ran.
  clock.time += 850_000;
  const expires_at = new Date(clock.time + 50_000).toISOString();
  server.live[0]?.say({ type: "token_expiring", data: { expires_at } });
  await clock.advance(0);
  assert.equal(refreshes(server).length, 1);
  assert.equal(server.live[0]?.commands("authenticate").length, 1);
});

test("a server that gives short lives is not asked all the time", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  server.tokenLife = 20;
  await client.auth.login({ username: "ada", password: "a long password" });
  watch(client, "s1");
  for (let second = 0; second < 60; second += 1) {
    server.live[0]?.say({ type: "token_expiring", data: { expires_at: "2026-03-01T09:30:20.000Z" } });
    await clock.advance(1_000);
  }
  assert.equal(refreshes(server).length, 4);
});

test("a refresh that can't reach the server is tried again, and the login stays", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  watch(client, "s1");
  await server.idle(839_000);
  let failures = 0;
  server.intercept = ({ path }) => {
    if (path !== "/auth/refresh") return undefined;
    failures += 1;
    return failures < 3 ? problem(503, "overloaded", { "Retry-After": "2" }) : undefined;
  };
  await clock.advance(6_000);
  assert.equal(failures, 3);
  assert.equal(client.connection.state.kind, "online");
  assert.equal(server.live[0]?.commands("authenticate").length, 1);
});

test("ten requests with an expired token: one refresh, each request once more", async () => {
  const { server, client } = await world();
  for (let each = 0; each < 10; each += 1) server.session(`s${each}`);
  server.newAccess();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, each) => client.evaluations.get(`s${each}`)),
  );
  assert.equal(answers.length, 10);
  assert.equal(refreshes(server).length, 1);
  assert.equal(server.calls.filter(({ path }) => path.startsWith("/evaluations")).length, 20);
});

test("a token that is known to be old is not even tried", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  clock.time += 899_000;
  await client.evaluations.get("s1");
  assert.deepEqual(
    server.calls.slice(-2).map(({ path }) => path),
    ["/auth/refresh", "/evaluations/s1"],
  );
});

test("a second 401 is the answer, not a reason to go on", async () => {
  const { server, client } = await world();
  server.intercept = ({ path }) => (path === "/judges" ? problem(401, "unauthenticated") : undefined);
  await assert.rejects(client.judges(), { code: "unauthenticated", status: 401 });
  assert.equal(server.calls.filter(({ path }) => path === "/judges").length, 2);
  assert.equal(refreshes(server).length, 1);
});

test("a wrong password in a change is told, and nothing is repeated", async () => {
  const { server, client } = await world();
  server.intercept = ({ path }) => (path === "/auth/password" ? problem(401, "invalid_credentials") : undefined);
  await assert.rejects(client.auth.changePassword("wrong", "another long one"), {
    code: "invalid_credentials",
  });
  assert.equal(server.calls.filter(({ path }) => path === "/auth/password").length, 1);
});

test("a spent refresh token ends the login, once and for all requests", async () => {
  const { server, client } = await world();
  server.session("s1");
  const ends: (AuditorError | null)[] = [];
  client.auth.onSignedOut((error) => ends.push(error));
  watch(client, "s1");
  await settle();
  server.newAccess();
  server.refreshToken = "spent by somebody else";
  const answers = await Promise.allSettled([client.judges(), client.evaluations.get("s1")]);
  assert.ok(answers.every(({ status }) => status === "rejected"));
  assert.equal(ends.length, 1);
  assert.equal(client.auth.user, null);
  assert.deepEqual(client.connection.state, { kind: "signed_out" });
  assert.equal(server.live.length, 0);
  await assert.rejects(client.judges(), { code: "signed_out" });
});

test("logout tells the server, closes the socket and forgets everything", async () => {
  const { server, client, clock } = await world();
  server.session("s1");
  const token = server.refreshToken;
  watch(client, "s1");
  await settle();
  await client.auth.logout();
  const call = server.calls.at(-1);
  assert.deepEqual([call?.path, call?.body], ["/auth/logout", { refresh_token: token }]);
  assert.equal(server.live.length, 0);
  assert.deepEqual(client.connection.state, { kind: "signed_out" });
  assert.equal(clock.pending, 0);
});

test("cookie mode: the page never sees a refresh token, and a reload finds the login again", async () => {
  const clock = new FakeClock();
  const server = new FakeServer(clock);
  const locked: string[] = [];
  let held = 0;
  const locks = {
    async request<T>(name: string, task: () => Promise<T>): Promise<T> {
      locked.push(name);
      held += 1;
      assert.equal(held, 1);
      return task().finally(() => (held -= 1));
    },
  };
  server.intercept = async ({ path }) => {
    if (path === "/auth/refresh") assert.equal(held, 1, "only under the lock");
    return undefined;
  };
  const page = (): AuditorClient =>
    new AuditorClient({
      baseUrl: "http://audits.test",
      session: "cookie",
      fetch: server.fetch as typeof fetch,
      WebSocket: server.WebSocket,
      now: clock.now,
      timers: clock,
      page: { locks },
    });
  await page().auth.login({ username: "ada", password: "a long password" });
  assert.equal(server.calls[0]?.body?.["cookie"], true);
  const reloaded = page();
  assert.equal(reloaded.auth.user, null);
  const user = await reloaded.auth.resume();
  assert.equal(user?.username, "ada");
  const { client_request_id: id, ...rest } = refreshes(server)[0]?.body ?? {};
  assert.deepEqual(rest, { cookie: true });
  assert.match(String(id), /^[0-9a-f]{32}$/);
  await reloaded.auth.logout();
  assert.deepEqual(server.calls.at(-1)?.body, { cookie: true });
  assert.ok(locked.length >= 3);

  server.intercept = ({ path }) => (path === "/auth/refresh" ? problem(401, "unauthenticated") : undefined);
  assert.equal(await page().auth.resume(), null, "nobody was logged in");
  server.restUp = false;
  await assert.rejects(page().auth.resume(), { code: "network", retryable: true });
});

test("a refresh that was not answered is repeated under its id, over a reload too; one that was gets another", async () => {
  const clock = new FakeClock();
  const server = new FakeServer(clock);
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const page = (): AuditorClient =>
    new AuditorClient({
      baseUrl: "http://audits.test",
      session: "cookie",
      fetch: server.fetch as typeof fetch,
      WebSocket: server.WebSocket,
      now: clock.now,
      timers: clock,
      page: { storage },
    });
  const client = page();
  await client.auth.login({ username: "ada", password: "a long password" });
  server.intercept = ({ path }) => {
    if (path === "/auth/refresh") throw new TypeError("the answer is lost");
    return undefined;
  };
  await assert.rejects(client.auth.refresh(), { code: "network" });
  server.intercept = ({ path }) => (path === "/auth/refresh" ? problem(503, "overloaded") : undefined);
  await assert.rejects(client.auth.refresh(), { status: 503 });
  server.intercept = () => undefined;
  await page().auth.resume();
  await client.auth.refresh();
  const ids = refreshes(server).map(({ body }) => body?.["client_request_id"]);
  assert.equal(ids.length, 4);
  assert.deepEqual([ids[1], ids[2]], [ids[0], ids[0]], "no answer has come");
  assert.equal(kept.size, 0, "nothing is left once it has");
});

test("cookie mode: when another tab logged somebody else in, this one is signed out", async () => {
  const { server, client } = await world({ session: "cookie" });
  server.session("s1");
  server.user = "eve";
  server.newAccess();
  await assert.rejects(client.evaluations.get("s1"), { code: "signed_out" });
  assert.equal(client.auth.user, null);
  assert.equal(server.calls.filter(({ path }) => path === "/evaluations/s1").length, 1);
});

test("an answer to an earlier login is nobody's", async () => {
  const { server, client } = await world();
  let answer: (response: Response) => void = () => {};
  server.intercept = ({ path }) =>
    path === "/auth/refresh" ? new Promise((done) => (answer = done)) : undefined;
  const old = client.auth.refresh();
  await settle();
  server.user = "eve";
  await client.auth.login({ username: "eve", password: "a long password" });
  const token = server.access;
  answer(json(200, { access_token: "h.e30.s", expires_in: 900, refresh_token: "old" }));
  await assert.rejects(old, { code: "signed_out" });
  assert.equal(await client.auth.token(), token);
  assert.equal(client.auth.user?.username, "eve");
});

function withKey(): { server: FakeServer; client: AuditorClient } {
  const clock = new FakeClock();
  const server = new FakeServer(clock);
  server.access = "ja_key";
  const client = new AuditorClient({
    baseUrl: "http://audits.test",
    fetch: server.fetch as typeof fetch,
    WebSocket: server.WebSocket,
    now: clock.now,
    timers: clock,
    page: {},
    key: "ja_key",
  });
  return { server, client };
}

test("a key is sent where a token is, by REST and on the socket, and never renewed", async () => {
  const { server, client } = withKey();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await server.idle(0);
  server.emit(session, 2);
  await server.idle(2 * 840_000);
  await client.evaluations.get("s1");
  assertOnce(watched, 2);
  assert.equal(server.sockets[0]?.token, "ja_key");
  assert.equal(server.calls.at(-1)?.headers.get("authorization"), "Bearer ja_key");
  assert.equal(refreshes(server).length, 0);
});

test("a key that is not taken is asked with once", async () => {
  const { server, client } = withKey();
  server.intercept = () => problem(401, "unauthenticated");
  await assert.rejects(client.judges(), { code: "unauthenticated" });
  assert.equal(server.calls.length, 1);
});

test("a key that is revoked ends what is followed, and tells", async () => {
  const { server, client } = withKey();
  server.session("s1");
  const told: unknown[] = [];
  client.auth.onSignedOut((error) => told.push(error?.code));
  watch(client, "s1");
  await server.idle(0);
  server.sockets[0]?.lose(4503);
  await server.idle(60_000);
  assert.deepEqual(told, ["unauthenticated"]);
  assert.equal(client.connection.state.kind, "signed_out");
  assert.equal(server.sockets.length, 1);
});

test("a key that the socket does not take is not tried again", async () => {
  const { server, client } = withKey();
  server.session("s1");
  server.door = 4501;
  watch(client, "s1");
  await server.idle(60_000);
  assert.equal(client.connection.state.kind, "signed_out");
  assert.equal(server.sockets.length, 1);
});
