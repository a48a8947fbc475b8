// The model's end of a WebSocket.

import type { SessionEvent, WebSocketLike } from "../../src/index.js";
import type { FakeServer } from "./server.js";

interface Sent {
  type: string;
  id: string;
  data: Record<string, unknown>;
}

export class FakeSocket implements WebSocketLike {
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly sent: Sent[] = [];
  readonly joined = new Set<string>();
  /** Takes what is sent and answers nothing, as a network that went away without a word. */
  deaf = false;
  /** So many events are lost on their way, which no server does. */
  skip = 0;
  /** The code that the client closed with. */
  closedWith: number | undefined;

  constructor(
    private readonly server: FakeServer,
    readonly url: string,
    readonly protocols: string[],
  ) {
    server.sockets.push(this);
    queueMicrotask(() => this.#open());
  }

  get token(): string {
    const [, bearer = ""] = this.protocols;
    return Buffer.from(bearer.replace("base64url.bearer.", ""), "base64url").toString();
  }

  send(text: string): void {
    const command = JSON.parse(text) as Sent;
    this.sent.push(command);
    if (!this.deaf) queueMicrotask(() => this.#answer(command));
  }

  close(code = 1005): void {
    if (this.readyState >= 2) return;
    this.closedWith = code;
    // A closing handshake can take long: no event from here.
    this.readyState = 2;
    this.joined.clear();
  }

  /** The other side ends it. */
  lose(code: number): void {
    if (this.readyState >= 2) return;
    this.readyState = 3;
    this.joined.clear();
    this.onclose?.({ code, reason: "" });
  }

  say(message: unknown): void {
    if (this.readyState === 1 && !this.deaf) this.onmessage?.({ data: JSON.stringify(message) });
  }

  deliver(event: SessionEvent): void {
    if (this.skip > 0) this.skip -= 1;
    else this.say(event);
  }

  commands(type: string): Sent[] {
    return this.sent.filter((command) => command.type === type);
  }

  #open(): void {
    if (this.readyState !== 0) return;
    const { door } = this.server;
    if (door === "lost") return this.lose(1006);
    this.readyState = 1;
    this.onopen?.(undefined as never);
    if (typeof door === "number") return this.lose(door);
    if (this.token !== this.server.access) return this.lose(4501);
    this.say({ type: "welcome", data: this.server.welcome() });
  }

  #answer(command: Sent): void {
    const { type, id, data } = command;
    const refusal = this.server.refusal(command);
    if (refusal) return this.say({ type: "error", id, error: refusal });
    const reply = (kind: string, answer: unknown): void => this.say({ type: kind, id, data: answer });
    const session = this.server.sessions.get(data["session_id"] as string);
    if (type === "ping") return reply("pong", data);
    if (type === "authenticate") {
      if (data["token"] !== this.server.access) return this.lose(4501);
      return reply("welcome", this.server.welcome());
    }
    if (session === undefined) {
      return this.say({
        type: "error",
        id,
        error: { code: "not_found", message: "no such session", retryable: false },
      });
    }
    if (type === "leave_session") {
      this.joined.delete(session.id);
      return reply("session_left", { session_id: session.id });
    }
    if (type === "start_evaluation") {
      return reply("evaluation_started", { session_id: session.id, run_id: "run-1" });
    }
    if (type === "join_session") {
      const again = this.joined.has(session.id);
      const [joined, from] = this.server.position(session, data["epoch"], data["last_seq"], false);
      this.joined.add(session.id);
      reply("session_joined", again ? { ...joined, recovered: false } : joined);
      if (from === null || again) return;
      for (const event of session.events.slice(from)) this.deliver(event);
    }
  }
}
