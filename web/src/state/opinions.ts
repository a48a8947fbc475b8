// What the person says of an audit's claims: the last word on each, which can be taken back.

import { useEffect, useState } from "preact/hooks";
import type { Feedback, Id, Label } from "judge-auditor-client";
import { asError, client } from "./session";
import { sentence } from "../lib/sentences";

export interface Opinions {
  of: (claim: Id) => Label | undefined;
  say: (claim: Id, label: Label) => Promise<void>;
  withdraw: (claim: Id) => Promise<void>;
  /** Why the last one was not kept, or not taken back. */
  failed: string | null;
}

/** The last word, and all that was said before it: taken back is all of it, or an earlier word would count again. */
interface Opinion {
  label: Label;
  ids: readonly Id[];
}

type Said = ReadonlyMap<Id, Opinion>;

/** Read when they are `wanted`: most audits are looked at without. */
export function useOpinions(session: Id | null, wanted: boolean): Opinions {
  const [said, setSaid] = useState<Said>(new Map());
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    if (!session || !wanted) return;
    // What is said while they are read is newer. Without them one can still say something.
    readAll(session).then((found) => setSaid((newer) => [...newer].reduce(later, found)), () => {});
  }, [session, wanted]);
  const say = async (claim: Id, label: Label) => {
    if (!session) return;
    setFailed(null);
    try {
      const given = await client.evaluations.feedback.create(session, { claim_id: claim, label });
      setSaid((before) => later(before, [claim, { label, ids: [given.id] }]));
    } catch (error) {
      setFailed(sentence(asError(error)));
    }
  };
  const withdraw = async (claim: Id) => {
    if (!session) return;
    setFailed(null);
    try {
      for (const id of said.get(claim)?.ids ?? []) await takeBack(session, id);
      setSaid((before) => new Map([...before].filter(([of]) => of !== claim)));
    } catch (error) {
      setFailed(sentence(asError(error)));
    }
  };
  return { of: (claim) => said.get(claim)?.label, say, withdraw, failed };
}

/** It is gone all the same if another page was quicker. */
async function takeBack(session: Id, id: Id) {
  try {
    await client.evaluations.feedback.withdraw(session, id);
  } catch (error) {
    if (asError(error).code !== "not_found") throw error;
  }
}

function later(said: Said, [claim, { label, ids }]: [Id, Opinion]): Said {
  const before = said.get(claim)?.ids ?? [];
  return new Map(said).set(claim, { label, ids: [...before, ...ids.filter((id) => !before.includes(id))] });
}

async function readAll(session: Id): Promise<Said> {
  const all: Feedback[] = [];
  let cursor: Id | null | undefined;
  do {
    const page = await client.evaluations.feedback.list(session, { limit: 100, ...(cursor && { cursor }) });
    all.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  // The oldest come first.
  return all.reduce<Said>((said, { id, claim_id, label }) => (claim_id && label ? later(said, [claim_id, { label, ids: [id] }]) : said), new Map());
}
