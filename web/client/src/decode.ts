// What comes over the socket or the event stream, checked as far as the client relies on it.

import type { ServerMessage, SessionEvent } from "./types.js";

type Fields = Record<string, unknown>;
type Check = (data: Fields) => boolean;

const text = (value: unknown): value is string => typeof value === "string";
const number = (value: unknown): value is number => Number.isFinite(value);
const object = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const has =
  (name: string, check: (value: unknown) => boolean): Check =>
  (data) =>
    check(data[name]);
const all =
  (...checks: Check[]): Check =>
  (data) =>
    checks.every((check) => check(data));
const anything: Check = () => true;

const EVENTS: Readonly<Record<string, Check>> = {
  evaluation_progress: all(has("stage", text), has("progress", number), has("stage_progress", number)),
  claim_verdict: all(
    has("claim", (claim) => object(claim) && text(claim["id"]) && object(claim["span"])),
    has("label", text),
    has("evidence", Array.isArray),
  ),
  claim_revised: all(has("claim_id", text), has("label", text), has("views", Array.isArray)),
  judge_result: all(
    has("judge_name", text),
    has("status", text),
    has("flagged_issues", Array.isArray),
    has("claim_verdicts", Array.isArray),
  ),
  evaluation_complete: all(
    has("result", (result) => object(result) && object(result["claims"])),
  ),
  evaluation_error: all(
    has("fatal", (fatal) => typeof fatal === "boolean"),
    has("error_type", text),
    has("recovery_suggestions", Array.isArray),
  ),
  evaluation_cancelled: has("reason", text),
};

const ofSession = has("session_id", text);
const OTHERS: Readonly<Record<string, Check>> = {
  welcome: all(
    has("heartbeat", (value) => object(value) && number(value["timeout_ms"])),
    has(
      "reconnect",
      (value) => object(value) && number(value["min_ms"]) && number(value["max_ms"]),
    ),
  ),
  session_joined: all(
    ofSession,
    has("epoch", text),
    has("last_seq", Number.isSafeInteger),
    has("recovered", (value) => typeof value === "boolean"),
  ),
  session_left: ofSession,
  evaluation_started: all(ofSession, has("run_id", text)),
  evaluation_cancelling: all(ofSession, has("run_id", text)),
  check_progress: all(
    has("check_id", text),
    has("next_piece", Number.isSafeInteger),
    has("claims", Array.isArray),
  ),
  pong: anything,
  token_expiring: has("expires_at", text),
  drain: has("reconnect_after_ms", number),
  session_closed: ofSession,
  heartbeat: anything,
};

/** The message, or null for one that this client does not know or can't read. */
export function decode(frame: unknown): ServerMessage | null {
  if (!text(frame)) return null;
  let message: unknown;
  try {
    message = JSON.parse(frame);
  } catch {
    return null;
  }
  if (!object(message) || !text(message["type"])) return null;
  const { type, data } = message;
  if ("seq" in message) return isEvent(message) ? message : null;
  if (type === "error") return isError(message["error"]) ? (message as never) : null;
  const check = Object.hasOwn(OTHERS, type) ? OTHERS[type] : undefined;
  return check && object(data) && check(data) ? (message as never) : null;
}

/**
 * Whether it is an event of the log. One of a kind that is not known yet is one too: it has its number,
 * and without it there would be a hole.
 */
export function isEvent(message: unknown): message is SessionEvent {
  if (!object(message) || !object(message["data"])) return false;
  const { type, session_id, run_id, epoch, seq } = message;
  if (!text(type) || ![session_id, run_id, epoch].every(text)) return false;
  if (!Number.isSafeInteger(seq) || (seq as number) < 1) return false;
  const check = Object.hasOwn(EVENTS, type) ? EVENTS[type] : anything;
  return check?.(message["data"]) ?? false;
}

function isError(error: unknown): boolean {
  return (
    object(error) &&
    text(error["code"]) &&
    text(error["message"]) &&
    typeof error["retryable"] === "boolean"
  );
}
