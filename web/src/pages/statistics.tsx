// What the audits of the last days say together.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { AuditorError, ClaimTotals, Statistics } from "judge-auditor-client";
import { count, duration, index, score, share, usd } from "../lib/format";
import { Chart } from "../parts/chart";
import type { Line } from "../parts/chart";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { Scroll } from "../parts/scroll";
import { asError, client } from "../state/session";
import { readTags, tags } from "../state/tags";
import { useTitle } from "../state/title";
import { t } from "../words";

const SPANS = [7, 30, 90, 365];

/** What is added up stands in the address. */
interface Scope {
  days: number;
  tag: string;
}

function scopeOf(query: string): Scope {
  const given = new URLSearchParams(query);
  const days = Number(given.get("days"));
  return { days: SPANS.includes(days) ? days : 30, tag: given.get("tag") ?? "" };
}

export function StatisticsPage(props: { query: string }) {
  const [{ days, tag }, setScope] = useState(() => scopeOf(props.query));
  // Another address: a link was followed, or one goes back.
  useEffect(() => setScope(scopeOf(props.query)), [props.query]);
  useEffect(() => void readTags(), []);
  const set = (changes: Partial<Scope>) => {
    const now = { days, tag, ...changes };
    setScope(now);
    const query = new URLSearchParams({ ...(now.days !== 30 && { days: String(now.days) }), ...(now.tag && { tag: now.tag }) }).toString();
    history.replaceState(history.state, "", `#/statistics${query && `?${query}`}`);
  };
  const [figures, setFigures] = useState<Statistics | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const words = t.value.statistics;
  useTitle(words.title);
  const load = () => {
    setError(null);
    client.statistics(days, tag || undefined).then(setFigures, (thrown) => setError(asError(thrown)));
  };
  useEffect(load, [days, tag]);
  return (
    <section>
      <div class="page-title">
        <h1>{words.title}</h1>
        <div class="row">
          {(tags.value.length > 0 || tag !== "") && (
            <label>
              {t.value.history.tag}{" "}
              <select value={tag} onChange={(event) => set({ tag: event.currentTarget.value })}>
                <option value="">{t.value.history.allTags}</option>
                {[...new Set([...tags.value.map((known) => known.tag), ...(tag ? [tag] : [])])].map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          )}
          <label>
            {words.over}{" "}
            <select value={String(days)} onChange={(event) => set({ days: Number(event.currentTarget.value) })}>
              {SPANS.map((span) => (
                <option key={span} value={String(span)}>
                  {words.days(span)}
                </option>
              ))}
            </select>
          </label>
        </div>
      </div>
      {error ? <Trouble error={error} again={load} /> : figures ? <Figures figures={figures} /> : <Waiting what={words.adding} />}
    </section>
  );
}

const sumOf = ({ supported, refuted, not_enough_info }: ClaimTotals) => supported + refuted + not_enough_info;

const DAY_MS = 86_400_000;

/** Every day from the first to the last: one without audits is a gap. */
function everyDay({ from, to }: Statistics): string[] {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(1, days) }, (_, day) => new Date(Date.parse(from) + day * DAY_MS).toISOString().slice(0, 10));
}

function Figures({ figures }: { figures: Statistics }) {
  const words = t.value.statistics;
  const days = useMemo(() => everyDay(figures), [figures]);
  const claims = useMemo((): Line[] => {
    const part = (of: keyof ClaimTotals) =>
      new Map(figures.by_day.map(({ day, claims }) => [day, claims && sumOf(claims) > 0 ? (100 * claims[of]) / sumOf(claims) : null]));
    return [
      { name: t.value.labels.SUPPORTED, values: part("supported"), colour: "--supported" },
      { name: t.value.labels.REFUTED, values: part("refuted"), colour: "--contradicted" },
      { name: t.value.labels.NOT_ENOUGH_INFO, values: part("not_enough_info"), colour: "--unsupported" },
    ];
  }, [figures, words]);
  const whole = useMemo(
    (): Line[] => [
      { name: words.probability, values: new Map(figures.by_day.map((day) => [day.day, day.mean_probability == null ? null : 100 * day.mean_probability])) },
      { name: words.score, values: new Map(figures.by_day.map((day) => [day.day, day.mean_consensus_score ?? null])) },
      { name: words.wrong, values: new Map(figures.by_day.map((day) => [day.day, day.mean_hallucination_score ?? null])) },
    ],
    [figures, words],
  );
  const judges = useMemo(
    () =>
      figures.by_judge
        .filter((judge) => judge.mean_score != null)
        .map((judge): Line => ({ name: judge.judge_name, values: new Map(judge.by_day.map((day) => [day.day, day.mean_score ?? null])) })),
    [figures],
  );
  if (figures.evaluations.total === 0) {
    return (
      <Empty title={words.none}>
        <a class="button primary" href="#/">
          {words.runOne}
        </a>
      </Empty>
    );
  }
  const heads = [
    [words.audits, count(figures.evaluations.total)],
    [words.supportedShare, figures.claims && sumOf(figures.claims) > 0 ? share(figures.claims.supported / sumOf(figures.claims)) : "–"],
    [words.meanProbability, share(figures.mean_probability)],
    [words.meanScore, score(figures.mean_consensus_score)],
    [words.meanWrong, score(figures.mean_hallucination_score)],
    [words.meanAgreement, figures.mean_agreement == null ? "–" : index(figures.mean_agreement)],
  ] as const;
  return (
    <>
      <div class="figures few">
        {heads.map(([name, value]) => (
          <article key={name} class="card figure-card">
            <h2>{name}</h2>
            <p class="big">{value}</p>
          </article>
        ))}
      </div>
      <div class="two charts">
        <Chart title={words.claimsOverTime} days={days} lines={claims} />
        <Chart title={words.overTime} days={days} lines={whole} />
        <Chart title={words.byJudge} days={days} lines={judges} />
      </div>
      <article class="card">
        <h2>{words.judges}</h2>
        <Scroll about={words.judges}>
          <table>
            <thead>
              <tr>
                {words.columns.map((name, place) => (
                  <th key={name} scope="col" class={place > 0 ? "number" : ""}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {figures.by_judge.map((judge) => (
                <tr key={judge.judge_name}>
                  <th scope="row">{judge.judge_name}</th>
                  {[
                    count(judge.results),
                    count(judge.failed),
                    count(judge.abstained),
                    score(judge.mean_score),
                    share(judge.mean_confidence),
                    judge.mean_response_time_ms == null ? "–" : duration(judge.mean_response_time_ms),
                    judge.prompt_tokens === 0 ? words.nothing : usd(judge.cost_usd),
                  ].map((value, place) => (
                    <td key={place} class="number">
                      {value}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </article>
      {figures.disagreements.length > 0 && (
        <article class="card">
          <h2>{words.differ}</h2>
          <Scroll about={words.differ}>
            <table>
              <tbody>
                {figures.disagreements.map(({ judges, claims, disagreed, share: part }) => (
                  <tr key={judges.join()}>
                    <th scope="row">{words.pair(...judges)}</th>
                    <td class="number">{share(part)}</td>
                    <td class="faint">{words.differed(disagreed, claims)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </article>
      )}
      <p class="small faint note">{words.deletedNote}</p>
    </>
  );
}
