// One claim: its verdict, the evidence, why, and what each judge says of it.

import { useEffect, useRef } from "preact/hooks";
import type { ClaimView, Evidence, JudgeReport, Label, Probabilities } from "judge-auditor-client";
import { isOfSource, originOf } from "../lib/documents";
import { asSentence, share, words } from "../lib/format";
import type { Opinions } from "../state/opinions";
import { documentPath } from "../state/route";
import { Bar } from "./judge";
import { Chip, LABELS } from "./verdict";

/** `own`: whoever looks at it has its documents too. */
export function ClaimPanel(props: { claim: ClaimView; judges: readonly JudgeReport[]; opinions: Opinions | null; own: boolean; close: () => void }) {
  const { claim, judges } = props;
  const said = judges.flatMap((judge) =>
    judge.claim_verdicts.filter((verdict) => verdict.claim_id === claim.id).map((verdict) => ({ judge, verdict })),
  );
  const labels = new Set(said.map(({ verdict }) => verdict.label));
  const panel = useRef<HTMLElement>(null);
  // Of a long output it is far below the claim, and many claims are between them.
  useEffect(() => {
    panel.current?.focus({ preventScroll: true });
    panel.current?.scrollIntoView({ block: "nearest" });
  }, [claim.id]);
  return (
    <section class="panel claim-panel" aria-label="The chosen claim" ref={panel} tabIndex={-1} onKeyDown={(event) => event.key === "Escape" && props.close()}>
      <header>
        {claim.label ? <Chip label={claim.label} confidence={claim.confidence ?? null} /> : <span class="chip">Not decided yet</span>}
        <span class="faint">{words(claim.type)} claim</span>
        <button type="button" class="quiet" onClick={props.close} aria-label="Close the claim">
          ✕
        </button>
      </header>
      <blockquote dir="auto">{claim.text}</blockquote>
      {claim.reasoning && <p dir="auto">{asSentence(claim.reasoning)}</p>}
      {claim.evidence.length > 0 && (
        <>
          <h3>Evidence</h3>
          <ol class="evidence">
            {claim.evidence.map((piece, place) => (
              <li key={place} dir="auto">
                {piece.text}
                <Origin piece={piece} own={props.own} />
              </li>
            ))}
          </ol>
        </>
      )}
      {claim.probability && <Likely probability={claim.probability} />}
      {claim.label && claim.verifier_label && claim.verifier_label !== claim.label && (
        <p>
          The built-in check alone said “{LABELS[claim.verifier_label].word}”; the judges together say “{LABELS[claim.label].word}”.
        </p>
      )}
      {said.length > 0 && (
        <>
          <h3>
            The judges {labels.size > 1 && <span class="chip open">do not agree</span>}
          </h3>
          <ul class="plain-list said">
            {said.map(({ judge, verdict }) => (
              <li key={judge.judge_name}>
                <span>{judge.judge_name}</span>
                <Chip label={verdict.label} confidence={verdict.confidence} />
              </li>
            ))}
          </ul>
        </>
      )}
      {props.opinions && <Opinion opinions={props.opinions} claim={claim} />}
    </section>
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
    <ul class="plain-list parts" aria-label="How likely each verdict is">
      {PROBABILITIES.map(([key, label]) => (
        <li key={key}>
          <span>{LABELS[label].word}</span>
          <Bar value={probability[key] * 100} kind={label === "REFUTED" ? "bad" : "good"} />
          <span class="number">{share(probability[key])}</span>
        </li>
      ))}
    </ul>
  );
}

/** Said of what is not in the audit's own source. */
function Origin(props: { piece: Evidence; own: boolean }) {
  const origin = originOf(props.piece);
  if (isOfSource(props.piece)) return null;
  if (!origin) return <small class="faint own-line">from {props.piece.source}</small>;
  return (
    <small class="faint own-line" dir="ltr">
      from{" "}
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

/** What the person thinks, kept for calibration. */
function Opinion(props: { opinions: Opinions; claim: ClaimView }) {
  const { opinions, claim } = props;
  const mine = opinions.of(claim.id);
  return (
    <fieldset class="opinion">
      <legend>What do you say?</legend>
      {(Object.keys(LABELS) as Label[]).map((label) => (
        <button
          key={label}
          type="button"
          class={label === mine ? `chip ${LABELS[label].css}` : "quiet"}
          aria-pressed={label === mine}
          onClick={() => label !== mine && void opinions.say(claim.id, label)}
        >
          <span aria-hidden="true">{LABELS[label].mark}</span> {LABELS[label].word}
        </button>
      ))}
      <p class="faint" role="status">
        {mine && `You say “${LABELS[mine].word}”. That is kept.`}
      </p>
      {opinions.failed && (
        <p class="bad-text" role="alert">
          {opinions.failed}
        </p>
      )}
    </fieldset>
  );
}
