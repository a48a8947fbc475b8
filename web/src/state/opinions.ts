// What the person says of an audit's claims: the last word on each.

import { useEffect, useState } from "preact/hooks";
import type { Id, Label } from "judge-auditor-client";
import { asError, client } from "./session";
import { sentence } from "../lib/sentences";

export interface Opinions {
  of: (claim: Id) => Label | undefined;
  say: (claim: Id, label: Label) => Promise<void>;
  /** Why the last one was not kept. */
  failed: string | null;
}

/** Read when they are `wanted`: most audits are looked at without. */
export function useOpinions(session: Id | null, wanted: boolean): Opinions {
  const [said, setSaid] = useState<ReadonlyMap<Id, Label>>(new Map());
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    if (!session || !wanted) return;
    // What is said while they are read is newer. Without them one can still say something.
    readAll(session).then((found) => setSaid((newer) => new Map([...found, ...newer])), () => {});
  }, [session, wanted]);
  const say = async (claim: Id, label: Label) => {
    if (!session) return;
    setFailed(null);
    try {
      await client.evaluations.feedback.create(session, { claim_id: claim, label });
      setSaid((before) => new Map(before).set(claim, label));
    } catch (error) {
      setFailed(sentence(asError(error)));
    }
  };
  return { of: (claim) => said.get(claim), say, failed };
}

async function readAll(session: Id): Promise<Map<Id, Label>> {
  const found = new Map<Id, Label>();
  let cursor: Id | null | undefined;
  do {
    const page = await client.evaluations.feedback.list(session, { limit: 100, ...(cursor && { cursor }) });
    // The oldest come first.
    for (const { claim_id, label } of page.items) if (claim_id && label) found.set(claim_id, label);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}
