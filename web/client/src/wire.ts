// One WebSocket: from its opening to its end.

import type { Clock } from "./clock.js";
import { decode } from "./decode.js";
import { AuditorError } from "./errors.js";
import type { WebSocketConstructor, WebSocketLike } from "./options.js";
import type { Commands, Control, ReplyData, ServerMessage, SessionEvent, Welcome } from "./types.js";

const PROTOCOL = "judge-auditor.v1";
/** For the TCP connection, the upgrade and the greeting together. */
const GREETING_MS = 15_000;
/** For an answer when there is a reason to doubt the connection. */
const PROBE_MS = 5_000;
const OPEN = 1;

type Settle = (error: AuditorError | null, data: unknown) => void;

export interface WireHandlers {
  welcome(data: Welcome): void;
  event(event: SessionEvent): void;
  control(message: Control): void;
  /** Once, at the end, whoever ended it. 1006: without a goodbye. */
  closed(code: number): void;
}

export class Wire {
  readonly #socket: WebSocketLike;
  readonly #clock: Clock;
  readonly #handlers: WireHandlers;
  readonly #waiting = new Map<string, Settle>();
  /** The last access token that the server was given here. */
  #token: string;
  #ids = 0;
  #heard: number;
  #timeout = GREETING_MS;
  #welcomed = false;
  #ended = false;
  #cancelWatch: () => void;
  #cancelProbe: () => void = () => {};

  constructor(
    WebSocket: WebSocketConstructor,
    url: string,
    token: string,
    clock: Clock,
    handlers: WireHandlers,
  ) {
    this.#clock = clock;
    this.#handlers = handlers;
    this.#token = token;
    this.#heard = clock.now();
    const socket = new WebSocket(url, [PROTOCOL, `base64url.bearer.${base64url(token)}`]);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#end(code);
    // `close` follows and says it all; without a listener some implementations throw.
    socket.onerror = () => {};
    this.#cancelWatch = clock.after(GREETING_MS, () => this.#watch());
  }

  get welcomed(): boolean {
    return this.#welcomed && !this.#ended;
  }

  /** Sends a command; `settle` is called once, in the order of the server's messages. */
  send<Type extends keyof Commands>(
    type: Type,
    data: Commands[Type]["data"],
    settle: (error: AuditorError | null, data?: ReplyData[Commands[Type]["reply"]]) => void,
  ): void {
    if (this.#ended || this.#socket.readyState !== OPEN) return settle(AuditorError.network());
    const id = `c${(this.#ids += 1)}`;
    this.#waiting.set(id, settle as Settle);
    this.#socket.send(JSON.stringify({ type, id, data }));
  }

  /** Goes on with a new token, on the same connection. */
  authenticate(token: string): void {
    if (!this.welcomed || token === this.#token) return;
    this.#token = token;
    // A refusal needs no answer: the server closes the connection and says why.
    this.send("authenticate", { token }, () => {});
  }

  /** Whether the other side is still there: a network that changed does not tell. */
  probe(): void {
    if (!this.welcomed) return;
    const asked = this.#clock.now();
    this.send("ping", {}, () => {});
    this.#cancelProbe();
    this.#cancelProbe = this.#clock.after(PROBE_MS, () => {
      if (this.#heard < asked) this.drop();
    });
  }

  /** Leaves; the handlers hear no more. */
  close(): void {
    this.#handlers.closed = () => {};
    this.drop();
  }

  /** As if the connection were lost. The socket's own `close` event could take minutes. */
  drop(): void {
    if (!this.#ended) this.#socket.close(1000);
    this.#end(1006);
  }

  #hear(frame: unknown): void {
    if (this.#ended) return;
    this.#heard = this.#clock.now();
    const message = decode(frame);
    if (message === null) return;
    if ("seq" in message) return this.#handlers.event(message);
    if (isControl(message)) return this.#handlers.control(message);
    if (message.type === "welcome" && !this.#welcomed) {
      this.#welcomed = true;
      this.#timeout = message.data.heartbeat.timeout_ms;
      this.#cancelWatch();
      this.#watch();
      return this.#handlers.welcome(message.data);
    }
    const settle = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (message.id === undefined || settle === undefined) return;
    this.#waiting.delete(message.id);
    if (message.type === "error") settle(AuditorError.ofCommand(message.error), undefined);
    else settle(null, message.data);
  }

  /** Looks whether anything was heard in time, and when to look again. */
  #watch(): void {
    const left = this.#heard + this.#timeout - this.#clock.now();
    if (left <= 0) return this.drop();
    this.#cancelWatch = this.#clock.after(left, () => this.#watch());
  }

  #end(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelWatch();
    this.#cancelProbe();
    this.#handlers.closed(code);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const settle of waiting) settle(AuditorError.network(), undefined);
  }
}

const CONTROL: ReadonlySet<string> = new Set(["token_expiring", "drain", "session_closed", "heartbeat"]);

export function isControl(message: ServerMessage): message is Control {
  return CONTROL.has(message.type);
}

function base64url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
