// A list of audits as a table for spreadsheets.

import type { EvaluationSummary } from "judge-auditor-client";

const HEAD = [
  "id",
  "name",
  "question",
  "output",
  "source",
  "status",
  "created_at",
  "completed_at",
  "probability",
  "supported",
  "refuted",
  "not_enough_info",
  "consensus_score",
  "hallucination_score",
  "cost_usd",
  "judges",
  "tags",
];

/** No spreadsheet takes it for a formula. */
const harmless = (text: string) => (/^[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u.test(text) ? `'${text}` : text);

const cell = (value: string | number | null | undefined) => {
  const text = typeof value === "string" ? harmless(value) : String(value ?? "");
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** CSV with the mark of UTF-8: a row an audit. */
export function asTable(audits: readonly EvaluationSummary[]): string {
  const rows = audits.map((audit) => [
    audit.id,
    audit.name,
    audit.question,
    audit.candidate_preview,
    audit.source_preview,
    audit.status,
    audit.created_at,
    audit.completed_at,
    audit.probability,
    audit.claims?.supported,
    audit.claims?.refuted,
    audit.claims?.not_enough_info,
    audit.consensus_score,
    audit.hallucination_score,
    audit.cost_usd,
    audit.config.judges.join(" "),
    (audit.tags ?? []).join(", "),
  ]);
  return `\ufeff${[HEAD, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
}
