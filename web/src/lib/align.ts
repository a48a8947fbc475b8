// Claims of several outputs side by side: each with the one of the other that says nearly the same.

import type { ClaimView } from "judge-auditor-client";

export interface Pair {
  first: ClaimView | null;
  second: ClaimView | null;
}

/** Words that two claims have to share, as a part of all of theirs, to be taken for the same. */
const ALIKE = 0.5;
/** Claims of each output that are compared with all of the other's; the others only with those of the same words. */
const MOST = 400;

const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

/** Dice's coefficient. */
function alike(one: ReadonlySet<string>, other: ReadonlySet<string>) {
  let both = 0;
  for (const word of one) if (other.has(word)) both += 1;
  return one.size + other.size === 0 ? 0 : (2 * both) / (one.size + other.size);
}

/** In the order of the first; what only the second has stands at its end. */
export function aligned(first: readonly ClaimView[], second: readonly ClaimView[]): Pair[] {
  const left = new Set(second);
  const partner = new Map<ClaimView, ClaimView>();
  const match = (mine: ClaimView, theirs: ClaimView) => {
    partner.set(mine, theirs);
    left.delete(theirs);
  };
  for (const mine of first) {
    const same = second.find((theirs) => left.has(theirs) && theirs.text === mine.text);
    if (same) match(mine, same);
  }
  const bags = new Map([...first.slice(0, MOST), ...second.slice(0, MOST)].map((claim) => [claim, wordsOf(claim.text)]));
  const candidates: [number, ClaimView, ClaimView][] = [];
  for (const mine of first) {
    const bag = bags.get(mine);
    if (!bag || partner.has(mine)) continue;
    for (const theirs of left) {
      const other = bags.get(theirs);
      const degree = other ? alike(bag, other) : 0;
      if (degree >= ALIKE) candidates.push([degree, mine, theirs]);
    }
  }
  // The most alike first; among equals those that stand first.
  for (const [, mine, theirs] of candidates.sort((one, other) => other[0] - one[0])) {
    if (!partner.has(mine) && left.has(theirs)) match(mine, theirs);
  }
  return [
    ...first.map((mine): Pair => ({ first: mine, second: partner.get(mine) ?? null })),
    ...[...left].map((theirs): Pair => ({ first: null, second: theirs })),
  ];
}

/** Each claim of the first with that of each other which says nearly the same; then what only later ones have. */
export function alignedAll(all: readonly (readonly ClaimView[])[]): (ClaimView | null)[][] {
  const [first = [], ...others] = all;
  const lines = new Map<ClaimView, (ClaimView | null)[]>(first.map((claim) => [claim, [claim, ...others.map(() => null)]]));
  // What the first does not have is compared with what others had before.
  let left: ClaimView[] = [...first];
  others.forEach((claims, place) => {
    for (const pair of aligned(left, claims)) {
      if (!pair.second) continue;
      const line = pair.first ? lines.get(pair.first) : undefined;
      if (line) line[place + 1] = pair.second;
      else lines.set(pair.second, all.map((_, at) => (at === place + 1 ? pair.second : null)));
    }
    left = [...lines.keys()];
  });
  return [...lines.values()];
}
