// One session's log on its way to those who follow it: where it stands, and how it goes on after a drop.

import { type Clock, fullJitter } from "./clock.js";
import { AuditorError, asAuditorError } from "./errors.js";
import { Follower } from "./follower.js";
import type { FollowState } from "./options.js";
import type { Evaluation, EventsPage, Id, NotRecovered, SessionEvent, SessionJoined } from "./types.js";
import type { Wire } from "./wire.js";

const PAGE = 500;
const BACK_OFF = { min_ms: 500, max_ms: 30_000 };
/** So often the same place of the log is asked for in vain before it counts as unreadable. */
const PATIENCE = 8;

/** The log by REST. */
export interface Log {
  get(id: Id): Promise<Evaluation>;
  events(id: Id, query: { afterSeq: number; limit: number }): Promise<EventsPage>;
}

/** How the channel asks for what is behind its position. */
type Source = { wire: Wire; joined: boolean } | { reopen: () => void };

export class Channel {
  readonly followers = new Set<Follower>();
  #epoch: string | undefined;
  /** The last event that came, of this epoch. */
  #cursor = 0;
  #source: Source | null = null;
  /** Whether events that come are behind the cursor; not while a join or a reading is under way. */
  #accepting = false;
  /** The end of the log when it was joined. */
  #end = 0;
  /** Counts beginnings, so that a late answer to an earlier one is nobody's. */
  #ticket = 0;
  #attempts = 0;
  #cancelRetry: () => void = () => {};

  constructor(
    readonly id: Id,
    private readonly log: Log,
    private readonly clock: Clock,
    /** Called when the channel closes by itself. */
    private readonly onClosed: () => void,
  ) {}

  get position(): { epoch: string | undefined; lastSeq: number } {
    return { epoch: this.#epoch, lastSeq: this.#cursor };
  }

  add(follower: Follower): void {
    const first = this.followers.size === 0;
    this.followers.add(follower);
    if (first) {
      ({ epoch: this.#epoch, lastSeq: this.#cursor } = follower.position);
    } else if (follower.needsReset(this.#epoch)) {
      void this.#resetLate(follower);
    } else {
      this.#lower(follower.position.lastSeq);
      if (this.#accepting) follower.tell({ kind: "live" });
    }
  }

  /** A connection of the socket is there. */
  attach(wire: Wire): void {
    this.detach();
    this.#source = { wire, joined: false };
    this.#join();
  }

  /** An event stream is being opened; `reopen` opens it anew at the channel's position. */
  attachStream(reopen: () => void): void {
    this.detach();
    this.#source = { reopen };
    this.#tell({ kind: "joining" });
  }

  /** The connection is gone. */
  detach(): void {
    this.#source = null;
    this.#halt();
    this.#tell({ kind: "joining" });
  }

  /** Nobody follows any more. */
  leave(): void {
    const source = this.#source;
    this.#halt();
    this.#source = null;
    if (source && "wire" in source && source.joined) {
      source.wire.send("leave_session", { session_id: this.id }, () => {});
    }
  }

  /** There is nothing more to come. */
  close(reason: string, error?: AuditorError): void {
    this.leave();
    const followers = [...this.followers];
    this.followers.clear();
    for (const follower of followers) {
      follower.tell(error ? { kind: "closed", reason, error } : { kind: "closed", reason });
    }
    this.onClosed();
  }

  /** Each event that comes. */
  event(event: SessionEvent): void {
    if (!this.#accepting) return;
    // Its own epoch says nothing: an event that was in a backup keeps the one it was written with.
    if (event.seq > this.#cursor + 1) return this.#again();
    this.#pass(event);
    if (this.#accepting && this.#cursor >= this.#end) this.#tell({ kind: "live" });
  }

  /** The first message of an event stream. What comes after a gap is the log from its beginning. */
  async streamJoined(joined: SessionJoined): Promise<void> {
    const ticket = (this.#ticket += 1);
    this.#accepting = false;
    if (joined.reason !== undefined) await this.#reset(joined.reason, ticket);
    if (ticket === this.#ticket) this.#joined(joined);
  }

  /** Something stands in the way: a refusal, or no answer. */
  failed(error: AuditorError): void {
    if (error.code === "not_found") return this.close("not_found", error);
    // The connection looks after the login, and joins when it is there again.
    if (error.status === 401 || ["token_expired", "unauthenticated"].includes(error.code)) return;
    if (!error.retryable) return this.close(error.code, error);
    this.#again(error);
  }

  #halt(): void {
    this.#ticket += 1;
    this.#accepting = false;
    this.#cancelRetry();
  }

  #join(): void {
    const source = this.#source;
    if (source === null) return;
    if ("reopen" in source) return source.reopen();
    this.#halt();
    const ticket = this.#ticket;
    this.#tell({ kind: "joining" });
    const session_id = this.id;
    // A second join on one connection would answer with the position only.
    if (source.joined) source.wire.send("leave_session", { session_id }, () => {});
    source.joined = true;
    const known = this.#cursor > 0 && this.#epoch !== undefined;
    const position = known ? { epoch: this.#epoch as string, last_seq: this.#cursor } : { last_seq: 0 };
    source.wire.send("join_session", { session_id, ...position }, (error, joined) => {
      if (ticket !== this.#ticket) return;
      if (error) return this.failed(error);
      if (joined?.reason === undefined) return this.#joined(joined as SessionJoined);
      this.#epoch ??= joined.epoch;
      void this.#recover(joined.reason, ticket);
    });
  }

  #joined(joined: SessionJoined): void {
    this.#epoch = joined.epoch;
    this.#end = joined.last_seq;
    this.#accepting = true;
    for (const follower of [...this.followers]) {
      if (follower.needsReset(joined.epoch)) void this.#resetLate(follower);
      follower.joined(joined);
    }
    if (this.#cursor >= this.#end) this.#tell({ kind: "live" });
  }

  /** What the socket does not replay is read by REST; then the session is joined where that ends. */
  async #recover(reason: NotRecovered, ticket: number): Promise<void> {
    this.#tell({ kind: "recovering" });
    try {
      if (reason !== "too_far_behind") await this.#reset(reason, ticket);
      for (let end = Infinity; this.#cursor < end && ticket === this.#ticket; ) {
        const page = await this.log.events(this.id, { afterSeq: this.#cursor, limit: PAGE });
        if (ticket !== this.#ticket) return;
        if (page.epoch !== this.#epoch) {
          await this.#reset("epoch_mismatch", ticket);
          continue;
        }
        for (const event of page.events) {
          if (ticket !== this.#ticket) return;
          if (event.seq > this.#cursor + 1) throw unreadable();
          this.#pass(event);
        }
        end = page.events.length === 0 ? this.#cursor : page.last_seq;
      }
      if (ticket === this.#ticket) this.#join();
    } catch (error) {
      if (ticket === this.#ticket) this.failed(asAuditorError(error));
    }
  }

  /** Another log than the one that was known: it is followed from its beginning. */
  async #reset(reason: NotRecovered, ticket: number): Promise<void> {
    const evaluation = await this.log.get(this.id);
    if (ticket !== this.#ticket) return;
    this.#epoch = evaluation.epoch;
    this.#cursor = 0;
    for (const follower of [...this.followers]) {
      if (follower.position.lastSeq > 0) follower.reset({ reason, evaluation });
    }
  }

  /** One of several followers comes from another log than the others. */
  async #resetLate(follower: Follower): Promise<void> {
    if (follower.held) return;
    follower.held = true;
    try {
      const evaluation = await this.log.get(this.id);
      if (!this.followers.has(follower)) return;
      follower.reset({ reason: "epoch_mismatch", evaluation });
      this.#lower(0);
    } catch (error) {
      follower.held = false;
      if (this.followers.has(follower)) this.failed(asAuditorError(error));
    }
  }

  /** Goes back for a follower that has less than the others, who ignore what they have. */
  #lower(cursor: number): void {
    if (cursor >= this.#cursor) return;
    this.#cursor = cursor;
    this.#join();
  }

  #pass(event: SessionEvent): void {
    if (event.seq <= this.#cursor) return;
    this.#cursor = event.seq;
    this.#attempts = 0;
    for (const follower of [...this.followers]) follower.take(event, this.#epoch ?? event.epoch);
  }

  #again(error?: AuditorError): void {
    this.#halt();
    this.#tell({ kind: "joining" });
    if (this.#attempts >= PATIENCE && error === undefined) {
      const fault = unreadable();
      return this.close(fault.code, fault);
    }
    const wait = fullJitter(this.#attempts, BACK_OFF, this.clock);
    this.#attempts += 1;
    const least = error?.retryAfterMs ?? 0;
    this.#cancelRetry = this.clock.after(Math.max(wait, least), () => this.#join());
  }

  #tell(state: FollowState): void {
    for (const follower of [...this.followers]) follower.tell(state);
  }
}

function unreadable(): AuditorError {
  return new AuditorError("bad_answer", "The server's log has an event that can't be read.");
}
