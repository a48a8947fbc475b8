// A model of the server: the contract's rules for logins, logs, sockets and streams, in memory.

import type { CommandError, SessionEvent, SessionJoined, Status } from "../../src/index.js";
import type { FakeClock } from "./clock.js";
import { FakeSocket } from "./socket.js";

export const REPLAY = 20;

export interface FakeSession {
  id: string;
  epoch: string;
  events: SessionEvent[];
  status: Status;
}

interface Stream {
  session: FakeSession;
  controller: ReadableStreamDefaultController<Uint8Array>;
}

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Record<string, unknown> | undefined;
  /** A body that is no JSON. */
  file: string | undefined;
}

export class FakeServer {
  readonly sessions = new Map<string, FakeSession>();
  readonly sockets: FakeSocket[] = [];
  readonly calls: Call[] = [];
  readonly streams = new Set<Stream>();
  /** What a socket that is being opened gets: in, a lost connection, or a close code after the upgrade. */
  door: "open" | "lost" | number = "open";
  restUp = true;
  streamsUp = true;
  tokenLife = 900;
  reconnect = { min_ms: 500, max_ms: 30_000 };
  /** Looks at a request before the model does; a response ends it. */
  intercept: (call: Call) => Response | undefined | Promise<Response | undefined> = () => undefined;
  /** Refuses a command of the socket. */
  refusal: (command: { type: string }) => CommandError | undefined = () => undefined;
  user = "ada";
  /** The only access token and the only refresh token that are good. */
  access = "";
  refreshToken = "";
  #tokens = 0;
  #started = 0;

  constructor(readonly clock: FakeClock) {}

  readonly WebSocket = ((server: FakeServer) =>
    class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(server, url, protocols);
      }
    })(this);

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input), "http://audits.test");
    const text = init.body as string | undefined;
    const headers = new Headers(init.headers);
    const isJson = headers.get("content-type") === "application/json";
    const call: Call = {
      method: init.method ?? "GET",
      path: url.pathname.replace("/api/v1", ""),
      query: url.searchParams,
      headers,
      body: text !== undefined && isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined,
      file: isJson ? undefined : text,
    };
    this.calls.push(call);
    await Promise.resolve();
    if (!this.restUp) throw new TypeError("fetch failed");
    return (await this.intercept(call)) ?? this.#answer(call, init.signal);
  };

  session(id: string, epoch = "e1"): FakeSession {
    const session: FakeSession = { id, epoch, events: [], status: "in_progress" };
    this.sessions.set(id, session);
    return session;
  }

  /** Adds an event to the log and pushes it to everybody who is in. */
  emit(session: FakeSession, count = 1): void {
    for (let each = 0; each < count; each += 1) {
      const seq = session.events.length + 1;
      const event = progress(session, seq);
      session.events.push(event);
      for (const socket of this.sockets) if (socket.joined.has(session.id)) socket.deliver(event);
      for (const stream of this.streams) if (stream.session === session) this.#push(stream, event);
    }
  }

  /** The log begins anew, as after a database was put back. */
  replaceLog(session: FakeSession, epoch: string, count: number): void {
    session.epoch = epoch;
    session.events = Array.from({ length: count }, (_, at) => progress(session, at + 1));
  }

  /** The server is gone: every connection breaks. */
  cut(): void {
    for (const socket of this.sockets) socket.lose(1006);
    for (const stream of this.streams) stream.controller.error(new TypeError("terminated"));
    this.streams.clear();
  }

  /** Time goes by, and the server says so as often as it has to. */
  async idle(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 25_000) {
      await this.clock.advance(Math.min(left, 25_000));
      const heartbeat = { type: "heartbeat", data: {} };
      for (const socket of this.sockets) socket.say(heartbeat);
      for (const stream of this.streams) this.#push(stream, heartbeat);
    }
    await this.clock.advance(0);
  }

  get live(): FakeSocket[] {
    return this.sockets.filter((socket) => socket.readyState === 1);
  }

  newAccess(): string {
    this.#tokens += 1;
    const claims = { sub: `id-of-${this.user}`, n: this.#tokens };
    this.access = `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
    return this.access;
  }

  welcome(): Record<string, unknown> {
    const at = (ms: number): string => new Date(ms).toISOString();
    return {
      connection_id: `connection-${this.sockets.length}`,
      user: { id: `id-of-${this.user}`, username: this.user },
      token_expires_at: at(this.clock.time + this.tokenLife * 1000),
      server_time: at(this.clock.time),
      limits: { max_message_bytes: 65536, max_sessions: 32, commands_per_second: 20, replay: REPLAY },
      heartbeat: { interval_ms: 25_000, timeout_ms: 33_000 },
      reconnect: { ...this.reconnect, jitter: "full" },
    };
  }

  /** What a join is answered with, and where the replay begins; null: no replay. */
  position(session: FakeSession, epoch: unknown, lastSeq: unknown, whole: boolean): [SessionJoined, number | null] {
    const end = session.events.length;
    const joined: SessionJoined = {
      session_id: session.id,
      status: session.status,
      epoch: session.epoch,
      last_seq: end,
      recovered: false,
      members: 1,
    };
    if (typeof lastSeq !== "number") return [joined, null];
    if (lastSeq > 0 && epoch !== session.epoch) joined.reason = "epoch_mismatch";
    else if (lastSeq > end) joined.reason = "future_position";
    else if (!whole && end - lastSeq > REPLAY) joined.reason = "too_far_behind";
    else joined.recovered = true;
    return [joined, joined.recovered ? lastSeq : whole ? 0 : null];
  }

  #tokensBody(): Record<string, unknown> {
    this.refreshToken = `refresh-${this.#tokens + 1}`;
    const body = { access_token: this.newAccess(), token_type: "bearer", expires_in: this.tokenLife };
    return { ...body, refresh_token: this.refreshToken };
  }

  #answer(call: Call, signal?: AbortSignal | null): Response {
    const { method, path, body } = call;
    if (path === "/auth/login") return json(200, this.#tokensBody());
    if (path === "/auth/refresh") {
      const good = body?.["cookie"] === true || body?.["refresh_token"] === this.refreshToken;
      return good ? json(200, this.#tokensBody()) : problem(401, "unauthenticated");
    }
    if (path === "/auth/logout") return new Response(null, { status: 204 });
    if (call.headers.get("authorization") !== `Bearer ${this.access}`) {
      return problem(401, "token_expired");
    }
    if (path === "/auth/me") return json(200, { id: `id-of-${this.user}`, username: this.user });
    const [, id = "", rest] = /^\/evaluations\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const session = this.sessions.get(id);
    if (session === undefined) return problem(404, "not_found");
    if (method === "POST" && rest === "start") {
      this.#started += 1;
      return json(202, { session_id: id, run_id: `run-${this.#started}`, status: "in_progress" });
    }
    if (rest === "events") {
      return call.headers.get("accept") === "text/event-stream"
        ? this.#openStream(call, session, signal)
        : this.#page(call, session);
    }
    const { epoch, events, status } = session;
    return json(200, { id, status, epoch, last_seq: events.length, claims: [], judges: [] });
  }

  #page({ query }: Call, session: FakeSession): Response {
    const after = Number(query.get("after_seq") ?? 0);
    // Shorter pages than asked for: more of them.
    const limit = Math.min(7, Number(query.get("limit") ?? 100));
    const { epoch, events } = session;
    return json(200, { epoch, events: events.slice(after, after + limit), last_seq: events.length });
  }

  #openStream({ headers }: Call, session: FakeSession, signal?: AbortSignal | null): Response {
    if (!this.streamsUp) return problem(503, "overloaded");
    const id = headers.get("last-event-id");
    const [epoch, seq] = id === null ? [undefined, "0"] : id.split(":");
    const [joined, from] = this.position(session, epoch, Number(seq), true);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const stream = { session, controller };
        this.streams.add(stream);
        signal?.addEventListener("abort", () => {
          if (this.streams.delete(stream)) controller.error(new DOMException("", "AbortError"));
        });
        this.#push(stream, { type: "session_joined", data: joined });
        for (const event of session.events.slice(from ?? 0)) this.#push(stream, event);
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }

  #push({ controller }: Stream, message: unknown): void {
    const { type } = message as { type: string };
    const text = `event: ${type}\ndata: ${JSON.stringify(message)}\n\n`;
    controller.enqueue(new TextEncoder().encode(text));
  }
}

function progress({ id, epoch }: FakeSession, seq: number): SessionEvent {
  return {
    type: "evaluation_progress",
    session_id: id,
    run_id: "run-1",
    epoch,
    seq,
    ts: "2026-03-01T09:30:00.000Z",
    data: { stage: "judging", progress: seq / 10, stage_progress: 0, message: `${epoch} ${seq}` },
  };
}

export function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status });
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = { type: `/problems/${code}`, title: code, status, detail: code, code, request_id: "r1" };
  return new Response(JSON.stringify(body), { status, headers });
}
