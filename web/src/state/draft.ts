// The audit that is being prepared: kept while one looks elsewhere, and by nobody else.

import { effect, signal } from "@preact/signals";
import type { AggregationStrategy, Id } from "judge-auditor-client";
import { user } from "./session";

export interface Draft {
  source: string;
  candidate: string;
  question: string;
  /** Null where the choice is left to the preferences. */
  judges: string[] | null;
  strategy: AggregationStrategy | undefined | null;
  retrieval: boolean | null;
  /** What counts beside the source: null for nothing, undefined where it is left to the preferences. */
  collection: Id | null | undefined;
  /** The audit that was made of it to see what it costs, and has not been run. */
  made: Id | null;
}

const EMPTY: Draft = { source: "", candidate: "", question: "", judges: null, strategy: null, retrieval: null, collection: undefined, made: null };

export const draft = signal<Draft>(EMPTY);

export function write(changes: Partial<Draft>) {
  draft.value = { ...draft.value, ...changes };
}

export function clearDraft() {
  draft.value = EMPTY;
}

/** An audit begins: what it was made of is done with. */
export function begun(id: Id) {
  if (draft.value.made === id) clearDraft();
}

let owner: Id | null = null;
effect(() => {
  const who = user.value?.id ?? null;
  // A login that ended is gone on with by the same person.
  if (who === null || who === owner) return;
  owner = who;
  clearDraft();
});
