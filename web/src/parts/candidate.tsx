// The output with its claims marked as they are decided.

import type { ClaimView, Label } from "judge-auditor-client";
import { segments } from "../lib/segments";
import { LABELS } from "./verdict";

export function Candidate(props: {
  text: string;
  claims: readonly ClaimView[];
  chosen?: string | null;
  /** Where marks can't be chosen they are texts. */
  choose?: (id: string) => void;
}) {
  const parts = segments(props.text, props.claims, (claim) => claim.span);
  return (
    <p class="judged" dir="auto">
      {parts.map(({ text, start, item }) =>
        item ? (
          <ClaimMark key={item.id} claim={item} text={text} chosen={item.id === props.chosen} choose={props.choose} />
        ) : (
          <span key={`at${start}`}>{text}</span>
        ),
      )}
    </p>
  );
}

function ClaimMark(props: { claim: ClaimView; text: string; chosen: boolean; choose: ((id: string) => void) | undefined }) {
  const { claim, choose } = props;
  const label: Label | null = claim.label ?? null;
  const look = label ? LABELS[label] : null;
  const pick = () => choose?.(claim.id);
  const asButton = choose && {
    role: "button" as const,
    tabIndex: 0,
    "aria-pressed": props.chosen,
    "aria-label": `${look?.word ?? "Not decided yet"}: ${props.text}`,
    onClick: pick,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      pick();
    },
  };
  return (
    <span
      class={`claim ${look?.css ?? "undecided"}${props.chosen ? " chosen" : ""}${choose ? "" : " still"}`}
      data-label={label ?? ""}
      {...asButton}
    >
      {look && (
        <span class="shape" aria-hidden="true">
          {look.mark}
          {"\u2060"}
        </span>
      )}
      {props.text}
    </span>
  );
}
