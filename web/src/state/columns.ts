// Which columns the history has: chosen by the person, kept in this browser.

import { signal } from "@preact/signals";

export const COLUMNS = ["status", "verdict", "probability", "score", "wrong", "tags", "judges", "took", "cost", "made"] as const;
export type Column = (typeof COLUMNS)[number];

/** What one looks for first. */
const USUAL: readonly Column[] = ["status", "verdict", "probability", "tags", "judges", "made"];

const KEPT = "history-columns-2";

function kept(): ReadonlySet<Column> {
  const names = localStorage.getItem(KEPT)?.split(",");
  return new Set(names ? COLUMNS.filter((name) => names.includes(name)) : USUAL);
}

export const columns = signal(kept());

export function showColumn(column: Column, shown: boolean) {
  columns.value = new Set(COLUMNS.filter((name) => (name === column ? shown : columns.value.has(name))));
  localStorage.setItem(KEPT, [...columns.value].join());
}
