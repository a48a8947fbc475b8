// The figures of a run: what they are, how sure they are, and what they are made of.

import type { AuditResult, Calibrated, JudgeReport } from "judge-auditor-client";
import { placeOf } from "../lib/documents";
import { count, counted, duration, index, moment, score, share, usd, words } from "../lib/format";
import { Bar } from "./judge";
import { Tip } from "./tip";

export function Result(props: { result: AuditResult; judges: readonly JudgeReport[]; tookMs: number | null }) {
  const { result } = props;
  if (result.outcome === "nothing_to_check") return <NothingToCheck result={result} />;
  return (
    <section class="result" aria-label="Result">
      <div class="figures">
        {result.faithfulness && <Faithful result={result} found={result.faithfulness} />}
        <Consensus result={result} />
        <Hallucination result={result} />
        <Agreement result={result} />
        <Reliability result={result} />
      </div>
      <div class="figures">
        <Spread result={result} judges={props.judges} />
        <Issues result={result} />
        <Cost result={result} tookMs={props.tookMs} />
      </div>
    </section>
  );
}

function NothingToCheck({ result }: { result: AuditResult }) {
  return (
    <section class="result" aria-label="Result">
      <article class="card figure-card">
        <h2>Nothing to check</h2>
        <p>
          {result.outcome_reason === "abstained"
            ? "The output says that the source does not tell, and states nothing else."
            : "The output states nothing that a source could bear out."}
        </p>
      </article>
    </section>
  );
}

/** What a person comes for: may the whole of it be trusted. */
function Faithful(props: { result: AuditResult; found: NonNullable<AuditResult["faithfulness"]> }) {
  const { found } = props;
  const { claims } = props.result;
  return (
    <article class="card figure-card" aria-label="Is all of it supported?">
      <h2>
        All supported?{"\u00a0"}
        <Tip about="the probability that all of it is supported">
          How likely it is that the source supports every claim of the output, by the claims' own probabilities. It never rises when a sentence is
          added. Calibrated on {found.basis === "built-in/1" ? "labelled texts that came with the program" : `“${found.basis}”`}.
        </Tip>
      </h2>
      <p class={`big ${found.flagged ? "bad-text" : ""}`}>
        {share(found.probability)}
        <small> likely</small>
      </p>
      <p>
        {found.flagged ? "Flagged" : "Not flagged"}
        <small class="faint own-line">
          {found.flagged ? `below the threshold of ${share(found.threshold)}` : `the threshold is ${share(found.threshold)}`}
        </small>
      </p>
      <Scale value={found.probability * 100} />
      <p class="faint">
        {claims.supported} of {counted(claims.total, "claim")} supported, {claims.refuted} refuted, {claims.not_enough_info} without enough information
      </p>
    </article>
  );
}

function Consensus({ result }: { result: AuditResult }) {
  const interval = result.confidence_interval;
  return (
    <article class="card figure-card">
      <h2>
        Consensus{"\u00a0"}
        <Tip about="the consensus">
          How true the judges find the output, 0 to 100, by the strategy “{words(result.aggregation_strategy)}” over{" "}
          {result.judges.completed} of {result.judges.requested} judges.
        </Tip>
      </h2>
      <p class="big">
        {score(result.consensus_score)}
        <small> of 100</small>
      </p>
      <p class="faint">
        {words(result.aggregation_strategy)} of {counted(result.judges.completed, "score")}
      </p>
      <Scale value={result.consensus_score ?? 0} lower={interval?.lower} upper={interval?.upper} />
      <p class="faint">
        {interval
          ? `${Math.round(interval.level * 100)} % interval ${score(interval.lower)} to ${score(interval.upper)} (${METHODS[interval.method] ?? words(interval.method)}, n\u00a0=\u00a0${interval.n})`
          : `No interval: ${UNDEFINED[result.confidence_interval_reason ?? ""] ?? words(result.confidence_interval_reason ?? "not enough scores")}.`}
      </p>
    </article>
  );
}

const METHODS: Record<string, string> = { student_t: "Student's t" };

/** A scale of 0 to 100 with a mark, and the interval around it. */
function Scale(props: { value: number; lower?: number | undefined; upper?: number | undefined }) {
  const { value, lower, upper } = props;
  return (
    <svg class="scale" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" y="4" width="100" height="2" />
      {lower != null && upper != null && <rect class="interval" x={lower} y="2.5" width={Math.max(upper - lower, 0.5)} height="5" rx="1" />}
      <rect class="needle" x={Math.min(99, Math.max(0, value - 0.5))} width="1" height="10" />
    </svg>
  );
}

const COMPONENTS = [
  ["inverse_consensus", "Judges' doubt", "1 − consensus / 100"],
  ["verification", "Unsupported claims", "the share of claims that are refuted, or lack information at half weight"],
  ["issues", "Flagged issues", "by severity, growing towards 1"],
  ["confidence", "Judges' uncertainty", "1 − mean confidence"],
] as const;

function Hallucination({ result }: { result: AuditResult }) {
  const { calibration } = result;
  const shown = calibration?.hallucination_score ?? result.hallucination_score ?? 0;
  // Results of the first release have no probability.
  const bad = result.faithfulness?.flagged ?? calibration?.flagged ?? shown >= 50;
  return (
    <article class="card figure-card">
      <h2>
        Hallucination{"\u00a0"}
        <Tip about="the hallucination score">
          0 is nothing made up, 100 is everything: a weighted mean of four parts, each 0 to 1. Their weights are 40, 30, 20 and 10 %, if the server's
          configuration does not say otherwise. A part that can't be had is left out, and the others weigh more.
        </Tip>
      </h2>
      <p class={`big ${bad ? "bad-text" : ""}`}>
        {score(shown)}
        <small> of 100</small>
      </p>
      {calibration && <CalibratedWith calibration={calibration} />}
      <Gauge value={shown} />
      {calibration && <p class="faint">The raw score is made of:</p>}
      <ul class="plain-list parts">
        {COMPONENTS.map(([key, name, formula]) => (
          <li key={key}>
            <span>
              {name}{"\u00a0"}<Tip about={name}>{formula}</Tip>
            </span>
            <Bar value={(result.hallucination_components?.[key] ?? 0) * 100} kind="bad" />
            <span class="number">{share(result.hallucination_components?.[key])}</span>
          </li>
        ))}
      </ul>
    </article>
  );
}

/** Whose labels the shown score follows, and what it was before. */
function CalibratedWith({ calibration }: { calibration: Calibrated }) {
  return (
    <p class="calibrated">
      calibrated with <b>{calibration.name}</b> ({counted(calibration.labels, "label")}){"\u00a0"}
      <Tip about="the calibration">
        The raw score is {score(calibration.raw_hallucination_score)}. The shown one is the chance, in percent, that not all of the output is
        supported, fitted to {counted(calibration.labels, "label")} of this server's own texts on {moment(calibration.created_at)}. An output is flagged
        from {score(calibration.threshold)} on. The history and the statistics count with raw scores.
      </Tip>
      <small class="own-line">{calibration.flagged ? `flagged: ${score(calibration.threshold)} or more` : `not flagged: below ${score(calibration.threshold)}`}</small>
    </p>
  );
}

/** Half a circle, filled from the left. */
function Gauge(props: { value: number }) {
  const part = Math.max(0, Math.min(100, props.value)) / 100;
  const angle = Math.PI * (1 - part);
  const x = 50 + 40 * Math.cos(angle);
  const y = 50 - 40 * Math.sin(angle);
  return (
    <svg class="gauge" viewBox="0 0 100 56" role="img" aria-label={`Hallucination ${score(props.value)} of 100`}>
      <path class="track" d="M 10 50 A 40 40 0 0 1 90 50" />
      {part > 0 && <path class="fill" d={`M 10 50 A 40 40 0 0 1 ${x.toFixed(2)} ${y.toFixed(2)}`} />}
      <circle class="needle" cx={x.toFixed(2)} cy={y.toFixed(2)} r="3.5" />
    </svg>
  );
}

const MEASURES = [
  ["krippendorff_alpha", "Krippendorff's α", "1 − observed / expected disagreement; 1 is full agreement, 0 is chance"],
  ["fleiss_kappa", "Fleiss' κ", "(observed − chance agreement) / (1 − chance agreement)"],
  ["gwet_ac1", "Gwet's AC1", "as κ, with a chance agreement that stays fair when one label prevails"],
  ["raw", "Raw agreement", "the share of pairs of judges that gave a claim the same label"],
] as const;

/** Why there is no agreement of labels, or no interval. */
const UNDEFINED: Record<string, string> = {
  fewer_than_2_raters: "Fewer than two judges gave labels, so there is nothing to compare.",
  no_items: "No claim was labelled by two judges, so there is nothing to compare.",
  one_category: "All labels are the same one, so chance alone would agree as well: α and κ are 0/0.",
  fewer_than_3_judges: "fewer than three judges gave a score",
  dependent_judges: "the judges look at the same things, so together they are worth fewer than two",
};

function Agreement({ result }: { result: AuditResult }) {
  const { agreement } = result;
  return (
    <article class="card figure-card">
      <h2>
        Agreement{"\u00a0"}
        <Tip about="agreement">
          How close the judges' scores are: 1 − variance / the widest variance that so many scores can have (r*wg). 1 is one score for all, 0 the
          widest split.
        </Tip>
      </h2>
      <p class="big">{result.inter_judge_agreement == null ? "undefined" : index(result.inter_judge_agreement)}</p>
      <p class="faint">
        {result.inter_judge_agreement == null ? "One score alone agrees with nothing." : "between the scores"}
      </p>
      <p>
        Labels: {agreement.interpretation ? words(agreement.interpretation) : "undefined"}
        <small class="faint own-line">
          {counted(agreement.items, "claim")}, {counted(agreement.raters, "judge")}
        </small>
      </p>
      {agreement.undefined_because && <p class="faint">{UNDEFINED[agreement.undefined_because] ?? words(agreement.undefined_because)}</p>}
      <dl class="pairs">
        {MEASURES.map(([key, name, formula]) => (
          <div key={key}>
            <dt>
              {name}{"\u00a0"}<Tip about={name}>{formula}</Tip>
            </dt>
            <dd>{index(agreement[key])}</dd>
          </div>
        ))}
      </dl>
    </article>
  );
}

function Reliability({ result }: { result: AuditResult }) {
  const { claims } = result;
  return (
    <article class="card figure-card">
      <h2>
        Reliability{"\u00a0"}<Tip about="reliability">How far this result can be trusted, and why.</Tip>
      </h2>
      <p class={`big reliability-${result.reliability}`}>{result.reliability}</p>
      {result.reliability_reasons.length > 0 && (
        <ul class="reasons">
          {result.reliability_reasons.map((reason) => (
            <li key={reason}>{reasonInWords(reason)}</li>
          ))}
        </ul>
      )}
      <dl class="pairs">
        <div>
          <dt>✓ Supported</dt>
          <dd>
            {claims.supported}
            {claims.total > 0 && ` (${share(claims.supported / claims.total)})`}
          </dd>
        </div>
        <div>
          <dt>✗ Refuted</dt>
          <dd>{claims.refuted}</dd>
        </div>
        <div>
          <dt>? Not enough information</dt>
          <dd>{claims.not_enough_info}</dd>
        </div>
        {claims.supported_interval && (
          <div>
            <dt>
              Interval{"\u00a0"}
              <Tip about="the interval of the supported share">
                Wilson's 95 % interval of the share, as if these claims were drawn from many of their kind: of few claims it says little.
              </Tip>
            </dt>
            <dd>
              {Math.round(claims.supported_interval.lower * 100)} to {share(claims.supported_interval.upper)}
            </dd>
          </div>
        )}
      </dl>
      {result.offline_comparison?.note && <p class="notice open">{result.offline_comparison.note}</p>}
    </article>
  );
}

/** `interval_wider_than_40` as people say it. */
const reasonInWords = (reason: string) =>
  words(reason)
    .replace(/^(interval|mean confidence)/, "the $1 is")
    .replace(/^alpha/, "the labels' α is")
    .replace(/^judge failed/, "a judge failed")
    .replace("half of judges", "half of the judges");

const STATISTICS = [
  ["mean", "Mean", "Σ x / n"],
  ["median", "Median", "the middle score"],
  ["standard_deviation", "Standard deviation", "√ variance"],
  ["variance", "Variance", "Σ (x − mean)² / (n − 1)"],
  ["min", "Lowest", "the lowest score"],
  ["q1", "First quartile", "a quarter of the scores are lower"],
  ["q3", "Third quartile", "a quarter of the scores are higher"],
  ["max", "Highest", "the highest score"],
] as const;

/** Points from the median at which a judge is far from the others: nearly one level of five. */
const FAR = 20;

/** Every judge's score on one line, and the statistics of them. */
function Spread(props: { result: AuditResult; judges: readonly JudgeReport[] }) {
  const { statistics } = props.result;
  if (statistics == null) return null;
  const scored = props.judges.filter((judge) => judge.status === "completed" && judge.score != null);
  return (
    <article class="card wide">
      <h2>
        The judges' scores{"\u00a0"}
        <Tip about="scores that are marked">A score that is {FAR} points or more from the median of all is marked. The shaded part is the middle half.</Tip>
      </h2>
      <ul class="plain-list spread">
        {scored.map((judge) => {
          const apart = scored.length > 1 && Math.abs((judge.score ?? 0) - statistics.median) >= FAR;
          return (
            <li key={judge.judge_name}>
              <span>{judge.judge_name}</span>
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class="track" y="3.5" width="100" height="1" />
                <rect class="box" x={statistics.q1} y="1" width={Math.max(statistics.q3 - statistics.q1, 0.4)} height="6" />
                <rect class="needle" x={Math.min(99, judge.score ?? 0)} y="0" width="1" height="8" />
              </svg>
              <span class="number">{score(judge.score)}</span>
              {apart && <span class="chip open">far from the others</span>}
            </li>
          );
        })}
      </ul>
      <dl class="pairs columns">
        {STATISTICS.map(([key, name, formula]) => (
          <div key={key}>
            <dt>
              {name}{"\u00a0"}<Tip about={name}>{formula}</Tip>
            </dt>
            <dd>{score(statistics[key])}</dd>
          </div>
        ))}
      </dl>
    </article>
  );
}

function Issues({ result }: { result: AuditResult }) {
  const kinds = Object.entries(result.hallucination_breakdown).sort((one, other) => (other[1] ?? 0) - (one[1] ?? 0));
  return (
    <article class="card">
      <h2>Issues by kind</h2>
      {kinds.length === 0 ? (
        <p class="faint">No judge flagged an issue.</p>
      ) : (
        <ul class="plain-list parts">
          {kinds.map(([kind, part]) => (
            <li key={kind}>
              <span>{words(kind)}</span>
              <Bar value={(part ?? 0) * 100} kind="bad" />
              <span class="number">{share(part)}</span>
            </li>
          ))}
        </ul>
      )}
      {result.injection && <Injection found={result.injection} />}
    </article>
  );
}

type Sign = NonNullable<AuditResult["injection"]>["signs"][number];

const SIGNS: Record<Sign["kind"], string> = {
  instruction_to_evaluator: "an instruction to whoever judges it",
  persuasion: "pressure on whoever judges it",
  fake_completion: "a pretended end of the data, or a verdict of its own",
  our_schema: "fields of the judge's own answer",
  role_tags: "marks of who is speaking",
  hidden_text: "text that a reader can't see",
  encoded_run: "text in an encoding",
  disguised: "a disguised instruction",
};

/** What in the texts is meant for the judges, not for a reader. */
function Injection({ found }: { found: NonNullable<AuditResult["injection"]> }) {
  return (
    <details class="notice open">
      <summary>
        {found.total === 1 ? "A passage speaks" : `${count(found.total)} passages speak`} to the judges
      </summary>
      <ul>
        {found.signs.map((sign, place) => (
          <li key={place}>
            {placeOf(sign)}, {SIGNS[sign.kind]}: <q dir="auto">{sign.excerpt}</q>
          </li>
        ))}
      </ul>
      {found.total > found.signs.length && <p>These are the first {found.signs.length}.</p>}
    </details>
  );
}

function Cost(props: { result: AuditResult; tookMs: number | null }) {
  const { usage } = props.result;
  return (
    <article class="card">
      <h2>Cost and time</h2>
      <dl class="pairs">
        <div>
          <dt>Tokens</dt>
          <dd>{usage ? `${count(usage.prompt_tokens)} in, ${count(usage.completion_tokens)} out` : "none"}</dd>
        </div>
        <div>
          <dt>Price</dt>
          <dd>{usage ? usd(usage.cost_usd) : "free"}</dd>
        </div>
        {props.tookMs != null && (
          <div>
            <dt>Time</dt>
            <dd>{duration(props.tookMs)}</dd>
          </div>
        )}
      </dl>
    </article>
  );
}
