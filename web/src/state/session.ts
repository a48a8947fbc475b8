// The one client of the page, and who is logged in.

import { signal } from "@preact/signals";
import { AuditorClient, AuditorError } from "judge-auditor-client";
import type { ConnectionState, User } from "judge-auditor-client";

export const client = new AuditorClient({ session: "cookie" });

export const user = signal<User | null>(null);
/** Until it is known whether the login of an earlier visit still stands. */
export const resuming = signal(true);
/** Set where a login ended by itself, so that the person is told. */
export const ended = signal(false);
export const unreachable = signal<AuditorError | null>(null);
export const connection = signal<ConnectionState>(client.connection.state);

client.connection.onState((state) => (connection.value = state));
client.auth.onSignedOut((error) => {
  ended.value = user.value !== null && error !== null;
  user.value = null;
});

export async function resume() {
  resuming.value = true;
  unreachable.value = null;
  try {
    await entered(await client.auth.resume());
  } catch (error) {
    unreachable.value = asError(error);
  } finally {
    resuming.value = false;
  }
}

export async function entered(who: User | null) {
  user.value = who;
  if (who) ended.value = false;
}

export function asError(error: unknown): AuditorError {
  return error instanceof AuditorError ? error : new AuditorError("bad_answer", String(error));
}
