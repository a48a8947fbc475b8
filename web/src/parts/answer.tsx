// What an audit says, in one sentence; how likely it is that all of the output holds; and what decides that.

import type { AuditResult, ClaimView } from "judge-auditor-client";
import { asSentence, brief, chance, score, share } from "../lib/format";
import { t } from "../words";
import { Scale } from "./bar";
import { LABELS } from "./verdict";

/** The sentence. */
export function answerOf(result: AuditResult): string {
  const words = t.value.answer;
  const { total, refuted, not_enough_info: unsupported } = result.claims;
  if (result.outcome === "nothing_to_check" || total === 0) return words.nothing;
  return refuted + unsupported === 0 ? words.all(total) : words.some(total, refuted, unsupported);
}

/** The verdict of the whole is that of its worst claim. */
function worstOf({ claims }: AuditResult) {
  if (claims.total === 0) return null;
  return LABELS[claims.refuted > 0 ? "REFUTED" : claims.not_enough_info > 0 ? "NOT_ENOUGH_INFO" : "SUPPORTED"];
}

/** The sentence as the title of the page, with the shape of its verdict. */
export function AnswerTitle({ result }: { result: AuditResult }) {
  const worst = worstOf(result);
  return (
    <h1 class="answer-title">
      {worst && (
        <span class={`answer-mark ${worst.css}`} aria-hidden="true">
          {worst.mark}
        </span>
      )}
      <span>{answerOf(result)}</span>
    </h1>
  );
}

export function Answer(props: { result: AuditResult; decisive: ClaimView | null; choose: (claim: ClaimView) => void }) {
  const { result, decisive } = props;
  const words = t.value.answer;
  if (result.outcome === "nothing_to_check") {
    return (
      <section class="answer" aria-label={words.region}>
        <p>{result.outcome_reason === "abstained" ? words.abstained : words.noClaim}</p>
      </section>
    );
  }
  const { faithfulness: found, confidence_interval: interval, calibration } = result;
  return (
    <section class="answer" aria-label={words.region}>
      {found && (
        <div class="answer-chance">
          <p>
            <b class="answer-figure">{chance(found.probability)}</b> {words.likely}
          </p>
          <Scale
            value={found.probability * 100}
            lower={found.interval ? found.interval.lower * 100 : undefined}
            upper={found.interval ? found.interval.upper * 100 : undefined}
            bound={found.threshold * 100}
          />
          <p class="small faint">
            {found.interval && `${words.interval(share(found.interval.level), chance(found.interval.lower), chance(found.interval.upper))} · `}
            {found.flagged ? words.flagged(share(found.threshold)) : words.passed(share(found.threshold))}
            {calibration && ` · ${words.calibrated(calibration.name, calibration.labels)}`}
          </p>
        </div>
      )}
      <div class="answer-more">
        {decisive && (decisive.label !== "SUPPORTED" || found?.flagged) && (
          <p class="answer-decides">
            <span class="faint">{decisive.label === "SUPPORTED" ? words.weakest : words.decides}:</span>{" "}
            <button type="button" class="link" dir="auto" onClick={() => props.choose(decisive)}>
              {brief(decisive.text, 120)}
            </button>{" "}
            {decisive.reasoning && <span dir="auto">{asSentence(brief(decisive.reasoning, 160))}</span>}
          </p>
        )}
        <p class="small faint">
          {words.score(score(result.consensus_score))}
          {interval && `, ${words.interval(share(interval.level), score(interval.lower), score(interval.upper))}`}
          {" · "}
          {words.reliability(t.value.reliabilities[result.reliability])}
        </p>
      </div>
    </section>
  );
}
