// The three labels, told apart by colour, by shape and by word.

import type { Label } from "judge-auditor-client";
import { share } from "../lib/format";
import { t } from "../words";

export const LABELS: Record<Label, { css: string; mark: string }> = {
  SUPPORTED: { css: "supported", mark: "✓" },
  REFUTED: { css: "contradicted", mark: "✗" },
  NOT_ENOUGH_INFO: { css: "unsupported", mark: "?" },
};

export const ALL_LABELS = Object.keys(LABELS) as Label[];

export function Chip(props: { label: Label; confidence?: number | null }) {
  const { css, mark } = LABELS[props.label];
  return (
    <span class={`chip ${css}`}>
      <span aria-hidden="true">{mark}</span> {t.value.labels[props.label]}
      {props.confidence != null && <small> {share(props.confidence)}</small>}
    </span>
  );
}
