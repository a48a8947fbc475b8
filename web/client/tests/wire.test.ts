// The server's own wire examples, through the decoder. Their types are compared by the compiler.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Commands, type EventType, decode } from "../src/index.js";
import { WIRE } from "./generated/wire.js";

const examples = Object.entries(WIRE as unknown as Record<string, { type: string; data?: unknown }>);
const types = (group: string): Set<string> =>
  new Set(examples.filter(([name]) => name.startsWith(group)).map(([, { type }]) => type));

test("everything that the server says is read as it is", () => {
  const said = examples.filter(([name]) => !name.startsWith("command."));
  assert.ok(said.length >= 30);
  for (const [name, message] of said) {
    assert.deepEqual(decode(JSON.stringify(message)), message, name);
  }
});

test("there is an example of every kind that the types know, and no other", () => {
  const events: Record<EventType, 1> = {
    evaluation_progress: 1,
    claim_verdict: 1,
    claim_revised: 1,
    judge_result: 1,
    evaluation_complete: 1,
    evaluation_error: 1,
    evaluation_cancelled: 1,
  };
  const commands: Record<keyof Commands, 1> = {
    authenticate: 1,
    join_session: 1,
    leave_session: 1,
    start_evaluation: 1,
    cancel_evaluation: 1,
    begin_check: 1,
    add_to_check: 1,
    ping: 1,
  };
  assert.deepEqual([...types("event.")].sort(), Object.keys(events).sort());
  assert.deepEqual([...types("command.")].sort(), Object.keys(commands).sort());
  assert.deepEqual([...types("control.")].sort(), ["drain", "heartbeat", "session_closed", "token_expiring"]);
});

test("what misses a part that the client relies on is not taken", () => {
  let tried = 0;
  const relied: Record<string, string[]> = {
    "reply.welcome": ["heartbeat", "reconnect"],
    "reply.session_joined": ["session_id", "epoch", "last_seq", "recovered"],
    "control.drain": ["reconnect_after_ms"],
    "event.claim_verdict": ["claim", "label", "evidence"],
    "event.claim_revised": ["claim_id", "label", "views"],
    "event.judge_result": ["judge_name", "status", "flagged_issues"],
    "event.evaluation_complete": ["result"],
    "event.evaluation_error": ["fatal", "recovery_suggestions"],
  };
  for (const [name, fields] of Object.entries(relied)) {
    const example = examples.find(([its]) => its === name)?.[1];
    for (const field of fields) {
      const broken = structuredClone(example) as unknown as { data: Record<string, unknown> };
      delete broken.data[field];
      assert.equal(decode(JSON.stringify(broken)), null, `${name} without ${field}`);
      tried += 1;
    }
  }
  assert.equal(tried, 19);
});

test("nonsense is not taken, nor the names of an object's own methods", () => {
  const event = WIRE["event.evaluation_progress"];
  const frames: unknown[] = [
    "",
    "{",
    "null",
    "[]",
    '"text"',
    "{}",
    '{"type":7}',
    '{"type":"toString","data":{}}',
    '{"type":"of_a_later_version","data":{}}',
    '{"type":"error"}',
    '{"type":"error","error":{"code":"x"}}',
    new ArrayBuffer(4),
    JSON.stringify({ ...event, seq: 0 }),
    JSON.stringify({ ...event, seq: 1.5 }),
    JSON.stringify({ ...event, seq: "1" }),
    JSON.stringify({ ...event, epoch: 1 }),
    JSON.stringify({ ...event, data: null }),
  ];
  for (const frame of frames) assert.equal(decode(frame), null, String(frame));
  const later = { ...event, type: "toString" };
  assert.deepEqual(decode(JSON.stringify(later)), later, "a later version's event has its number");
});
