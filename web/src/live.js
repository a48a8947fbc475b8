// The socket side: one session is watched until its run ends, over as many connections as it takes.

const PROTOCOL = "judge-auditor.v1";
const PAGE = 500;

const NO_RETURN = {
  4500: "The server did not understand this page. Please reload it.",
  4501: "Please log in again.",
  4503: "You were logged out.",
  4504: "You have too many connections open. Close another tab and start again.",
};

function base64url(text) {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Watches a session. `onEvent(event)` is called once for each event, in order and without holes;
 * `onReset()` before the whole log comes again; `onState(sentence | null)` with what the connection
 * does; `onGone(code, sentence)` when it is no use to come back.
 */
export class Watch {
  #api;
  #session;
  #on;
  #socket = null;
  #timer = null;
  #stopped = false;
  #epoch = null;
  #position = 0;
  #reloading = false;
  #attempts = 0;
  #reconnect = { min_ms: 500, max_ms: 30_000 };
  #delay = null;

  constructor(api, session, handlers) {
    this.#api = api;
    this.#session = session;
    this.#on = handlers;
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
  }

  async #connect() {
    let token;
    try {
      token = await this.#api.token();
    } catch (refused) {
      if (refused.status === 401) return this.#gone(4501);
      return this.#later();
    }
    if (this.#stopped) return;
    const url = location.origin.replace(/^http/, "ws") + "/ws";
    const socket = new WebSocket(url, [PROTOCOL, `base64url.bearer.${base64url(token)}`]);
    this.#socket = socket;
    // A late word of an earlier connection is nobody's.
    socket.onmessage = (message) => socket === this.#socket && this.#hear(JSON.parse(message.data));
    socket.onclose = (close) => socket === this.#socket && this.#closed(close.code);
  }

  #send(type, data) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type, id: type, data }));
    }
  }

  #join() {
    const data = { session_id: this.#session, last_seq: this.#position };
    if (this.#epoch) data.epoch = this.#epoch;
    this.#send("join_session", data);
  }

  #hear(message) {
    if (this.#stopped) return;
    if (message.seq !== undefined) {
      // What comes live while the log is being read stands in the log, or comes with the next join.
      if (!this.#reloading) this.#event(message);
      return;
    }
    const { type, data } = message;
    if (type === "welcome") {
      if (message.id) return;
      this.#attempts = 0;
      this.#reloading = false;
      this.#reconnect = data.reconnect;
      this.#join();
    } else if (type === "session_joined") {
      this.#on.onState(null);
      this.#reloading = Boolean(data.reason);
      if (data.recovered) this.#epoch = data.epoch;
      else if (data.reason) this.#reload();
    } else if (type === "token_expiring") {
      this.#api
        .refresh()
        .then(() => this.#api.token())
        .then((token) => this.#send("authenticate", { token }))
        .catch(() => {});
    } else if (type === "drain") {
      this.#delay = data.reconnect_after_ms;
    } else if (type === "session_closed") {
      this.#gone(0, "This audit was deleted.");
    } else if (type === "error" && message.id === "join_session") {
      if (message.error.retryable) this.#socket.close(1000);
      else this.#gone(0, message.error.message);
    }
  }

  #event(event) {
    if (event.session_id !== this.#session || event.seq <= this.#position) return;
    if (event.seq !== this.#position + 1) return this.#socket.close(1000);
    this.#epoch = event.epoch;
    this.#position = event.seq;
    this.#on.onEvent(event);
  }

  /** The position is no good: read the log by REST from its beginning and join where it ends. */
  async #reload() {
    this.#on.onReset();
    this.#position = 0;
    const socket = this.#socket;
    try {
      let page;
      do {
        const query = `after_seq=${this.#position}&limit=${PAGE}`;
        page = await this.#api.call("GET", `/evaluations/${this.#session}/events?${query}`);
        this.#epoch = page.epoch;
        for (const event of page.events) if (!this.#stopped) this.#event(event);
      } while (page.events.length > 0 && !this.#stopped);
      if (socket === this.#socket && !this.#stopped) this.#rejoin();
    } catch {
      socket.close(1000);
    }
  }

  /** A second join on the same connection answers with the position only, so it leaves first. */
  #rejoin() {
    this.#send("leave_session", { session_id: this.#session });
    this.#join();
  }

  #closed(code) {
    if (this.#stopped) return;
    if (code in NO_RETURN) return this.#gone(code);
    // Its time was over, or is about to be: come back with a new token.
    if (code === 4401) return this.#api.refresh().then(() => this.#connect(), () => this.#later());
    this.#later();
  }

  /** Full jitter: any wait up to a bound that doubles, so that clients do not come back together. */
  #later() {
    const bound = Math.min(this.#reconnect.max_ms, this.#reconnect.min_ms * 2 ** this.#attempts);
    const wait = this.#delay ?? Math.random() * bound;
    this.#delay = null;
    this.#attempts += 1;
    this.#on.onState("The connection is lost; coming back…");
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #gone(code, sentence = NO_RETURN[code]) {
    this.stop();
    this.#on.onGone(code, sentence);
  }
}
