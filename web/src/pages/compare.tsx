// Two audits side by side: which holds better, which claims changed, and how their words differ.

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { AuditorError, ClaimView, Evaluation } from "judge-auditor-client";
import { aligned } from "../lib/align";
import type { Pair } from "../lib/align";
import { wordDiff } from "../lib/diff";
import { brief, chance, index, moment, score } from "../lib/format";
import { answerOf } from "../parts/answer";
import { Notice, Trouble, Waiting } from "../parts/notice";
import { Scroll } from "../parts/scroll";
import { Source } from "../parts/source";
import { Chip } from "../parts/verdict";
import { auditPath } from "../state/route";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

export function Compare(props: { first: string; second: string }) {
  const [audits, setAudits] = useState<Evaluation[] | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const words = t.value.compare;
  useTitle(words.title);
  const load = () => {
    setError(null);
    Promise.all([props.first, props.second].map((id) => client.evaluations.get(id))).then(setAudits, (thrown) => setError(asError(thrown)));
  };
  useEffect(load, [props.first, props.second]);
  if (error) return <Trouble page error={error} again={load} />;
  const [first, second] = audits ?? [];
  if (!first || !second) return <Waiting what={words.reading} />;
  return <Both first={first} second={second} />;
}

interface Two {
  first: Evaluation;
  second: Evaluation;
}

function Both({ first, second }: Two) {
  const words = t.value.compare;
  const isOneSource = first.source_text === second.source_text;
  return (
    <section class="comparison">
      <div class="page-title">
        <h1>{words.title}</h1>
      </div>
      {!isOneSource && <Notice kind="warning" title={words.otherSources} />}
      <div class="two">
        {[first, second].map((audit, place) => (
          <article key={`${audit.id} ${place}`} class="card">
            <p class="small faint">
              {place === 0 ? words.first : words.second} · {moment(audit.created_at)}
            </p>
            <h2>
              <a href={auditPath(audit.id)} dir="auto">
                {brief(audit.question || audit.candidate_output)}
              </a>
            </h2>
            <p>{audit.result ? answerOf(audit.result) : t.value.statuses[audit.status]}</p>
          </article>
        ))}
      </div>
      <Figures first={first} second={second} />
      <Claims first={first} second={second} />
      <div class="two">
        <Words first={first} second={second} />
        {isOneSource ? (
          <section class="card" aria-label={words.source}>
            <h2>{words.source}</h2>
            <Source text={first.source_text} marks={[]} />
          </section>
        ) : (
          <div class="stack-cards">
            {[first, second].map((audit, place) => (
              <section key={`${audit.id} ${place}`} class="card" aria-label={words.sourceOf(place === 0 ? words.first : words.second)}>
                <h2>{words.sourceOf(place === 0 ? words.first : words.second)}</h2>
                <Source text={audit.source_text} marks={[]} name={words.sourceOf(place === 0 ? words.first : words.second)} />
              </section>
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

interface Row {
  name: string;
  text: (audit: Evaluation) => string;
  /** Where it is a figure that can be higher or lower. */
  value?: (audit: Evaluation) => number | null | undefined;
  digits?: number;
  percent?: boolean;
}

function rowsOf(first: Evaluation, second: Evaluation): Row[] {
  const words = t.value.compare;
  const { labels } = t.value;
  const number = (value: number | null | undefined) => (value == null ? "–" : String(value));
  const judges = [...new Set([first, second].flatMap((audit) => audit.config.judges))];
  const isCalibrated = [first, second].some((audit) => audit.result?.calibration);
  return [
    {
      name: words.probability,
      text: ({ result }) => (result?.faithfulness ? chance(result.faithfulness.probability) : "–"),
      value: ({ result }) => result?.faithfulness && result.faithfulness.probability * 100,
      digits: 0,
      percent: true,
    },
    { name: labels.REFUTED, text: ({ result }) => number(result?.claims.refuted), value: ({ result }) => result?.claims.refuted, digits: 0 },
    { name: labels.NOT_ENOUGH_INFO, text: ({ result }) => number(result?.claims.not_enough_info), value: ({ result }) => result?.claims.not_enough_info, digits: 0 },
    { name: labels.SUPPORTED, text: ({ result }) => number(result?.claims.supported), value: ({ result }) => result?.claims.supported, digits: 0 },
    { name: t.value.figures.score, text: ({ result }) => score(result?.consensus_score), value: ({ result }) => result?.consensus_score },
    { name: t.value.figures.wrong, text: ({ result }) => score(result?.hallucination_score), value: ({ result }) => result?.hallucination_score },
    // Where a run used a calibration: both scores, since the other may have used none.
    ...(isCalibrated
      ? [
          {
            name: words.calibrated,
            text: ({ result }: Evaluation) => score(result?.calibration?.hallucination_score),
            value: ({ result }: Evaluation) => result?.calibration?.hallucination_score,
          },
        ]
      : []),
    { name: words.agreement, text: ({ result }) => (result?.inter_judge_agreement == null ? "–" : index(result.inter_judge_agreement)), value: ({ result }) => result?.inter_judge_agreement, digits: 2 },
    { name: words.reliability, text: ({ result }) => (result ? t.value.reliabilities[result.reliability] : "–") },
    ...judges.map((name): Row => ({ name: words.judge(name), text: (audit) => saidBy(audit, name), value: (audit) => scoreBy(audit, name) })),
  ];
}

const scoreBy = (audit: Evaluation, name: string) => audit.judges.find((judge) => judge.judge_name === name)?.score;

/** The judge's score, or why there is none. */
function saidBy(audit: Evaluation, name: string): string {
  const report = audit.judges.find((judge) => judge.judge_name === name);
  if (report) return report.status === "completed" ? score(report.score) : t.value.judgeStatuses[report.status];
  return audit.config.judges.includes(name) ? "–" : t.value.compare.notAsked;
}

function Figures({ first, second }: Two) {
  const words = t.value.compare;
  return (
    <article class="card">
      <h2>{words.figures}</h2>
      <Scroll about={words.figures}>
        <table class="compared">
          <thead>
            <tr>
              {[words.figure, words.first, words.second, words.change].map((name, place) => (
                <th key={name} scope="col" class={place > 0 ? "number" : ""}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rowsOf(first, second).map((row) => (
              <tr key={row.name} class={row.text(first) === row.text(second) ? "" : "differs"}>
                <th scope="row">{row.name}</th>
                <td class="number">{row.text(first)}</td>
                <td class="number">{row.text(second)}</td>
                <td class="number">
                  <Change row={row} first={first} second={second} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </article>
  );
}

/** From the first to the second, with its direction. */
function Change(props: { row: Row } & Two) {
  const { row } = props;
  const [before, after] = [row.value?.(props.first), row.value?.(props.second)];
  const words = t.value.compare;
  if (row.text(props.first) === row.text(props.second)) return <span class="faint">{words.unchanged}</span>;
  if (before == null || after == null) return <span class="changed">≠</span>;
  const by = Math.abs(after - before);
  return (
    <span class="changed">
      <span aria-hidden="true">{after > before ? "▲" : "▼"}</span> {by.toFixed(row.digits ?? 1)}
      {row.percent && "\u00a0%"}
      <span class="spoken"> {after > before ? words.up : words.down}</span>
    </span>
  );
}

const isChanged = ({ first, second }: Pair) => !first || !second || first.label !== second.label || first.text !== second.text;

function Claims({ first, second }: Two) {
  const words = t.value.compare;
  const pairs = useMemo(() => aligned(first.claims, second.claims), [first, second]);
  const [changedOnly, setChangedOnly] = useState(false);
  const shown = changedOnly ? pairs.filter(isChanged) : pairs;
  return (
    <article class="card">
      <div class="card-head">
        <h2>{words.claims}</h2>
        <label class="check">
          <input type="checkbox" checked={changedOnly} onChange={(event) => setChangedOnly(event.currentTarget.checked)} /> {words.changedOnly}
        </label>
      </div>
      {shown.length === 0 ? (
        <p class="faint">{words.nothingChanged}</p>
      ) : (
        <table class="claims-compared">
          <thead>
            <tr>
              {[words.first, words.second, words.change].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((pair, place) => (
              <tr key={place}>
                <Side audit={first} claim={pair.first} name={words.first} />
                <Side audit={second} claim={pair.second} name={words.second} />
                <td data-name={words.change}>{changeOf(pair)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </article>
  );
}

function changeOf({ first, second }: Pair): ComponentChildren {
  const words = t.value.compare;
  if (!second) return <span class="changed">{words.onlyFirst}</span>;
  if (!first) return <span class="changed">{words.onlySecond}</span>;
  if (first.label === second.label) return <span class="faint">{words.unchanged}</span>;
  const name = (claim: ClaimView) => (claim.label ? t.value.labels[claim.label] : "–");
  return <span class="changed">{words.becomes(name(first), name(second))}</span>;
}

function Side(props: { audit: Evaluation; claim: ClaimView | null; name: string }) {
  const { claim } = props;
  if (!claim) return <td data-name={props.name} class="faint">–</td>;
  return (
    <td data-name={props.name}>
      <a class="plain" href={auditPath(props.audit.id, `claim=${claim.index + 1}`)} dir="auto">
        {claim.text}
      </a>{" "}
      {claim.label && <Chip label={claim.label} />}
    </td>
  );
}

function Words({ first, second }: Two) {
  const words = t.value.compare;
  const parts = useMemo(() => wordDiff(first.candidate_output, second.candidate_output), [first, second]);
  return (
    <section class="card" aria-label={words.words}>
      <h2>{words.words}</h2>
      {parts === null ? (
        <p class="faint">{words.tooLong}</p>
      ) : (
        <>
          <p class="small faint">
            <del>{words.removed}</del> <ins>{words.added}</ins>
          </p>
          <div class="word-diff scrolls" dir="auto" tabIndex={0} role="group" aria-label={words.words}>
            {parts.map(({ text, of }, place) =>
              of === "both" ? <span key={place}>{text}</span> : of === "first" ? <del key={place}>{text}</del> : <ins key={place}>{text}</ins>,
            )}
          </div>
        </>
      )}
    </section>
  );
}
