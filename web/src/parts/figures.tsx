// The figures of a run for whoever wants to know more: plain words first, then what statisticians call it.

import type { ComponentChildren } from "preact";
import type { AuditResult, Calibrated, JudgeReport } from "judge-auditor-client";
import { placeOf } from "../lib/documents";
import { chance, index, moment, score, share, spaced } from "../lib/format";
import { t } from "../words";
import { Bar, Scale } from "./bar";
import { LABELS } from "./verdict";

export function Figures(props: { result: AuditResult; judges: readonly JudgeReport[] }) {
  const { result } = props;
  return (
    <div class="figures">
      <Chance result={result} />
      <Consensus result={result} />
      <Hallucination result={result} />
      <Agreement result={result} />
      <Reliability result={result} />
      <Spread result={result} judges={props.judges} />
      <Issues result={result} />
    </div>
  );
}

function Figure(props: { title: string; what?: string; wide?: boolean; children: ComponentChildren }) {
  return (
    <article class={`card figure-card ${props.wide ? "wide" : ""}`} aria-label={props.title}>
      <h2>{props.title}</h2>
      {props.what && <p class="small faint">{props.what}</p>}
      {props.children}
    </article>
  );
}

const lookUp = (names: Record<string, string>, name: string) => names[name] ?? spaced(name);

/** How likely it is that all of it holds, and how sure that is. */
function Chance({ result }: { result: AuditResult }) {
  const found = result.faithfulness;
  const words = t.value.figures;
  if (!found) return null;
  const { interval } = found;
  return (
    <Figure title={words.chance} what={words.chanceWhat}>
      <p class="big">{chance(found.probability)}</p>
      <Scale
        value={found.probability * 100}
        lower={interval ? interval.lower * 100 : undefined}
        upper={interval ? interval.upper * 100 : undefined}
        bound={found.threshold * 100}
      />
      {interval && (
        <p class="small">
          {t.value.answer.interval(share(interval.level), chance(interval.lower), chance(interval.upper))}: {interval.method === "labels" ? words.sureByLabels : words.sureByTexts}
        </p>
      )}
      <p class="small faint">{words.basis(found.basis.startsWith("built-in/") ? null : found.basis)}</p>
    </Figure>
  );
}

function Consensus({ result }: { result: AuditResult }) {
  const interval = result.confidence_interval;
  const words = t.value.figures;
  return (
    <Figure title={words.score} what={words.scoreWhat}>
      <p class="big">
        {score(result.consensus_score)}
        <small> {words.of100}</small>
      </p>
      <Scale value={result.consensus_score ?? 0} lower={interval?.lower} upper={interval?.upper} />
      <p class="small">
        {interval
          ? `${t.value.answer.interval(share(interval.level), score(interval.lower), score(interval.upper))} ${words.method(interval.method, interval.n)}`
          : words.noInterval(lookUp(t.value.unknown, result.confidence_interval_reason ?? "fewer_than_3_judges"))}
      </p>
      <p class="small faint">{words.by(t.value.strategies[result.aggregation_strategy], result.judges.completed)}</p>
    </Figure>
  );
}

function Hallucination({ result }: { result: AuditResult }) {
  const { calibration } = result;
  const words = t.value.figures;
  const shown = calibration?.hallucination_score ?? result.hallucination_score;
  return (
    <Figure title={words.wrong} what={words.wrongWhat}>
      <p class="big">
        {score(shown)}
        <small> {words.of100}</small>
      </p>
      <Scale value={shown ?? 0} bound={calibration?.threshold} />
      {calibration && <CalibratedWith calibration={calibration} />}
      <h3>{calibration ? words.rawMadeOf : words.madeOf}</h3>
      <ul class="plain-list parts">
        {words.parts.map(([key, name, formula]) => {
          const part = result.hallucination_components?.[key as keyof NonNullable<AuditResult["hallucination_components"]>];
          return (
            <li key={key}>
              <span>
                {name} <small class="faint own-line">{formula}</small>
              </span>
              <Bar value={(part ?? 0) * 100} />
              <span class="number">{share(part)}</span>
            </li>
          );
        })}
      </ul>
    </Figure>
  );
}

/** Whose labels the shown score follows, and what it was before. */
function CalibratedWith({ calibration }: { calibration: Calibrated }) {
  const words = t.value.figures;
  return (
    <>
      <p class="small calibrated">
        {words.calibratedWith} <b>{calibration.name}</b> ({words.labels(calibration.labels)})
      </p>
      <details class="small">
        <summary>{words.aboutCalibration}</summary>
        <p>{words.calibration(score(calibration.raw_hallucination_score), calibration.labels, moment(calibration.created_at), score(calibration.threshold))}</p>
      </details>
    </>
  );
}

function Agreement({ result }: { result: AuditResult }) {
  const { agreement } = result;
  const words = t.value.figures;
  return (
    <Figure title={words.agreement}>
      <dl class="pairs">
        <div>
          <dt>
            {words.labelsAgree}
            <small class="faint own-line">{words.over(agreement.items, agreement.raters)}</small>
          </dt>
          <dd>
            <b>{agreement.interpretation ? lookUp(words.interpretations, agreement.interpretation) : t.value.common.undefined}</b>
          </dd>
        </div>
        <div>
          <dt>
            {words.scoresAgree}
            <small class="faint own-line">{words.rwg}</small>
          </dt>
          <dd>
            <b>{index(result.inter_judge_agreement)}</b>
          </dd>
        </div>
      </dl>
      {result.inter_judge_agreement == null && <p class="small faint">{words.oneScore}</p>}
      {/* Where claims that not all judges labelled give a figure all the same, it stands. */}
      {agreement.undefined_because && agreement.krippendorff_alpha == null && <p class="small faint">{lookUp(t.value.unknown, agreement.undefined_because)}</p>}
      <h3>{words.definitions}</h3>
      <dl class="pairs">
        {words.measures.map(([key, name, formula]) => (
          <div key={key}>
            <dt>
              {name} <small class="faint own-line">{formula}</small>
            </dt>
            <dd>{index(agreement[key as "raw"])}</dd>
          </div>
        ))}
      </dl>
    </Figure>
  );
}

function Reliability({ result }: { result: AuditResult }) {
  const { claims } = result;
  const words = t.value.figures;
  const counts = [
    ["SUPPORTED", claims.supported],
    ["REFUTED", claims.refuted],
    ["NOT_ENOUGH_INFO", claims.not_enough_info],
  ] as const;
  return (
    <Figure title={words.reliability} what={words.reliabilityWhat}>
      <p class="big">{t.value.reliabilities[result.reliability]}</p>
      {result.reliability_reasons.length > 0 && (
        <ul class="reasons">
          {result.reliability_reasons.map((reason) => (
            <li key={reason}>{lookUp(words.reasons, reason)}</li>
          ))}
        </ul>
      )}
      <h3>{words.claims}</h3>
      <dl class="pairs">
        {counts.map(([label, number]) => (
          <div key={label}>
            <dt>
              <span class={`shape ${LABELS[label].css}`} aria-hidden="true">
                {LABELS[label].mark}
              </span>
              {t.value.labels[label]}
            </dt>
            <dd>
              {number}
              {label === "SUPPORTED" && claims.total > 0 && ` (${share(number / claims.total)})`}
            </dd>
          </div>
        ))}
        {claims.supported_interval && (
          <div>
            <dt>
              {words.supportedShare} <small class="faint own-line">Wilson</small>
            </dt>
            <dd>
              {Math.round(claims.supported_interval.lower * 100)}–{share(claims.supported_interval.upper)}
            </dd>
          </div>
        )}
      </dl>
      {result.offline_comparison?.note && <p class="small">{result.offline_comparison.note}</p>}
    </Figure>
  );
}

/** Points from the median at which a judge is far from the others: nearly one level of five. */
const FAR = 20;

/** Every judge's score on one line, and the statistics of them. */
function Spread(props: { result: AuditResult; judges: readonly JudgeReport[] }) {
  const { statistics } = props.result;
  const words = t.value.figures;
  if (statistics == null) return null;
  const scored = props.judges.filter((judge) => judge.status === "completed" && judge.score != null);
  return (
    <Figure title={words.spread} what={words.spreadWhat(FAR)} wide>
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
              {apart && <span class="chip differ">≠ {t.value.judges.far}</span>}
            </li>
          );
        })}
      </ul>
      <dl class="pairs columns">
        {words.statistics.map(([key, name]) => (
          <div key={key}>
            <dt>{name}</dt>
            <dd>{score(statistics[key as "mean"])}</dd>
          </div>
        ))}
      </dl>
    </Figure>
  );
}

function Issues({ result }: { result: AuditResult }) {
  const kinds = Object.entries(result.hallucination_breakdown).sort((one, other) => (other[1] ?? 0) - (one[1] ?? 0));
  const words = t.value.figures;
  return (
    <Figure title={words.issues} wide>
      {kinds.length === 0 ? (
        <p class="faint">{words.noIssues}</p>
      ) : (
        <ul class="plain-list parts">
          {kinds.map(([kind, part]) => (
            <li key={kind}>
              <span>{lookUp(t.value.issues, kind)}</span>
              <Bar value={(part ?? 0) * 100} />
              <span class="number">{share(part)}</span>
            </li>
          ))}
        </ul>
      )}
    </Figure>
  );
}

/** What in the texts is meant for the judges, not for a reader. */
export function Injection({ found }: { found: NonNullable<AuditResult["injection"]> }) {
  const words = t.value.audit;
  return (
    <details class="notice warning">
      <summary>{words.speaks(found.total)}</summary>
      <ul>
        {found.signs.map((sign, place) => (
          <li key={place}>
            {placeOf(sign)}, {t.value.signs[sign.kind]}: <q dir="auto">{sign.excerpt}</q>
          </li>
        ))}
      </ul>
      {found.total > found.signs.length && <p>{words.firstSigns(found.signs.length)}</p>}
    </details>
  );
}
