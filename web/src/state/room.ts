// How much room the page has.

import { signal } from "@preact/signals";

function whether(condition: string) {
  const query = matchMedia(condition);
  const found = signal(query.matches);
  query.addEventListener("change", () => (found.value = query.matches));
  return found;
}

/** The chosen claim's card stands beside the texts. */
export const hasRoom = whether("(min-width: 64rem)");

/** The names of all pages do not fit on one line. */
export const isNarrow = whether("(max-width: 46rem)");
