// The one connection of a client: a socket for all sessions, and event streams where there can be none.

import type { Auth } from "./auth.js";
import { Channel, type Log } from "./channel.js";
import { type Bounds, type Clock, Listeners, fullJitter } from "./clock.js";
import { AuditorError, asAuditorError } from "./errors.js";
import { Follower } from "./follower.js";
import type {
  ConnectionState,
  Follow,
  FollowOptions,
  Page,
  WebSocketConstructor,
} from "./options.js";
import { EventStream, type OpenStream, STABLE_MS } from "./stream.js";
import type { Commands, Control, Id, ReplyData, Welcome } from "./types.js";
import { Wire } from "./wire.js";

/** So many sockets in a row that came to nothing before SSE is tried. */
const TRIES = 3;
/** How long a connection that nobody needs any more is kept for the next one. */
const LINGER_MS = 5_000;
/** Between tries of a refresh that could not reach the server. */
const REFRESH_AGAIN_MS = 5_000;

export interface Parts {
  auth: Auth;
  clock: Clock;
  log: Log;
  openStream: OpenStream;
  WebSocket: WebSocketConstructor | null;
  socketUrl: () => string;
  page: Page;
}

export class Connection {
  readonly #parts: Parts;
  readonly #listeners = new Listeners<ConnectionState>();
  readonly #channels = new Map<Id, Channel>();
  #state: ConnectionState = { kind: "idle" };
  #wire: Wire | null = null;
  /** Event streams by session, while there is no socket. */
  #streams: Map<Id, EventStream> | null = null;
  #bounds: Bounds = { min_ms: 500, max_ms: 30_000 };
  /** Tries since the last connection that held. */
  #attempts = 0;
  /** Sockets in a row that came to nothing. */
  #failures = 0;
  #badTokens = 0;
  /** Counts tries, so that a late answer to an earlier one is nobody's. */
  #ticket = 0;
  #trying = false;
  #closed = false;
  #cancelTry: () => void = () => {};
  #cancelRefresh: () => void = () => {};
  #cancelDrain: () => void = () => {};
  #cancelLinger: () => void = () => {};
  readonly #forgetPage: () => void;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.auth.onRenewed((token) => {
      this.#wire?.authenticate(token);
      if (this.#wire?.welcomed) this.#planRefresh();
      else if (this.#state.kind === "signed_out") this.retry();
    });
    parts.auth.onSignedOut(() => this.#stop({ kind: "signed_out" }));
    this.#forgetPage = this.#heedPage(parts.page);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Called with each new state. The answer stops listening. */
  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Tries now instead of later, also after `refused`. */
  retry(): void {
    const { kind } = this.#state;
    if (this.#closed || this.#wire !== null || this.#trying) return;
    if (kind === "refused" || kind === "signed_out") this.#attempts = this.#badTokens = 0;
    if (this.#channels.size === 0) return this.#become({ kind: "idle" });
    void this.#connect();
  }

  /** @internal */
  follow(id: Id, options: FollowOptions): Follow {
    if (this.#closed) throw new TypeError("the client is closed");
    const follower = new Follower(options);
    let channel = this.#channels.get(id);
    const isNew = channel === undefined;
    channel ??= new Channel(id, this.#parts.log, this.#parts.clock, () => this.#forget(id));
    channel.add(follower);
    if (isNew) this.#take(channel);
    const follows = channel;
    return {
      sessionId: id,
      get state() {
        return follower.state;
      },
      get position() {
        return follower.position;
      },
      close: () => {
        follower.close();
        if (!follows.followers.delete(follower) || follows.followers.size > 0) return;
        follows.leave();
        this.#forget(id);
      },
    };
  }

  /** @internal A command over the socket; null where it is not there. */
  command<Type extends keyof Commands>(
    type: Type,
    data: Commands[Type]["data"],
  ): Promise<ReplyData[Commands[Type]["reply"]]> | null {
    const wire = this.#wire;
    if (!wire?.welcomed) return null;
    return new Promise((resolve, reject) => {
      wire.send(type, data, (error, reply) => (error ? reject(error) : resolve(reply as never)));
    });
  }

  /** @internal Ends everything for good. */
  close(): void {
    this.#closed = true;
    this.#forgetPage();
    for (const channel of [...this.#channels.values()]) channel.close("left");
    this.#stop({ kind: "idle" });
  }

  #take(channel: Channel): void {
    this.#channels.set(channel.id, channel);
    this.#cancelLinger();
    if (this.#wire?.welcomed) channel.attach(this.#wire);
    else if (this.#streams) this.#stream(channel, this.#streams);
    else if (!this.#parts.auth.signedIn) this.#become({ kind: "signed_out" });
    else if (this.#state.kind === "idle") void this.#connect();
  }

  #forget(id: Id): void {
    this.#channels.delete(id);
    this.#streams?.get(id)?.stop();
    this.#streams?.delete(id);
    if (this.#channels.size > 0 || this.#closed) return;
    this.#cancelLinger();
    this.#cancelLinger = this.#parts.clock.after(LINGER_MS, () => {
      if (!["refused", "signed_out"].includes(this.#state.kind)) this.#stop({ kind: "idle" });
    });
  }

  #become(state: ConnectionState): void {
    if (state.kind === this.#state.kind && JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#listeners.emit(state);
  }

  #stop(state: ConnectionState): void {
    this.#ticket += 1;
    this.#trying = false;
    this.#cancelTry();
    this.#cancelLinger();
    this.#drop();
    this.#stopStreams();
    for (const channel of this.#channels.values()) channel.detach();
    this.#become(state);
  }

  /** Ends the socket, without a word of it to anybody. */
  #drop(): void {
    this.#cancelRefresh();
    this.#cancelDrain();
    this.#wire?.close();
    this.#wire = null;
  }

  async #connect(): Promise<void> {
    const { auth, clock, WebSocket, socketUrl } = this.#parts;
    this.#cancelTry();
    const ticket = (this.#ticket += 1);
    const stale = (): boolean => ticket !== this.#ticket;
    if (!this.#streams) this.#become({ kind: "connecting", attempt: this.#attempts });
    this.#trying = true;
    let token: string;
    try {
      token = await auth.token();
    } catch (thrown) {
      if (stale()) return;
      this.#trying = false;
      const error = asAuditorError(thrown);
      if (error.status === 401) return this.#stop({ kind: "signed_out" });
      return this.#later(error);
    }
    if (stale()) return;
    this.#trying = false;
    if (WebSocket === null) return this.#openStreams();
    let since: number | null = null;
    try {
      const wire = new Wire(WebSocket, socketUrl(), token, clock, {
        welcome: (data) => {
          since = clock.now();
          this.#welcome(wire, data);
        },
        event: (event) => this.#channels.get(event.session_id)?.event(event),
        control: (message) => this.#control(message),
        closed: (code) => {
          if (code === 4401) auth.distrust(token);
          this.#wire = null;
          this.#lost(code, since === null ? null : clock.now() - since);
        },
      });
      this.#wire = wire;
    } catch {
      // A page's policy can forbid the socket.
      this.#lost(1006, null);
    }
  }

  #welcome(wire: Wire, data: Welcome): void {
    this.#failures = this.#badTokens = 0;
    this.#bounds = data.reconnect;
    this.#stopStreams();
    this.#become({ kind: "online" });
    this.#planRefresh();
    for (const channel of [...this.#channels.values()]) channel.attach(wire);
  }

  #control(message: Control): void {
    const { clock } = this.#parts;
    if (message.type === "session_closed") {
      this.#channels.get(message.data.session_id)?.close(message.data.reason);
    } else if (message.type === "token_expiring") {
      this.#planRefresh();
    } else if (message.type === "drain") {
      const wait = message.data.reconnect_after_ms;
      this.#become({ kind: "draining", until: clock.now() + wait });
      this.#cancelDrain();
      this.#cancelDrain = clock.after(wait, () => {
        this.#drop();
        for (const channel of this.#channels.values()) channel.detach();
        void this.#connect();
      });
    }
  }

  /** A socket is at its end. `lived`: for how long it was good; null: it never was. */
  #lost(code: number, lived: number | null): void {
    const { auth } = this.#parts;
    this.#cancelRefresh();
    this.#cancelDrain();
    if (lived !== null) for (const channel of this.#channels.values()) channel.detach();
    if (code === 4503) {
      const message = "The login has ended.";
      return auth.end(new AuditorError("unauthenticated", message, { status: 401 }));
    }
    // Whatever stands in the socket's way, the streams work.
    if (this.#streams) return this.#probeLater();
    if (code === 4501 && (this.#badTokens += 1) === 1) return void this.#askForToken();
    if ((code >= 4500 && code < 4600) || code === 1003 || code === 1009) {
      return this.#stop({ kind: "refused", code });
    }
    if (this.#channels.size === 0) return this.#stop({ kind: "idle" });
    if (lived === null) this.#failures += 1;
    else if (lived >= STABLE_MS) this.#attempts = 0;
    if (this.#failures >= TRIES) {
      this.#openStreams();
    } else {
      this.#later();
    }
  }

  /** A token that is not taken may be of a login that was ended meanwhile; REST tells. */
  async #askForToken(): Promise<void> {
    const ticket = (this.#ticket += 1);
    this.#trying = true;
    this.#become({ kind: "connecting", attempt: this.#attempts });
    try {
      await this.#parts.auth.refresh();
      if (ticket === this.#ticket) void this.#connect();
    } catch (thrown) {
      if (ticket !== this.#ticket) return;
      this.#trying = false;
      const error = asAuditorError(thrown);
      if (error.status === 401) this.#stop({ kind: "signed_out" });
      else this.#later(error);
    }
  }

  #later(error?: AuditorError): void {
    const { clock } = this.#parts;
    if (this.#streams) return this.#probeLater();
    if (this.#channels.size === 0) return this.#stop({ kind: "idle" });
    const wait = Math.max(fullJitter(this.#attempts, this.#bounds, clock), error?.retryAfterMs ?? 0);
    this.#attempts += 1;
    this.#cancelTry();
    this.#cancelTry = clock.after(wait, () => void this.#connect());
    this.#become({ kind: "waiting", retryAt: clock.now() + wait, attempt: this.#attempts });
  }

  #openStreams(): void {
    this.#streams = new Map();
    for (const channel of this.#channels.values()) this.#stream(channel, this.#streams);
  }

  #stream(channel: Channel, streams: Map<Id, EventStream>): void {
    const { clock, openStream } = this.#parts;
    const stream = new EventStream(channel, openStream, clock, {
      up: () => {
        if (this.#state.kind === "fallback") return;
        this.#become({ kind: "fallback" });
        this.#attempts = 0;
        this.#probeLater();
      },
      trouble: (error) => {
        if (this.#streams !== streams) return;
        // A socket may be on its way just now.
        this.#ticket += 1;
        this.#trying = false;
        this.#drop();
        this.#stopStreams();
        for (const each of this.#channels.values()) each.detach();
        this.#later(error);
      },
    });
    streams.set(channel.id, stream);
  }

  /** One of these times the socket can be had again. */
  #probeLater(): void {
    const { clock, WebSocket } = this.#parts;
    this.#cancelTry();
    const wait = this.#bounds.max_ms * (1 + clock.random());
    if (WebSocket) this.#cancelTry = clock.after(wait, () => void this.#connect());
  }

  #stopStreams(): void {
    const streams = this.#streams;
    this.#streams = null;
    for (const stream of streams?.values() ?? []) stream.stop();
  }

  /** The token of a live socket is replaced before its end; the socket learns of it by `onRenewed`. */
  #planRefresh(wait = this.#parts.auth.refreshIn): void {
    const { auth, clock } = this.#parts;
    this.#cancelRefresh();
    this.#cancelRefresh = clock.after(wait, () => {
      auth.refresh().catch((thrown: unknown) => {
        const error = asAuditorError(thrown);
        if (!this.#wire?.welcomed || !error.retryable) return;
        this.#planRefresh(error.retryAfterMs ?? REFRESH_AGAIN_MS);
      });
    });
  }

  /** A network that is back, or a page that is looked at again, is a reason to try at once. */
  #heedPage({ window, document }: Page): () => void {
    const early = (): void => {
      if (document?.visibilityState === "hidden") return;
      if (this.#wire?.welcomed) this.#wire.probe();
      else if (["waiting", "fallback"].includes(this.#state.kind)) this.retry();
    };
    window?.addEventListener("online", early);
    document?.addEventListener("visibilitychange", early);
    return () => {
      window?.removeEventListener("online", early);
      document?.removeEventListener("visibilitychange", early);
    };
  }
}
