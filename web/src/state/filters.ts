// What of the history is shown. It stands in the address, so that one comes back to the list that one left.

import type { ListQuery, Status } from "judge-auditor-client";

export interface Filters {
  text: string;
  tag: string;
  status: Status | "";
  /** A place in `ORDERS`. */
  order: number;
  least: string;
  most: string;
  /** In days; 0 is no bound. */
  since: number;
}

export const STATUSES: Status[] = ["completed", "in_progress", "pending", "failed", "cancelled"];
/** In the order of their names in the words of the page. */
export const ORDERS: [NonNullable<ListQuery["sort"]>, NonNullable<ListQuery["order"]>][] = [
  ["created_at", "desc"],
  ["created_at", "asc"],
  ["hallucination_score", "desc"],
  ["consensus_score", "desc"],
  ["consensus_score", "asc"],
  ["hallucination_score", "asc"],
  ["probability", "asc"],
  ["probability", "desc"],
];

/** Days since then; in the order of their names in the words of the page. */
export const TIMES = [0, 1, 7, 30, 365];

const NONE: Filters = { text: "", tag: "", status: "", order: 0, least: "", most: "", since: 0 };

/** Of the part of the address behind `?`; what makes no sense there is left out. */
export function filtersOf(address: string): Filters {
  const given = new URLSearchParams(address);
  const number = (name: string) => Number(given.get(name) ?? 0);
  const score = (name: string) => given.get(name)?.match(/^\d+(\.\d+)?$/)?.[0] ?? "";
  return {
    text: given.get("text") ?? "",
    tag: given.get("tag") ?? "",
    status: STATUSES.find((name) => name === given.get("status")) ?? "",
    order: ORDERS[number("order")] ? number("order") : 0,
    least: score("least"),
    most: score("most"),
    since: TIMES.includes(number("since")) ? number("since") : 0,
  };
}

/** The address of the history with these. */
export function addressOf(filters: Filters): string {
  const changed = Object.entries(filters).filter(([name, value]) => value !== NONE[name as keyof Filters]);
  const query = new URLSearchParams(changed.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return query ? `#/history?${query}` : "#/history";
}

/** Whether any audits are left out. */
export const leaveOut = ({ text, tag, status, least, most, since }: Filters) =>
  text.trim() !== "" || tag !== "" || status !== "" || least !== "" || most !== "" || since > 0;

export function listQuery({ text, tag, status, order, least, most, since }: Filters): ListQuery {
  const query: ListQuery = {};
  if (text.trim()) query.q = text.trim();
  if (tag) query.tag = tag;
  if (status) query.status = status;
  if (least) query.min_score = Number(least);
  if (most) query.max_score = Number(most);
  if (since > 0) query.created_after = startOfDay(since - 1);
  const chosen = ORDERS[order];
  if (chosen) [query.sort, query.order] = chosen;
  return query;
}

/** Where the person is, a day begins. */
function startOfDay(ago: number): string {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago).toISOString();
}
