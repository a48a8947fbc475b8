// Each event once and in order, whatever happens to the connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "./support/clock.js";
import { REPLAY } from "./support/server.js";
import { assertOnce, range, settle, watch, world } from "./support/world.js";

test("a session is followed from its beginning, and live", async () => {
  const { server, client } = await world();
  const session = server.session("s1");
  server.emit(session, 3);
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 2);
  assertOnce(watched, 5);
  assert.equal(watched.joins, 1);
  assert.deepEqual(watched.states, [{ kind: "live" }]);
  assert.deepEqual(watched.follow.position, { epoch: "e1", lastSeq: 5 });
  assert.deepEqual(server.live[0]?.commands("join_session")[0]?.data, { session_id: "s1", last_seq: 0 });
});

test("after a drop it goes on where it was, with what came meanwhile", async () => {
  const { server, client, clock } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 4);
  server.cut();
  server.emit(session, 5);
  assertOnce(watched, 4);
  await clock.advance(500);
  server.emit(session, 2);
  assertOnce(watched, 11);
  assert.deepEqual(server.live[0]?.commands("join_session")[0]?.data, {
    session_id: "s1",
    epoch: "e1",
    last_seq: 4,
  });
  assert.deepEqual(watched.gaps, []);
});

test("a follow can begin behind what its caller has", async () => {
  const { server, client } = await world();
  const session = server.session("s1");
  server.emit(session, 6);
  const watched = watch(client, "s1", { epoch: "e1", lastSeq: 4 });
  await settle();
  assertOnce(watched, 6, 5);
  assert.throws(() => watch(client, "s1", { lastSeq: 4 }), TypeError);
  assert.throws(() => watch(client, "s1", { lastSeq: -1 }), TypeError);
});

test("a repeated event is ignored, and a hole is filled from the log", async () => {
  const { server, client, clock } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 3);
  const [socket] = server.live;
  socket?.say(session.events[1]);
  if (socket) socket.skip = 1;
  server.emit(session, 2);
  assertOnce(watched, 3);
  await clock.advance(500);
  assertOnce(watched, 5);
  assert.equal(server.sockets.length, 1, "on the same connection");
  assert.deepEqual(
    socket?.sent.map(({ type }) => type),
    ["join_session", "leave_session", "join_session"],
  );
});

test("an event of an unknown kind keeps its number", async () => {
  const { server, client } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 1);
  const novelty = { ...session.events[0], type: "of_a_later_version", seq: 2, data: { new: true } };
  session.events.push(novelty as never);
  server.live[0]?.say(novelty);
  server.emit(session, 1);
  assertOnce(watched, 3);
});

test("too far behind: the log is read by REST while new events come, and nothing is told to be lost", async () => {
  const { server, client } = await world();
  const session = server.session("s1");
  server.emit(session, REPLAY + 30);
  let during = 0;
  server.intercept = ({ path }) => {
    if (path.endsWith("/events") && during < 5) server.emit(session, (during += 1));
    return undefined;
  };
  const watched = watch(client, "s1");
  await settle();
  assert.equal(during, 5);
  server.emit(session, 2);
  assertOnce(watched, REPLAY + 30 + 15 + 2);
  assert.deepEqual(watched.gaps, []);
  assert.deepEqual(
    watched.states.map(({ kind }) => kind),
    ["recovering", "joining", "live"],
  );
});

test("another epoch: the caller is told, and gets the whole new log", async () => {
  const { server, client, clock } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 8);
  server.cut();
  server.replaceLog(session, "e2", 12);
  await clock.advance(500);
  server.emit(session, 1);
  assert.deepEqual(watched.seqs, [...range(1, 8), ...range(1, 13)]);
  assert.deepEqual(watched.epochs, [...range(1, 8).map(() => "e1"), ...range(1, 13).map(() => "e2")]);
  assert.equal(watched.gaps.length, 1);
  assert.equal(watched.gaps[0]?.reason, "epoch_mismatch");
  assert.equal(watched.gaps[0]?.evaluation.last_seq, 12);
  assert.deepEqual(watched.follow.position, { epoch: "e2", lastSeq: 13 });
});

test("events that were in a backup keep the epoch that they were written with", async () => {
  const { server, client } = await world();
  const session = server.session("s1");
  server.emit(session, 6);
  // The log was put back, and has a new epoch since; what is in it has not.
  session.epoch = "e2";
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 2);
  await settle();
  assertOnce(watched, 8);
  assert.deepEqual(watched.gaps, []);
  assert.deepEqual(watched.follow.position, { epoch: "e2", lastSeq: 8 });
});

test("a position from the future is another log too", async () => {
  const { server, client } = await world();
  const session = server.session("s1");
  server.emit(session, 5);
  const watched = watch(client, "s1", { epoch: "e1", lastSeq: 9 });
  await settle();
  assert.equal(watched.gaps[0]?.reason, "future_position");
  assertOnce(watched, 5);
});

test("the log is replaced once more while it is read", async () => {
  const { server, client, clock } = await world();
  const session = server.session("s1");
  const watched = watch(client, "s1");
  await settle();
  server.emit(session, 3);
  server.cut();
  server.replaceLog(session, "e2", 20);
  let pages = 0;
  server.intercept = ({ path }) => {
    if (path.endsWith("/events") && (pages += 1) === 2) server.replaceLog(session, "e3", 4);
    return undefined;
  };
  await clock.advance(500);
  assert.equal(watched.gaps.length, 2);
  assert.deepEqual(watched.seqs, [...range(1, 3), ...range(1, 7), ...range(1, 4)]);
  assert.equal(watched.epochs.at(-1), "e3");
});

test("a reading that fails is begun again, after the wait that the server asks for", async () => {
  const { server, client, clock } = await world();
  const session = server.session("s1");
  server.emit(session, 40);
  let refusals = 0;
  server.intercept = ({ path }) => {
    if (!path.endsWith("/events") || refusals === 1) return undefined;
    refusals += 1;
    const headers = { "Retry-After": "3" };
    return new Response(JSON.stringify({ code: "overloaded", detail: "busy" }), { status: 503, headers });
  };
  const watched = watch(client, "s1");
  await settle();
  await clock.advance(2_900);
  assertOnce(watched, 0);
  await clock.advance(200);
  assertOnce(watched, 40);
});

test("several who follow one session each get their own part of it", async () => {
  const { server, client } = await world();
  const session = server.session("s1");
  const first = watch(client, "s1");
  await settle();
  server.emit(session, 6);
  const second = watch(client, "s1");
  const third = watch(client, "s1", { epoch: "e1", lastSeq: 4 });
  const stranger = watch(client, "s1", { epoch: "e0", lastSeq: 2 });
  await settle();
  server.emit(session, 3);
  await settle();
  assertOnce(first, 9);
  assertOnce(second, 9);
  assertOnce(third, 9, 5);
  assertOnce(stranger, 9);
  assert.equal(stranger.gaps[0]?.reason, "epoch_mismatch");
  assert.deepEqual(first.gaps, []);
  first.follow.close();
  server.emit(session, 1);
  assertOnce(first, 9);
  assertOnce(second, 10);
  second.follow.close();
  third.follow.close();
  stranger.follow.close();
  assert.equal(server.live[0]?.joined.size, 1, "it leaves when nobody follows any more");
  await settle();
  assert.equal(server.live[0]?.joined.size, 0);
});

test("all sessions share one socket", async () => {
  const { server, client } = await world();
  const sessions = ["a", "b", "c"].map((id) => server.session(id));
  const all = sessions.map(({ id }) => watch(client, id));
  await settle();
  for (const session of sessions) server.emit(session, 3);
  for (const watched of all) assertOnce(watched, 3);
  assert.equal(server.sockets.length, 1);
});

test("deleted, or never there: the follow is over and says so", async () => {
  const { server, client } = await world();
  server.session("s1");
  const watched = watch(client, "s1");
  const unknown = watch(client, "unknown");
  await settle();
  server.live[0]?.say({ type: "session_closed", data: { session_id: "s1", reason: "deleted" } });
  assert.deepEqual(watched.follow.state, { kind: "closed", reason: "deleted" });
  assert.equal(unknown.follow.state.kind, "closed");
  const { state } = unknown.follow;
  assert.equal(state.kind === "closed" && state.error?.code, "not_found");
});

test("a caller's function that throws loses nothing for the others", async () => {
  const { server, client } = await world();
  const session = server.session("s1");
  const thrown: unknown[] = [];
  const keep = (fault: unknown): void => void thrown.push(fault);
  Object.assign(globalThis, { reportError: keep });
  try {
    client.follow("s1", {
      onEvent: () => {
        throw new Error("of the page");
      },
    });
    const watched = watch(client, "s1");
    await settle();
    server.emit(session, 3);
    await settle();
    assertOnce(watched, 3);
    assert.equal(thrown.length, 3);
  } finally {
    Reflect.deleteProperty(globalThis, "reportError");
  }
});

test("two hundred histories of drops, silence, holes and full logs", async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const chance = seeded(seed);
    const { server, client, clock } = await world({}, seeded(seed + 1000));
    const session = server.session("s1");
    const watched = watch(client, "s1");
    for (let step = 0; step < 25; step += 1) {
      const what = chance();
      if (what < 0.25) server.cut();
      else if (what < 0.32) for (const socket of server.live) socket.skip += 2;
      else if (what < 0.4) server.door = server.door === "open" ? "lost" : "open";
      else if (what < 0.45) for (const socket of server.live) socket.deaf = true;
      else if (what < 0.5) server.restUp = !server.restUp;
      server.emit(session, Math.floor(chance() * 12));
      if (chance() < 0.3) await Promise.resolve();
      else if (chance() < 0.5) await clock.advance(chance() * 4_000);
    }
    [server.door, server.restUp] = ["open", true];
    for (const socket of server.live) socket.skip = 0;
    await server.idle(200_000);
    server.emit(session, 1);
    await server.idle(100_000);
    assert.deepEqual(watched.seqs, range(1, session.events.length), `seed ${seed}`);
    assert.equal(client.connection.state.kind, "online", `seed ${seed}`);
    client.close();
    assert.equal(clock.pending, 0, `seed ${seed}: nothing is left running`);
  }
});
