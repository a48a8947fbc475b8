// Up to five audits side by side: which holds better, which claims changed, and how their words differ.

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { AuditorError, ClaimView, Evaluation } from "judge-auditor-client";
import { alignedAll } from "../lib/align";
import { wordDiff } from "../lib/diff";
import { brief, chance, index, moment, score } from "../lib/format";
import { answerOf } from "../parts/answer";
import { Notice, Trouble, Waiting } from "../parts/notice";
import { Scroll } from "../parts/scroll";
import { Source } from "../parts/source";
import { Tags } from "../parts/tags";
import { Chip } from "../parts/verdict";
import { auditPath } from "../state/route";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

export function Compare(props: { ids: readonly string[] }) {
  const [audits, setAudits] = useState<Evaluation[] | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const words = t.value.compare;
  useTitle(words.title);
  const load = () => {
    setError(null);
    Promise.all(props.ids.map((id) => client.evaluations.get(id))).then(setAudits, (thrown) => setError(asError(thrown)));
  };
  useEffect(load, []);
  if (error) return <Trouble page error={error} again={load} />;
  if (!audits) return <Waiting what={words.reading} />;
  return <Several audits={audits} />;
}

interface Audits {
  audits: readonly Evaluation[];
}

const nth = (place: number) => t.value.compare.places[place] ?? String(place + 1);

function Several({ audits }: Audits) {
  const words = t.value.compare;
  const isOneSource = audits.every(({ source_text }) => source_text === audits[0]?.source_text);
  return (
    <section class="comparison">
      <div class="page-title">
        <h1>{words.title}</h1>
      </div>
      {!isOneSource && <Notice kind="warning" title={words.otherSources} />}
      <div class="several">
        {audits.map((audit, place) => (
          <article key={`${audit.id} ${place}`} class="card">
            <p class="small faint">
              {nth(place)} · {moment(audit.created_at)}
            </p>
            <h2>
              <a href={auditPath(audit.id)} dir="auto">
                {audit.name || brief(audit.question || audit.candidate_output)}
              </a>
            </h2>
            <p>{audit.result ? answerOf(audit.result) : t.value.statuses[audit.status]}</p>
            <Tags tags={audit.tags ?? []} />
          </article>
        ))}
      </div>
      <Figures audits={audits} />
      <Claims audits={audits} />
      <div class="two">
        <Words audits={audits} />
        {isOneSource ? (
          <section class="card" aria-label={words.source}>
            <h2>{words.source}</h2>
            <Source text={audits[0]?.source_text ?? ""} marks={[]} sources={audits[0]?.sources} />
          </section>
        ) : (
          <div class="stack-cards">
            {audits.map((audit, place) => (
              <section key={`${audit.id} ${place}`} class="card" aria-label={words.sourceOf(place)}>
                <h2>{words.sourceOf(place)}</h2>
                <Source text={audit.source_text} marks={[]} sources={audit.sources} name={words.sourceOf(place)} />
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

function rowsOf(audits: readonly Evaluation[]): Row[] {
  const words = t.value.compare;
  const { labels } = t.value;
  const number = (value: number | null | undefined) => (value == null ? "–" : String(value));
  const judges = [...new Set(audits.flatMap((audit) => audit.config.judges))];
  const isCalibrated = audits.some((audit) => audit.result?.calibration);
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

function Figures({ audits }: Audits) {
  const words = t.value.compare;
  // With more than two there is no one change.
  const [first, second, third] = audits;
  return (
    <article class="card">
      <h2>{words.figures}</h2>
      <Scroll about={words.figures}>
        <table class="compared">
          <thead>
            <tr>
              <th scope="col">{words.figure}</th>
              {audits.map((audit, place) => (
                <th key={audit.id} scope="col" class="number">
                  {nth(place)}
                </th>
              ))}
              {!third && (
                <th scope="col" class="number">
                  {words.change}
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rowsOf(audits).map((row) => {
              const texts = audits.map(row.text);
              return (
                <tr key={row.name} class={new Set(texts).size === 1 ? "" : "differs"}>
                  <th scope="row">{row.name}</th>
                  {texts.map((text, place) => (
                    <td key={place} class="number">
                      {text}
                    </td>
                  ))}
                  {first && second && !third && (
                    <td class="number">
                      <Change row={row} first={first} second={second} />
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </article>
  );
}

/** From the first to the second, with its direction. */
function Change(props: { row: Row; first: Evaluation; second: Evaluation }) {
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

/** What each audit has of nearly the same claim; null where it has none. */
type Line = readonly (ClaimView | null)[];

const isChanged = (line: Line) => line.some((claim) => !claim || claim.label !== line[0]?.label || claim.text !== line[0]?.text);

function Claims({ audits }: Audits) {
  const words = t.value.compare;
  const lines = useMemo(() => alignedAll(audits.map(({ claims }) => claims)), [audits]);
  const [changedOnly, setChangedOnly] = useState(false);
  const shown = changedOnly ? lines.filter(isChanged) : lines;
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
              {[...audits.map((_, place) => nth(place)), words.change].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((line, at) => (
              <tr key={at}>
                {line.map((claim, place) => {
                  const audit = audits[place];
                  return audit && <Side key={place} audit={audit} claim={claim} name={nth(place)} />;
                })}
                <td data-name={words.change}>{changeOf(line)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </article>
  );
}

function changeOf(line: Line): ComponentChildren {
  const words = t.value.compare;
  const there = line.flatMap((claim, place) => (claim ? [{ claim, place }] : []));
  const labels = there.map(({ claim }) => claim.label ?? null);
  if (there.length === 1 && there[0]) return <span class="changed">{words.only(there[0].place)}</span>;
  if (new Set(labels).size === 1) return there.length === line.length ? <span class="faint">{words.unchanged}</span> : <span class="changed">{words.notInAll}</span>;
  return <span class="changed">{words.becomes(labels.map((label) => (label ? t.value.labels[label] : "–")))}</span>;
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

function Words({ audits }: Audits) {
  const words = t.value.compare;
  const [pair, setPair] = useState<readonly [number, number]>([0, 1]);
  const [one, other] = pair;
  const outputs = audits.map(({ candidate_output }) => candidate_output);
  const parts = useMemo(() => wordDiff(outputs[one] ?? "", outputs[other] ?? ""), [audits, one, other]);
  return (
    <section class="card" aria-label={words.words}>
      <h2>{words.words}</h2>
      {audits.length > 2 && (
        <div class="row pair-choice">
          {([one, other] as const).map((chosen, side) => (
            <select
              key={side}
              aria-label={side === 0 ? words.pairOne : words.pairOther}
              value={String(chosen)}
              onChange={(event) => {
                const place = Number(event.currentTarget.value);
                setPair(side === 0 ? [place, other] : [one, place]);
              }}
            >
              {audits.map((audit, place) => (
                <option key={audit.id} value={String(place)}>
                  {nth(place)}
                </option>
              ))}
            </select>
          ))}
        </div>
      )}
      {parts === null ? (
        <p class="faint">{words.tooLong}</p>
      ) : (
        <>
          <p class="small faint">
            <del>{words.only(one)}</del> <ins>{words.only(other)}</ins>
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
