// The output with its claims marked as they are decided. All of them together are one stop of the Tab key.

import type { ReadonlySignal } from "@preact/signals";
import { useComputed } from "@preact/signals";
import type { ClaimView, Id } from "judge-auditor-client";
import { segments } from "../lib/segments";
import { t } from "../words";
import { LABELS } from "./verdict";

/** How the marks of an output can be gone through. */
export interface Choosing {
  chosen: ReadonlySignal<Id | null>;
  /** The one that Tab comes to. */
  stop: ReadonlySignal<Id | null>;
  /** The marks that are gone through; the others stand back. */
  shown: ReadonlySignal<ReadonlySet<Id> | null>;
  choose: (id: Id) => void;
  /** The next one or the one before, from this one on. */
  step: (from: Id, by: 1 | -1) => void;
}

/** Without `choosing` marks are texts. */
export function Output(props: { text: string; claims: readonly ClaimView[]; choosing?: Choosing }) {
  const parts = segments(props.text, props.claims, (claim) => claim.span);
  return (
    <p class="judged" dir="auto">
      {parts.map(({ text, start, item }) => {
        if (!item) return <span key={`at${start}`}>{text}</span>;
        return props.choosing ? (
          <ChoosableMark key={item.id} claim={item} text={text} choosing={props.choosing} />
        ) : (
          <span key={item.id} class={`claim still ${item.label ? LABELS[item.label].css : "undecided"}`}>
            <Shape claim={item} />
            {text}
          </span>
        );
      })}
    </p>
  );
}

function ChoosableMark(props: { claim: ClaimView; text: string; choosing: Choosing }) {
  const { claim, choosing } = props;
  const isChosen = useComputed(() => choosing.chosen.value === claim.id);
  const isStop = useComputed(() => choosing.stop.value === claim.id);
  const isBack = useComputed(() => choosing.shown.value !== null && !choosing.shown.value.has(claim.id));
  const word = claim.label ? t.value.labels[claim.label] : t.value.texts.undecided;
  return (
    <span
      class={`claim ${claim.label ? LABELS[claim.label].css : "undecided"}${isChosen.value ? " chosen" : ""}${isBack.value ? " back" : ""}`}
      data-claim={claim.id}
      role="button"
      tabIndex={isStop.value ? 0 : -1}
      aria-pressed={isChosen.value}
      aria-label={`${word}: ${props.text}`}
      onClick={() => choosing.choose(claim.id)}
      onKeyDown={(event) => {
        const by = STEPS[event.key];
        if (by) choosing.step(claim.id, by);
        else if (event.key === "Enter" || event.key === " ") choosing.choose(claim.id);
        else return;
        event.preventDefault();
      }}
    >
      <Shape claim={claim} />
      {props.text}
    </span>
  );
}

const STEPS: Record<string, 1 | -1> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** It stays on the line of the word behind it. */
function Shape({ claim }: { claim: ClaimView }) {
  if (!claim.label) return null;
  return (
    <span class="shape" aria-hidden="true">
      {LABELS[claim.label].mark}
      {"\u2060"}
    </span>
  );
}
