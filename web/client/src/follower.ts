// One caller's place in a session's log: it gets each event once.

import { guarded } from "./clock.js";
import type { FollowOptions, FollowState, Gap } from "./options.js";
import type { SessionEvent, SessionJoined } from "./types.js";

export class Follower {
  readonly #options: FollowOptions;
  #epoch: string | undefined;
  #lastSeq: number;
  #state: FollowState = { kind: "joining" };
  #closed = false;
  /** While its new beginning is under way it takes nothing. */
  held = false;

  constructor(options: FollowOptions) {
    const { epoch, lastSeq = 0 } = options;
    if (!Number.isSafeInteger(lastSeq) || lastSeq < 0) {
      throw new TypeError("lastSeq must be 0, 1, 2…");
    }
    if (lastSeq > 0 && epoch === undefined) throw new TypeError("a lastSeq over 0 needs its epoch");
    this.#options = options;
    this.#epoch = epoch;
    this.#lastSeq = lastSeq;
  }

  get state(): FollowState {
    return this.#state;
  }

  get position(): { epoch: string | undefined; lastSeq: number } {
    return { epoch: this.#epoch, lastSeq: this.#lastSeq };
  }

  /** Whether what it has is of another log. */
  needsReset(epoch: string | undefined): boolean {
    return this.#lastSeq > 0 && epoch !== undefined && this.#epoch !== epoch;
  }

  take(event: SessionEvent, epoch: string): void {
    if (this.#closed || this.held || this.needsReset(epoch)) return;
    if (event.seq !== this.#lastSeq + 1) return;
    // First the place, then the caller's function, which may ask for it.
    this.#epoch = epoch;
    this.#lastSeq = event.seq;
    guarded(() => this.#options.onEvent(event));
  }

  reset(gap: Gap): void {
    this.held = false;
    this.#epoch = gap.evaluation.epoch;
    this.#lastSeq = 0;
    if (!this.#closed) guarded(() => this.#options.onGap?.(gap));
  }

  joined(joined: SessionJoined): void {
    if (!this.#closed) guarded(() => this.#options.onJoined?.(joined));
  }

  tell(state: FollowState): void {
    if (this.#closed || (state.kind === this.#state.kind && state.kind !== "closed")) return;
    this.#state = state;
    this.#closed = state.kind === "closed";
    guarded(() => this.#options.onState?.(state));
  }

  /** By its own caller, who needs not be told. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#state = { kind: "closed", reason: "left" };
  }
}
