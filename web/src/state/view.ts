// What of an audit is looked at. It stands in the address, so that a claim can be shown to somebody.

import { FILTERS } from "../lib/claims";
import type { Filter } from "../lib/claims";

export const TABS = ["texts", "figures", "judges", "cost", "runs", "log", "settings"] as const;
export type Tab = (typeof TABS)[number];

export interface Looking {
  tab: Tab;
  filter: Filter;
  /** The place of the chosen claim in the output, from 1; null for none; undefined where the page may choose. */
  claim: number | null | undefined;
}

const oneOf = <Name extends string>(names: readonly Name[], given: string | null, otherwise: Name) =>
  names.find((name) => name === given) ?? otherwise;

/** Of the part of the address behind `?`; what makes no sense there is left out. */
export function lookingAt(query: string): Looking {
  const given = new URLSearchParams(query);
  const claim = given.get("claim");
  return {
    tab: oneOf(TABS, given.get("tab"), "texts"),
    filter: oneOf(FILTERS, given.get("show"), "all"),
    claim: claim !== null && /^[1-9]\d{0,5}$/.test(claim) ? Number(claim) : undefined,
  };
}

export function queryOf({ tab, filter, claim }: Looking): string {
  const query = new URLSearchParams();
  if (tab !== "texts") query.set("tab", tab);
  if (filter !== "all") query.set("show", filter);
  if (claim) query.set("claim", String(claim));
  return query.toString();
}
