// Time and chance, which tests replace.

import type { ClientOptions, Timers } from "./options.js";

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** 0 up to 1. */
  random(): number;
  /** Does the task once, later; the answer cancels it. */
  after(ms: number, task: () => void): () => void;
}

/** Longer waits overflow the runtimes' timers, which then fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function makeClock(options: Pick<ClientOptions, "now" | "random" | "timers">): Clock {
  const timers: Timers = options.timers ?? {
    setTimeout: (task, ms) => globalThis.setTimeout(task, ms),
    clearTimeout: (timer) => globalThis.clearTimeout(timer),
  };
  return {
    now: options.now ?? (() => Date.now()),
    random: options.random ?? (() => Math.random()),
    after(ms, task) {
      const wait = Math.min(LONGEST_TIMER_MS, Math.max(0, ms));
      const timer = timers.setTimeout(task, wait);
      return () => timers.clearTimeout(timer as never);
    },
  };
}

/** Bounds of the wait before a try. */
export interface Bounds {
  min_ms: number;
  max_ms: number;
}

/** Full jitter: any wait up to a bound that doubles, so that clients do not come back together. */
export function fullJitter(attempt: number, bounds: Bounds, clock: Clock): number {
  const bound = Math.min(bounds.max_ms, bounds.min_ms * 2 ** Math.min(attempt, 30));
  return clock.random() * bound;
}

/** Whoever listens to something. */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** The answer stops it. */
  add(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: Event): void {
    for (const listener of [...this.#listeners]) guarded(() => listener(event));
  }
}

/** A fault in the caller's own function is the caller's: it is reported, and nothing here stops. */
export function guarded(task: () => void): void {
  try {
    task();
  } catch (fault) {
    const report = globalThis.reportError as typeof globalThis.reportError | undefined;
    if (report) return report(fault);
    queueMicrotask(() => {
      throw fault;
    });
  }
}
