// The audit that is being prepared: kept in this tab, also over a reload, and for nobody else.

import { effect, signal } from "@preact/signals";
import type { AggregationStrategy, Id, SourceText } from "judge-auditor-client";
import { user } from "./session";

export interface Draft {
  source: string;
  /** Several with names, in place of the one. */
  sources: readonly SourceText[];
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

const EMPTY: Draft = { source: "", sources: [], candidate: "", question: "", judges: null, strategy: null, retrieval: null, collection: undefined, made: null };

export const draft = signal<Draft>(EMPTY);

/** What would take the place of texts that somebody has typed, until that is decided. */
export interface Offer {
  name: string;
  changes: Partial<Draft>;
}
export const offered = signal<Offer | null>(null);

export function write(changes: Partial<Draft>) {
  draft.value = { ...draft.value, ...changes };
}

export function clearDraft() {
  draft.value = EMPTY;
  offered.value = null;
}

/** Fills the form. What was typed, or came otherwise, is replaced only by whoever says so. */
export function offer(proposal: Offer) {
  const { source, sources, candidate, question } = draft.value;
  const filled = proposal.changes;
  const isSame = source === filled.source && candidate === filled.candidate && sources.length === (filled.sources ?? []).length;
  if (isSame || `${source}${sources.map(({ text }) => text).join("")}${candidate}${question}`.trim() === "" || isLastOffer()) accept(proposal);
  else offered.value = proposal;
}

/** Nothing is lost where an example takes the place of another one. */
let last: Partial<Draft> | null = null;
const isLastOffer = () =>
  last !== null && draft.value.source === last.source && JSON.stringify(draft.value.sources) === JSON.stringify(last.sources ?? []) && draft.value.candidate === last.candidate && draft.value.question === (last.question ?? "");

export function accept({ changes }: Offer) {
  offered.value = null;
  last = changes;
  // What is not of several sources takes their place too.
  write({ sources: [], ...changes });
}

/** An audit begins: what it was made of is done with. */
export function begun(id: Id) {
  if (draft.value.made === id) clearDraft();
}

const KEPT = "draft";

interface Kept {
  of: Id;
  draft: Draft;
}

function kept(who: Id): Draft | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Kept | null;
    return found?.of === who ? { ...EMPTY, ...found.draft } : null;
  } catch {
    return null;
  }
}

/** Writing a long text takes time that whoever types should not wait for. */
const KEEP_AFTER_MS = 300;
let timer: ReturnType<typeof setTimeout> | undefined;

function keep() {
  clearTimeout(timer);
  timer = undefined;
  // Before it is known whose it is, nothing of an earlier visit is thrown away.
  if (owner === null) return;
  try {
    if (draft.value === EMPTY) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, JSON.stringify({ of: owner, draft: draft.value } satisfies Kept));
  } catch {
    // A browser without room keeps it until the reload only.
  }
}

let owner: Id | null = null;
effect(() => {
  const who = user.value?.id ?? null;
  // A login that ended is gone on with by the same person.
  if (who === null || who === owner) return;
  owner = who;
  offered.value = null;
  draft.value = kept(who) ?? EMPTY;
});

effect(() => {
  void draft.value;
  clearTimeout(timer);
  timer = setTimeout(keep, KEEP_AFTER_MS);
});

addEventListener("pagehide", () => {
  if (timer !== undefined) keep();
});

/** Whoever logs out leaves no texts behind. */
export function forgetDraft() {
  clearDraft();
  keep();
  owner = null;
}
