// One claim: its verdict, the evidence that decides it, why, what each judge says of it, and one's own opinion.

import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import type { CheckedCitation, ClaimView, Evidence, NamedSource, Probabilities } from "judge-auditor-client";
import { differ } from "../lib/claims";
import type { Said } from "../lib/claims";
import { copy } from "../lib/copy";
import { originOf, placeInSource } from "../lib/documents";
import { asSentence, share } from "../lib/format";
import type { Opinions } from "../state/opinions";
import { documentPath } from "../state/route";
import { t } from "../words";
import { Bar } from "./bar";
import { ALL_LABELS, Chip, LABELS } from "./verdict";

export interface ClaimPanelProps {
  claim: ClaimView;
  /** Among all, from 1. */
  place: number;
  total: number;
  said: readonly Said[];
  /** The audit's own, where several were given. */
  sources: readonly NamedSource[] | undefined;
  /** What the output cites for it. */
  cited: readonly CheckedCitation[];
  opinions: Opinions | null;
  /** Whoever looks at it has its documents too. */
  own: boolean;
  /** Where it can be looked at again. */
  address: string | null;
  /** The piece of evidence that the source is scrolled to. */
  shown: number;
  show: (piece: number) => void;
  step: (by: 1 | -1) => void;
  close: () => void;
  panel: RefObject<HTMLElement | null>;
}

export function ClaimPanel(props: ClaimPanelProps) {
  const { claim, said } = props;
  const words = t.value.claim;
  return (
    <section class="panel claim-panel scrolls" aria-label={words.region} ref={props.panel} tabIndex={-1}>
      <header class="claim-head">
        <span class="small faint" role="status">
          {words.place(props.place, props.total)} · {t.value.claimTypes[claim.type]}
        </span>
        <span class="row tight">
          <button type="button" class="quiet icon" aria-label={words.previous} title={`${words.previous} (k)`} onClick={() => props.step(-1)}>
            ↑
          </button>
          <button type="button" class="quiet icon" aria-label={words.next} title={`${words.next} (j)`} onClick={() => props.step(1)}>
            ↓
          </button>
          <button type="button" class="quiet icon" aria-label={words.close} onClick={props.close}>
            ✕
          </button>
        </span>
      </header>
      <p class="claim-verdict">{claim.label ? <Chip label={claim.label} confidence={claim.confidence ?? null} /> : <span class="chip">{t.value.texts.undecided}</span>}</p>
      <blockquote dir="auto">{claim.text}</blockquote>
      {claim.reasoning && (
        <>
          <h3>{words.why}</h3>
          <p class="claim-why" dir="auto">
            {asSentence(claim.reasoning)}
          </p>
        </>
      )}
      <h3>{claim.evidence.length > 1 ? words.evidence : words.decidingEvidence}</h3>
      {claim.evidence.length === 0 ? (
        <p class="faint">{words.noEvidence}</p>
      ) : (
        <ol class="plain-list evidence">
          {claim.evidence.map((piece, place) => (
            <li key={place} class={place === props.shown ? "current" : ""} dir="auto">
              {piece.text}
              <Origin piece={piece} own={props.own} sources={props.sources} show={() => props.show(place)} />
            </li>
          ))}
        </ol>
      )}
      {props.cited.length > 0 && <Cited cited={props.cited} />}
      {said.length > 0 && (
        <>
          <h3>
            {words.judges} {differ(said) && <span class="chip differ">{words.differ}</span>}
          </h3>
          <ul class="plain-list said">
            {said.map(({ name, label, confidence }) => (
              <li key={name}>
                <span>{name}</span>
                {claim.label && label !== claim.label && <small class="view-differs">≠ {words.differs}</small>}
                <Chip label={label} confidence={confidence} />
              </li>
            ))}
          </ul>
        </>
      )}
      {props.opinions && <Opinion opinions={props.opinions} claim={claim} />}
      {claim.probability && <Likely probability={claim.probability} />}
      {claim.label && claim.verifier_label && claim.verifier_label !== claim.label && (
        <p class="small">{words.revised(t.value.labels[claim.verifier_label], t.value.labels[claim.label])}</p>
      )}
      {props.address && <CopyAddress address={props.address} />}
    </section>
  );
}

function CopyAddress({ address }: { address: string }) {
  const [copied, setCopied] = useState<string | null>(null);
  return (
    <button type="button" class="quiet small" onClick={() => void copy(address).then((done) => setCopied(done ? address : null))}>
      {copied === address ? t.value.common.copied : t.value.claim.copyAddress}
    </button>
  );
}

const PROBABILITIES = [
  ["supported", "SUPPORTED"],
  ["refuted", "REFUTED"],
  ["not_enough_info", "NOT_ENOUGH_INFO"],
] as const;

/** How likely each label is, by all that was heard. */
function Likely({ probability }: { probability: Probabilities }) {
  return (
    <>
      <h3>{t.value.claim.how}</h3>
      <ul class="plain-list parts" aria-label={t.value.claim.likely}>
        {PROBABILITIES.map(([key, label]) => (
          <li key={key}>
            <span>{t.value.labels[label]}</span>
            <Bar value={probability[key] * 100} kind={LABELS[label].css} />
            <span class="number">{share(probability[key])}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Where a piece of evidence stands, and the way there. */
function Origin(props: { piece: Evidence; own: boolean; sources: readonly NamedSource[] | undefined; show: () => void }) {
  const origin = originOf(props.piece);
  const words = t.value.claim;
  if (placeInSource(props.piece, props.sources)) {
    const isNamed = props.piece.source !== "source_text";
    return (
      <button type="button" class="link small own-line" onClick={props.show}>
        {isNamed ? words.showIn(props.piece.source) : words.show}
      </button>
    );
  }
  if (!origin) return <small class="faint own-line">{`${words.from} ${props.piece.source}`}</small>;
  return (
    <small class="faint own-line" dir="ltr">
      {words.from}{" "}
      {props.own ? (
        <a href={documentPath(origin.collection, origin.document, props.piece.span)} dir="auto">
          {origin.name}
        </a>
      ) : (
        <span dir="auto">{origin.name}</span>
      )}
    </small>
  );
}

/** The sources that the output names for the claim, and what each says of it by itself. */
function Cited({ cited }: { cited: readonly CheckedCitation[] }) {
  const words = t.value.claim;
  return (
    <>
      <h3>{words.cited}</h3>
      <ul class="plain-list said">
        {cited.map(({ source, label, confidence }) => (
          <li key={source ?? ""}>
            <span dir="auto">{source ?? words.citesNone}</span>
            {label && <Chip label={label} confidence={confidence ?? null} />}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the person thinks, kept for calibration. */
function Opinion(props: { opinions: Opinions; claim: ClaimView }) {
  const { opinions, claim } = props;
  const mine = opinions.of(claim.id);
  const choices = useRef<HTMLFieldSetElement>(null);
  // Its button goes with it: whoever uses keys goes on at the choices.
  const withdraw = () => {
    choices.current?.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
    void opinions.withdraw(claim.id);
  };
  const words = t.value.claim;
  return (
    <fieldset class="opinion" ref={choices}>
      <legend>{words.yours}</legend>
      {ALL_LABELS.map((label) => (
        <button
          key={label}
          type="button"
          class={`choice-chip ${label === mine ? LABELS[label].css : ""}`}
          aria-pressed={label === mine}
          onClick={() => void (label === mine ? opinions.withdraw(claim.id) : opinions.say(claim.id, label))}
        >
          <span aria-hidden="true">{LABELS[label].mark}</span> {t.value.labels[label]}
        </button>
      ))}
      <p class="faint small" role="status">
        {mine && (
          <>
            {words.youSay(t.value.labels[mine])}{" "}
            <button type="button" class="link" onClick={withdraw}>
              {words.withdraw}
            </button>
          </>
        )}
      </p>
      {opinions.failed && (
        <p class="bad-text" role="alert">
          {opinions.failed}
        </p>
      )}
    </fieldset>
  );
}
