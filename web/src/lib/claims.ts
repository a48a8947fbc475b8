// What is said of an audit's claims: which one decides, where the judges differ, and which are to be shown.

import type { ClaimView, Id, JudgeReport, Label } from "judge-auditor-client";

/** What one judge says of a claim. */
export interface Said {
  name: string;
  label: Label;
  confidence: number;
}

/** Each claim's views, in the order of the judges. */
export function viewsOf(judges: readonly JudgeReport[]): ReadonlyMap<Id, Said[]> {
  const views = new Map<Id, Said[]>();
  for (const { judge_name: name, claim_verdicts } of judges) {
    for (const { claim_id, label, confidence } of claim_verdicts) {
      const said = views.get(claim_id);
      if (said) said.push({ name, label, confidence });
      else views.set(claim_id, [{ name, label, confidence }]);
    }
  }
  return views;
}

export const differ = (said: readonly Said[] | undefined) => said !== undefined && said.some(({ label }) => label !== said[0]?.label);

/** Chances that are no further apart are alike to a person: then a contradiction says more than a silence. */
const ALIKE = 0.2;

/** The claim that is least likely to hold: by it the whole stands or falls. */
export function decisive(claims: readonly ClaimView[]): ClaimView | null {
  const decided = claims.filter(({ label }) => label);
  const least = Math.min(...decided.map(chanceOf));
  const worst = decided.filter((claim) => chanceOf(claim) <= least + ALIKE);
  const contradicted = worst.filter(({ label }) => label === "REFUTED");
  const among = contradicted.length > 0 ? contradicted : worst;
  return among.reduce<ClaimView | null>((found, claim) => (found === null || chanceOf(claim) < chanceOf(found) ? claim : found), null);
}

/** Results of the first release have labels only. */
const CHANCE: Record<Label, number> = { SUPPORTED: 1, NOT_ENOUGH_INFO: 0.5, REFUTED: 0 };
const chanceOf = (claim: ClaimView) => claim.probability?.supported ?? (claim.label ? CHANCE[claim.label] : 1);

/** Which claims one goes through. */
export const FILTERS = ["all", "contradicted", "unsupported", "supported", "differ"] as const;
export type Filter = (typeof FILTERS)[number];

const LABEL_OF: Partial<Record<Filter, Label>> = { contradicted: "REFUTED", unsupported: "NOT_ENOUGH_INFO", supported: "SUPPORTED" };

export function fits(claim: ClaimView, filter: Filter, views: ReadonlyMap<Id, Said[]>): boolean {
  if (filter === "all") return true;
  if (filter === "differ") return differ(views.get(claim.id));
  return claim.label === LABEL_OF[filter];
}
