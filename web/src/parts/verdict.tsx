// The three labels, told apart by colour, by shape and by word.

import type { Label } from "judge-auditor-client";

export const LABELS: Record<Label, { word: string; css: string; mark: string }> = {
  SUPPORTED: { word: "Supported", css: "good", mark: "✓" },
  REFUTED: { word: "Refuted", css: "bad", mark: "✗" },
  NOT_ENOUGH_INFO: { word: "Not enough information", css: "open", mark: "?" },
};

export function Chip(props: { label: Label; confidence?: number | null }) {
  const { word, css, mark } = LABELS[props.label];
  return (
    <span class={`chip ${css}`}>
      <span aria-hidden="true">{mark}</span> {word}
      {props.confidence != null && <small> {Math.round(props.confidence * 100)} %</small>}
    </span>
  );
}
