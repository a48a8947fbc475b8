// What the person prefers: read once after the login, kept at the server with every change.

import { effect, signal } from "@preact/signals";
import type { AuditorError, Preferences } from "judge-auditor-client";
import { asError, client, user } from "./session";

/** Null until they are read: a change replaces all of them, so none is made before. */
export const preferences = signal<Preferences | null>(null);
export const unread = signal<AuditorError | null>(null);

let saving: Promise<unknown> = Promise.resolve();

export async function readPreferences() {
  const whose = user.value;
  unread.value = null;
  try {
    const read = await client.preferences.get();
    if (user.value === whose) preferences.value = read;
  } catch (error) {
    if (user.value === whose) unread.value = asError(error);
  }
}

/** Undefined takes one out. Changes in a row are sent one after the other, each with those before it. */
export async function prefer(changes: { [Key in keyof Preferences]?: Preferences[Key] | undefined }) {
  const kept = Object.entries({ ...preferences.value, ...changes }).filter(([, value]) => value !== undefined);
  const wanted = Object.fromEntries(kept) as Preferences;
  preferences.value = wanted;
  const saved = saving.then(() => client.preferences.put(wanted));
  saving = saved.catch(() => {});
  try {
    await saved;
  } catch (error) {
    // What is shown is what is kept.
    await readPreferences();
    throw error;
  }
}

effect(() => {
  if (user.value) void readPreferences();
  else preferences.value = null;
});

effect(() => {
  const theme = preferences.value?.theme ?? "system";
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
});
