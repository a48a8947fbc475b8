// Which columns the history has: chosen by the person, kept in this browser.

import { signal } from "@preact/signals";

export const COLUMNS = ["status", "score", "wrong", "judges", "took", "made"] as const;
export type Column = (typeof COLUMNS)[number];

const KEPT = "history-columns";

function kept(): ReadonlySet<Column> {
  const names = localStorage.getItem(KEPT)?.split(",");
  return new Set(names ? COLUMNS.filter((name) => names.includes(name)) : COLUMNS);
}

export const columns = signal(kept());

export function showColumn(column: Column, shown: boolean) {
  columns.value = new Set(COLUMNS.filter((name) => (name === column ? shown : columns.value.has(name))));
  localStorage.setItem(KEPT, [...columns.value].join());
}
