// A session's log as SSE, for networks that break WebSockets.

import type { Channel } from "./channel.js";
import { type Clock, fullJitter } from "./clock.js";
import { decode } from "./decode.js";
import { AuditorError, asAuditorError } from "./errors.js";
import { dataOf } from "./sse.js";
import type { Id } from "./types.js";

const BACK_OFF = { min_ms: 500, max_ms: 30_000 };
/** The server speaks each 25 s at least. */
const SILENCE_MS = 33_000;
/** A stream that lived so long was a good one. */
export const STABLE_MS = 10_000;

export type OpenStream = (
  id: Id,
  position: { epoch: string | undefined; lastSeq: number },
  signal: AbortSignal,
) => Promise<ReadableStream<Uint8Array>>;

export interface StreamHandlers {
  /** The stream is there. */
  up(): void;
  /** It can't be had, or broke. */
  trouble(error: AuditorError): void;
}

export class EventStream {
  #abort = new AbortController();
  #cancelWatch: () => void = () => {};
  #cancelNext: () => void = () => {};
  #stopped = false;
  #attempts = 0;

  constructor(
    private readonly channel: Channel,
    private readonly open: OpenStream,
    private readonly clock: Clock,
    private readonly handlers: StreamHandlers,
  ) {
    channel.attachStream(() => this.#reopen());
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#halt();
  }

  #halt(): void {
    this.#abort.abort();
    this.#cancelWatch();
    this.#cancelNext();
  }

  #reopen(): void {
    this.#halt();
    if (this.#stopped) return;
    this.#abort = new AbortController();
    void this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    const began = this.clock.now();
    let heard = began;
    const watch = (): void => {
      const left = heard + SILENCE_MS - this.clock.now();
      if (left > 0) this.#cancelWatch = this.clock.after(left, watch);
      else this.#trouble(AuditorError.network());
    };
    watch();
    let fault: AuditorError | null = null;
    try {
      const body = await this.open(this.channel.id, this.channel.position, signal);
      for await (const data of dataOf(body)) {
        if (signal.aborted) return;
        heard = this.clock.now();
        await this.#hear(data);
        if (signal.aborted) return;
      }
    } catch (thrown) {
      fault = asAuditorError(thrown);
    }
    if (!signal.aborted) this.#ended(fault, this.clock.now() - began);
  }

  async #hear(data: string): Promise<void> {
    const message = decode(data);
    if (message === null) return;
    if ("seq" in message) return this.channel.event(message);
    switch (message.type) {
      case "session_joined":
        await this.channel.streamJoined(message.data);
        return this.handlers.up();
      case "session_closed":
        return this.channel.close(message.data.reason);
      case "error":
        throw AuditorError.ofCommand(message.error);
      case "drain": {
        const leave = (): void => this.#trouble(AuditorError.network());
        this.#cancelNext();
        this.#cancelNext = this.clock.after(message.data.reconnect_after_ms, leave);
      }
    }
  }

  #trouble(error: AuditorError): void {
    this.#halt();
    if (!this.#stopped) this.handlers.trouble(error);
  }

  #ended(fault: AuditorError | null, lived: number): void {
    this.#halt();
    if (this.#stopped) return;
    // The token's time ends a stream; the next one is opened with a new token.
    const told = fault !== null && ["token_expired", "unauthenticated"].includes(fault.code);
    if (fault === null || (told && fault.status === 0)) {
      if (lived >= STABLE_MS) this.#attempts = 0;
      const wait = fullJitter(this.#attempts, BACK_OFF, this.clock);
      this.#attempts += 1;
      this.#cancelNext = this.clock.after(wait, () => this.#reopen());
    } else if (fault.retryable) {
      this.handlers.trouble(fault);
    } else {
      this.channel.failed(fault);
    }
  }
}
