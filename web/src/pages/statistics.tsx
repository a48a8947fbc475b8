// What the audits of the last days say together.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { AuditorError, Statistics } from "judge-auditor-client";
import { count, duration, index, score, share, usd } from "../lib/format";
import { Chart } from "../parts/chart";
import type { Line } from "../parts/chart";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { Scroll } from "../parts/scroll";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

const SPANS = [7, 30, 90, 365];

export function StatisticsPage() {
  const [days, setDays] = useState(30);
  const [figures, setFigures] = useState<Statistics | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const words = t.value.statistics;
  useTitle(words.title);
  const load = () => {
    setError(null);
    client.statistics(days).then(setFigures, (thrown) => setError(asError(thrown)));
  };
  useEffect(load, [days]);
  return (
    <section>
      <div class="page-title">
        <h1>{words.title}</h1>
        <label>
          {words.over}{" "}
          <select value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {SPANS.map((span) => (
              <option key={span} value={String(span)}>
                {words.days(span)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {error ? <Trouble error={error} again={load} /> : figures ? <Figures figures={figures} /> : <Waiting what={words.adding} />}
    </section>
  );
}

const DAY_MS = 86_400_000;

/** Every day from the first to the last: one without audits is a gap. */
function everyDay({ from, to }: Statistics): string[] {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(1, days) }, (_, day) => new Date(Date.parse(from) + day * DAY_MS).toISOString().slice(0, 10));
}

function Figures({ figures }: { figures: Statistics }) {
  const words = t.value.statistics;
  const days = useMemo(() => everyDay(figures), [figures]);
  const whole = useMemo(
    (): Line[] => [
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
      <p class="small faint">{words.deletedNote}</p>
    </>
  );
}
