// Whether the chosen claim's card has room beside the texts.

import { signal } from "@preact/signals";

const query = matchMedia("(min-width: 64rem)");

export const hasRoom = signal(query.matches);

query.addEventListener("change", () => (hasRoom.value = query.matches));
