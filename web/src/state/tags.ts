// The tags that the person has given so far, for whoever chooses one.

import { effect, signal } from "@preact/signals";
import type { Tag } from "judge-auditor-client";
import { client, user } from "./session";

export const tags = signal<Tag[]>([]);

/** Read where they are shown, and again after each change. */
export async function readTags() {
  try {
    tags.value = await client.tags();
  } catch {
    // One can still type them.
  }
}

effect(() => {
  if (!user.value) tags.value = [];
});
