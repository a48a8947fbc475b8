// What a client is made with, and what it tells of itself.

import type { Evaluation, Id, NotRecovered, SessionEvent, SessionJoined } from "./types.js";
import type { AuditorError } from "./errors.js";

export interface ClientOptions {
  /** Such as `https://audits.example.org`; `""` (the default) is the page's own origin. */
  baseUrl?: string;
  /**
   * Where the refresh token lives. `memory` (the default): in this object. `cookie`: in an HttpOnly
   * cookie, for pages of the server's own origin; a reload then keeps the login.
   */
  session?: "cookie" | "memory";
  /** An API key (`ja_…`), in place of a login. It is sent where an access token is, and has no successor. */
  key?: string;
  fetch?: typeof globalThis.fetch;
  /** Null or missing in the runtime: events come over SSE. */
  WebSocket?: WebSocketConstructor | null;
  /** 0 up to 1, for the jitter. */
  random?: () => number;
  /** Milliseconds since 1970. */
  now?: () => number;
  timers?: Timers;
  /** The parts of the page that the client heeds; the globals by default. */
  page?: Page;
}

export interface Timers {
  setTimeout(task: () => void, ms: number): unknown;
  clearTimeout(timer: never): void;
}

export interface Page {
  /** `online` is fired here. */
  window?: EventTarget | undefined;
  /** `visibilitychange` is fired here. */
  document?: (EventTarget & { readonly visibilityState: string }) | undefined;
  /** Keeps tabs from spending one cookie twice. */
  locks?: { request<T>(name: string, task: () => Promise<T>): Promise<T> } | undefined;
  /** Outlives the page, as the cookie does: keeps the id of a refresh that was not answered yet. */
  storage?: Pick<Storage, "getItem" | "setItem" | "removeItem"> | undefined;
}

/** The part of the browsers' WebSocket that is used. */
export interface WebSocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export type ConnectionState =
  /** Nothing is followed, so there is no connection. */
  | { kind: "idle" }
  | { kind: "connecting"; attempt: number }
  | { kind: "online" }
  /** The connection is lost; the next try is at `retryAt` (milliseconds since 1970). */
  | { kind: "waiting"; retryAt: number; attempt: number }
  /** The socket can't be had, but events come over SSE. */
  | { kind: "fallback" }
  /** The server will stop; the client leaves at `until` and comes back by itself. */
  | { kind: "draining"; until: number }
  /** The login has ended. */
  | { kind: "signed_out" }
  /** The server wants this client not to come back: its close code (45xx, 1003, 1009). */
  | { kind: "refused"; code: number };

export type FollowState =
  | { kind: "joining" }
  /** Every event up to now has been told, and new ones come as they happen. */
  | { kind: "live" }
  /** Missed events are read by REST. */
  | { kind: "recovering" }
  /** No more events: the evaluation was deleted, or `error` says why. */
  | { kind: "closed"; reason: string; error?: AuditorError };

/** The log is another one than the client knew: forget what came of the old one. */
export interface Gap {
  reason: NotRecovered;
  /** The state now. All events of the new log come after this, from seq 1. */
  evaluation: Evaluation;
}

export interface FollowOptions {
  /** Needed with a `lastSeq` over 0. */
  epoch?: string | undefined;
  /** The last event that the caller has; 0 (the default): from the beginning of the log. */
  lastSeq?: number | undefined;
  /** Each event once, in order, without holes. */
  onEvent(event: SessionEvent): void;
  onState?(state: FollowState): void;
  /** Each time that the session is joined. */
  onJoined?(joined: SessionJoined): void;
  onGap?(gap: Gap): void;
}

export interface Follow {
  readonly sessionId: Id;
  readonly state: FollowState;
  /** Where the caller stands: to be stored with the state, and given to a later `follow`. */
  readonly position: { epoch: string | undefined; lastSeq: number };
  close(): void;
}
