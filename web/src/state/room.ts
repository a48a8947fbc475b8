// How much room the page has.

import { signal } from "@preact/signals";

function whether(condition: string) {
  const query = matchMedia(condition);
  const found = signal(query.matches);
  query.addEventListener("change", () => (found.value = query.matches));
  return found;
}

/** What the system asks for; a theme of the person's own is kept in the preferences. */
export const wantsDark = whether("(prefers-color-scheme: dark)");

/** The chosen claim's card stands beside the texts. */
export const hasRoom = whether("(min-width: 64rem)");

/** The names of all pages do not fit on one line. */
export const isNarrow = whether("(max-width: 46rem)");
