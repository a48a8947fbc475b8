// What the audits of the last days say together.

import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import type { AuditorError, Statistics } from "judge-auditor-client";
import { count, duration, index, score, share, usd } from "../lib/format";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { Scroll } from "../parts/scroll";
import { asError, client } from "../state/session";

const SPANS = [7, 30, 90, 365];

export function StatisticsPage() {
  const [days, setDays] = useState(30);
  const [figures, setFigures] = useState<Statistics | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const load = () => {
    setError(null);
    client.statistics(days).then(setFigures, (thrown) => setError(asError(thrown)));
  };
  useEffect(load, [days]);
  return (
    <section>
      <div class="page-title">
        <h1>Statistics</h1>
        <label>
          Over{" "}
          <select value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {SPANS.map((span) => (
              <option key={span} value={String(span)}>
                {span} days
              </option>
            ))}
          </select>
        </label>
      </div>
      {error ? <Trouble error={error} again={load} /> : figures ? <Figures figures={figures} /> : <Waiting what="Adding up" />}
    </section>
  );
}

function Figures({ figures }: { figures: Statistics }) {
  if (figures.evaluations.total === 0) {
    return (
      <Empty title="No audits in these days">
        <a class="button" href="#/">
          Run one
        </a>
      </Empty>
    );
  }
  return (
    <>
      <p class="faint">What is deleted is not counted.</p>
      <div class="figures few">
        {(
          [
            ["Audits", count(figures.evaluations.total)],
            ["Mean consensus", score(figures.mean_consensus_score)],
            ["Mean hallucination", score(figures.mean_hallucination_score)],
            ["Mean agreement", index(figures.mean_agreement)],
          ] as const
        ).map(([name, value]) => (
          <article key={name} class="card figure-card">
            <h2>{name}</h2>
            <p class="big">{value}</p>
          </article>
        ))}
      </div>
      <article class="card">
        <h2>Mean score by judge and day</h2>
        <Chart figures={figures} />
      </article>
      <article class="card">
        <h2>Judges</h2>
        <Scroll about="Judges">
        <table>
          <thead>
            <tr>
              {["Judge", "Asked", "Failed", "Abstained", "Mean score", "Confidence", "Time", "Cost"].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {figures.by_judge.map((judge) => (
              <tr key={judge.judge_name}>
                <th scope="row">{judge.judge_name}</th>
                <td>{count(judge.results)}</td>
                <td class={judge.failed > 0 ? "bad-text" : ""}>{count(judge.failed)}</td>
                <td>{count(judge.abstained)}</td>
                <td>{score(judge.mean_score)}</td>
                <td>{share(judge.mean_confidence)}</td>
                <td>{judge.mean_response_time_ms == null ? "–" : duration(judge.mean_response_time_ms)}</td>
                <td>{judge.prompt_tokens === 0 ? "nothing" : usd(judge.cost_usd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        </Scroll>
      </article>
      <article class="card">
        <h2>How often two judges differ</h2>
        <Scroll about="How often two judges differ">
        <table>
          <tbody>
            {figures.disagreements.map(({ judges, claims, disagreed, share: part }) => (
              <tr key={judges.join()}>
                <th scope="row">{judges.join(" and ")}</th>
                <td>{share(part)}</td>
                <td class="faint">
                  {count(disagreed)} of {count(claims)} claims
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        </Scroll>
      </article>
    </>
  );
}

const COLOURS = 10;

/** The first and the last day, with half a day on either side. */
const daysOf = ({ from, to }: Statistics): [number, number] => [Date.parse(from) / 1000 - 43_200, Date.parse(to) / 1000 + 43_200];

const day = (time: number) => new Date(time * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** What a colour of the style sheet is in the present theme: a canvas takes no names. */
function colour(element: HTMLElement, name: string) {
  element.style.color = `var(${name})`;
  const found = getComputedStyle(element).color;
  element.style.color = "";
  return found;
}

/** Lines over days; the library is fetched only when this page is looked at. */
function Chart({ figures }: { figures: Statistics }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let chart: uPlot | null = null;
    let left = false;
    let watcher: ResizeObserver | null = null;
    const scored = figures.by_judge.filter((judge) => judge.mean_score != null);
    const days = [...new Set(scored.flatMap((judge) => judge.by_day.map((day) => day.day)))].sort();
    void Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]).then(([{ default: Plot }]) => {
      if (left || !box.current) return;
      const place = box.current;
      const [ink, line, sheet] = ["--faint", "--line", "--sheet"].map((name) => colour(place, name)) as [string, string, string];
      const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
      const dates = { ...axis, size: 34, values: (_: uPlot, times: number[]) => times.map(day) };
      // Beyond the colours the lines are dashed.
      const series = scored.map((judge, number) => ({
        label: judge.judge_name,
        stroke: colour(place, `--series-${(number % COLOURS) + 1}`),
        dash: number < COLOURS ? [] : [6, 4],
        width: 2,
        spanGaps: true,
        points: { size: 7, fill: sheet },
      }));
      const data = scored.map((judge) => {
        const means = new Map(judge.by_day.map((day) => [day.day, day.mean_score ?? null]));
        return days.map((day) => means.get(day) ?? null);
      });
      const width = box.current.clientWidth;
      const resize = () => chart?.setSize({ width: box.current?.clientWidth ?? width, height: 260 });
      watcher = new ResizeObserver(resize);
      watcher.observe(box.current);
      chart = new Plot(
        { width, height: 260, legend: { live: false }, series: [{ label: "Day" }, ...series], axes: [dates, axis], scales: { x: { range: daysOf(figures) }, y: { range: [0, 100] } } },
        [days.map((day) => Date.parse(day) / 1000), ...data],
        box.current,
      );
    });
    return () => {
      left = true;
      watcher?.disconnect();
      chart?.destroy();
    };
  }, [figures]);
  return <div ref={box} class="chart" role="img" aria-label="A line for each judge's mean score by day; the table below has the means" />;
}
