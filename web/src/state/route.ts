// Where the page is: behind the hash, but for links that others follow.

import { signal } from "@preact/signals";

export type Route =
  | { page: "new" | "history" | "statistics" | "preferences" | "lost" }
  | { page: "audit"; id: string }
  | { page: "compare"; first: string; second: string }
  | { page: "shared"; token: string };

const PLAIN: Record<string, Route> = {
  "": { page: "new" },
  history: { page: "history" },
  statistics: { page: "statistics" },
  preferences: { page: "preferences" },
};

function read(): Route {
  const shared = /^\/shared\/([^/]+)$/.exec(location.pathname);
  if (shared?.[1]) return { page: "shared", token: shared[1] };
  const [name = "", first, second, ...more] = location.hash.replace(/^#\/?/, "").split("/");
  if (more.length > 0) return { page: "lost" };
  if (name === "audits" && first && !second) return { page: "audit", id: first };
  if (name === "compare" && first && second) return { page: "compare", first, second };
  return (first === undefined && PLAIN[name]) || { page: "lost" };
}

export const route = signal<Route>(read());

addEventListener("hashchange", () => {
  route.value = read();
  scrollTo(0, 0);
});

export const auditPath = (id: string) => `#/audits/${id}`;

export function go(path: string) {
  location.hash = path;
}
