// Deletions that can still be undone: they are asked for a few seconds later, or when the page is left.

import { signal } from "@preact/signals";
import type { AuditorError, EvaluationSummary } from "judge-auditor-client";
import { asError, client } from "./session";

const UNDO_MS = 6000;

/** What is about to be deleted, newest last. */
export const leaving = signal<EvaluationSummary[]>([]);
export const refused = signal<AuditorError | null>(null);
/** What is gone for good, for lists that were read before. */
export const removed = signal<ReadonlySet<string>>(new Set());

const timers = new Map<string, ReturnType<typeof setTimeout>>();

export function removeSoon(audit: EvaluationSummary) {
  refused.value = null;
  leaving.value = [...leaving.value, audit];
  removeLater(audit.id);
}

/** One deletion has one timer: another that nobody can end would delete what was undone. */
function removeLater(id: string) {
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => void remove(id), UNDO_MS));
}

/** The time stands still while somebody is about to undo it. */
export function hold(id: string) {
  clearTimeout(timers.get(id));
}

export function release(id: string) {
  if (timers.has(id)) removeLater(id);
}

export function undo(id: string) {
  clearTimeout(timers.get(id));
  timers.delete(id);
  leaving.value = leaving.value.filter((audit) => audit.id !== id);
}

async function remove(id: string) {
  clearTimeout(timers.get(id));
  // It was undone, or is being deleted.
  if (!timers.delete(id)) return;
  try {
    await client.evaluations.remove(id, { keepalive: true });
    removed.value = new Set([...removed.value, id]);
  } catch (error) {
    const refusal = asError(error);
    // It is gone all the same if somebody was quicker.
    if (refusal.code === "not_found") removed.value = new Set([...removed.value, id]);
    else refused.value = refusal;
  }
  leaving.value = leaving.value.filter((audit) => audit.id !== id);
}

/** Deletes now what was to be deleted soon. */
export async function removeNow() {
  await Promise.all([...timers.keys()].map(remove));
}

addEventListener("pagehide", () => void removeNow());
