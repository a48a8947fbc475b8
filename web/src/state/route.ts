// Where the page is: behind the hash, but for links that others follow.

import { signal } from "@preact/signals";
import type { Span } from "judge-auditor-client";

export type Route =
  | { page: "new" | "collections" | "preferences" | "keys" | "lost" }
  | { page: "history" | "statistics"; query: string }
  | { page: "audit"; id: string; query: string }
  | { page: "collection"; id: string; query: string }
  | { page: "document"; collection: string; id: string; query: string }
  | { page: "compare"; ids: string[] }
  | { page: "shared"; token: string };

/** Audits side by side, at most. */
export const MOST_COMPARED = 5;

const PLAIN: Record<string, Route> = {
  "": { page: "new" },
  collections: { page: "collections" },
  preferences: { page: "preferences" },
  keys: { page: "keys" },
};

function read(): Route {
  const shared = /^\/shared\/([^/]+)$/.exec(location.pathname);
  if (shared?.[1]) return { page: "shared", token: shared[1] };
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  if (path === "history" || path === "statistics") return { page: path, query };
  const [name = "", first, second, ...more] = path.split("/");
  if (name === "compare" && first && second && more.length <= MOST_COMPARED - 2) return { page: "compare", ids: [first, second, ...more] };
  if (more.length > 0) return { page: "lost" };
  if (name === "audits" && first && !second) return { page: "audit", id: first, query };
  if (name === "collections" && first && second) return { page: "document", collection: first, id: second, query };
  if (name === "collections" && first) return { page: "collection", id: first, query };
  return (first === undefined && PLAIN[name]) || { page: "lost" };
}

export const comparePath = (ids: readonly string[]) => `#/compare/${ids.join("/")}`;

/** Where one was in a list, kept with its address for the way back. */
export interface Place {
  count: number;
  y: number;
}

export const placeOf = () => (history.state as { place?: Place } | null)?.place ?? null;

/** Said when a list is left. */
export function leave(count: number) {
  history.replaceState({ place: { count, y: scrollY } satisfies Place }, "");
}

export const route = signal<Route>(read());

addEventListener("hashchange", () => {
  const before = route.value;
  route.value = read();
  // Another claim of the same audit is shown where one is.
  if (before.page === "audit" && route.value.page === "audit" && before.id === route.value.id) return;
  // A list that one comes back to goes to its place itself.
  if (!placeOf()) scrollTo(0, 0);
});

export const auditPath = (id: string, query = "") => `#/audits/${id}${query && `?${query}`}`;

/** With what is searched for in it. */
export const collectionPath = (id: string, search = "") => `#/collections/${id}${search ? `?${new URLSearchParams({ search }).toString()}` : ""}`;

/** With the passage that is to be marked. */
export const documentPath = (collection: string, id: string, span?: Span) => `#/collections/${collection}/${id}${span ? `?at=${span.start}-${span.end}` : ""}`;

/** The passage of such an address. */
export function spanOf(query: string): Span | null {
  const [, start, end] = /^(\d+)-(\d+)$/.exec(new URLSearchParams(query).get("at") ?? "") ?? [];
  return start && end ? { start: Number(start), end: Number(end) } : null;
}

export function go(path: string) {
  location.hash = path;
}
