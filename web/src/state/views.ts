// Views of the history that somebody goes back to: what is filtered and how it is sorted, under a name. Kept in this
// browser, for each person alone.

import { effect, signal } from "@preact/signals";
import { user } from "./session";

export interface SavedView {
  name: string;
  /** As in the address. */
  query: string;
}

/** As many are kept, and names as long. */
const MOST = 20;
export const LONGEST_VIEW_NAME = 40;

const keyOf = (who: string) => `history-views:${who}`;

export const views = signal<readonly SavedView[]>([]);

const isView = (found: unknown): found is SavedView => {
  const view = found as Partial<SavedView> | null;
  return typeof view?.name === "string" && typeof view.query === "string";
};

function kept(who: string): SavedView[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(who)) ?? "[]");
    return Array.isArray(found) ? found.filter(isView).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function keep(now: readonly SavedView[]) {
  const who = user.value?.id;
  if (!who) return;
  views.value = now;
  localStorage.setItem(keyOf(who), JSON.stringify(now));
}

/** One of the same name is replaced. */
export function saveView(view: SavedView) {
  keep([...views.value.filter(({ name }) => name !== view.name), view].slice(-MOST));
}

export function dropView(name: string) {
  keep(views.value.filter((view) => view.name !== name));
}

effect(() => {
  const who = user.value?.id;
  views.value = who ? kept(who) : [];
});
