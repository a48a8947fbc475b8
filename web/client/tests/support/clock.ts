// A clock that goes when it is told to.

import type { Timers } from "../../src/index.js";

interface Task {
  at: number;
  run: () => void;
}

/** Lets everything that is ready happen: promises, and streams that wait for them. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 12; round += 1) await new Promise((done) => setImmediate(done));
}

export class FakeClock implements Timers {
  time = Date.UTC(2026, 2, 1, 9, 30);
  readonly #tasks = new Map<number, Task>();
  #ids = 0;

  readonly now = (): number => this.time;

  setTimeout(run: () => void, ms: number): number {
    this.#ids += 1;
    this.#tasks.set(this.#ids, { at: this.time + ms, run });
    return this.#ids;
  }

  clearTimeout(timer: never): void {
    this.#tasks.delete(timer);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#tasks.size;
  }

  /** Goes on, one timer after the other. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await settle();
      const due = [...this.#tasks].filter(([, task]) => task.at <= end);
      const [next] = due.sort(([a, one], [b, other]) => one.at - other.at || a - b);
      if (next === undefined) break;
      this.#tasks.delete(next[0]);
      this.time = Math.max(this.time, next[1].at);
      next[1].run();
    }
    this.time = end;
    await settle();
  }
}

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
