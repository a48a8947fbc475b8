// A client, its clock and its server.

import assert from "node:assert/strict";
import { AuditorClient, type ClientOptions, type ConnectionState, type FollowState, type Gap } from "../../src/index.js";
import { FakeClock, settle } from "./clock.js";
import { FakeServer } from "./server.js";

export interface World {
  clock: FakeClock;
  server: FakeServer;
  client: AuditorClient;
  /** Each state of the connection. */
  states: ConnectionState[];
}

/** A client that is logged in; all its chances are `random`. */
export async function world(options: ClientOptions = {}, random = () => 0.5): Promise<World> {
  const clock = new FakeClock();
  const server = new FakeServer(clock);
  const client = new AuditorClient({
    baseUrl: "http://audits.test",
    fetch: server.fetch as typeof fetch,
    WebSocket: server.WebSocket,
    now: clock.now,
    timers: clock,
    random,
    page: {},
    ...options,
  });
  const states: ConnectionState[] = [];
  client.connection.onState((state) => states.push(state));
  await client.auth.login({ username: "ada", password: "a long password" });
  return { clock, server, client, states };
}

export interface Watched {
  seqs: number[];
  epochs: string[];
  gaps: Gap[];
  states: FollowState[];
  joins: number;
  follow: ReturnType<AuditorClient["follow"]>;
}

export function watch(client: AuditorClient, id: string, from: { epoch?: string; lastSeq?: number } = {}): Watched {
  const watched: Omit<Watched, "follow"> = { seqs: [], epochs: [], gaps: [], states: [], joins: 0 };
  const follow = client.follow(id, {
    ...from,
    onEvent: (event) => {
      watched.seqs.push(event.seq);
      watched.epochs.push(event.epoch);
    },
    onGap: (gap) => watched.gaps.push(gap),
    onState: (state) => watched.states.push(state),
    onJoined: () => (watched.joins += 1),
  });
  return Object.assign(watched, { follow });
}

/** first, first + 1, … last. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

export function assertOnce(watched: Watched, last: number, first = 1): void {
  assert.deepEqual(watched.seqs, range(first, last));
}

export { settle };
