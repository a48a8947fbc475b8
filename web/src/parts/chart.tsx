// Lines over days, with the values of a day by mouse and by keys, and all of them as a table.

import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { score } from "../lib/format";
import { preferences } from "../state/preferences";
import { wantsDark } from "../state/room";
import { t } from "../words";
import { Scroll } from "./scroll";

export interface Line {
  name: string;
  /** By day, `YYYY-MM-DD`; a day without a value is a gap. */
  values: ReadonlyMap<string, number | null>;
  /** Where it has a meaning elsewhere: a colour of `tokens.css`, and a shape of its own beside it. */
  colour?: string;
}

const COLOURS = 10;
const HEIGHT = 280;

/** A canvas takes no names of colours: what they are in the present theme. */
function colour(element: HTMLElement, name: string) {
  element.style.color = `var(${name})`;
  const found = getComputedStyle(element).color;
  element.style.color = "";
  return found;
}

const secondsOf = (day: string) => Date.parse(day) / 1000;

export function Chart(props: { title: string; days: readonly string[]; lines: readonly Line[] }) {
  const { title, days, lines } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const words = t.value.statistics;
  const { dates } = t.value.language;
  // A canvas keeps the colours that it was drawn with.
  const scheme = `${preferences.value?.theme ?? "system"} ${wantsDark.value}`;
  const dayOf = (day: string) => new Date(day).toLocaleDateString(dates, { day: "numeric", month: "short", timeZone: "UTC" });
  useEffect(() => {
    let left = false;
    let watcher: ResizeObserver | null = null;
    // The library is fetched only where there is a chart.
    void Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]).then(([{ default: Plot }]) => {
      if (left || !box.current) return;
      const place = box.current;
      const [ink, line, sheet] = ["--faint", "--line", "--sheet"].map((name) => colour(place, name)) as [string, string, string];
      const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
      // Nothing stands there where no day is pointed at.
      const value = (chart: uPlot, found: number | null) => (chart.cursor.idx == null ? "" : score(found));
      // Beyond the colours the lines are dashed.
      const series = lines.map(({ name, colour: own }, number) => ({
        label: name,
        stroke: colour(place, own ?? `--series-${(number % COLOURS) + 1}`),
        dash: number < COLOURS ? [] : [6, 4],
        width: 2,
        spanGaps: false,
        points: { show: true, size: 6, fill: sheet },
        value,
      }));
      const day = { label: words.day, value: (_: uPlot, time: number | null) => (time == null ? "" : dayOf(new Date(time * 1000).toISOString())) };
      const data = lines.map(({ values }) => days.map((day) => values.get(day) ?? null));
      const resize = () => plot.current?.setSize({ width: place.clientWidth, height: HEIGHT });
      watcher = new ResizeObserver(resize);
      watcher.observe(place);
      plot.current = new Plot(
        {
          width: place.clientWidth,
          height: HEIGHT,
          series: [day, ...series],
          axes: [{ ...axis, size: 34, values: (_: uPlot, times: number[]) => times.map((time) => dayOf(new Date(time * 1000).toISOString())) }, axis],
          // Half a day on either side.
          scales: { x: { range: (): [number, number] => [secondsOf(days[0] ?? "") - 43_200, secondsOf(days.at(-1) ?? "") + 43_200] }, y: { range: [0, 100] } },
          cursor: { drag: { x: false, y: false }, focus: { prox: 24 } },
        },
        [days.map(secondsOf), ...data],
        place,
      );
    });
    return () => {
      left = true;
      watcher?.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [days, lines, t.value, scheme]);

  /** To the next day, or the one before, that any line has a value on. */
  const go = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const chart = plot.current;
    if (!by || !chart) return;
    event.preventDefault();
    let at = (chart.cursor.idx ?? (by === 1 ? -1 : days.length)) + by;
    while (days[at] !== undefined && lines.every(({ values }) => values.get(days[at] ?? "") == null)) at += by;
    const day = days[at];
    if (day === undefined) return;
    chart.setCursor({ left: chart.valToPos(secondsOf(day), "x"), top: 0 });
  };
  const known = days.filter((day) => lines.some(({ values }) => values.get(day) != null));
  return (
    <article class="card">
      <h2>{title}</h2>
      <div class="chart" ref={box} role="group" aria-label={words.chartAbout(title)} tabIndex={0} onKeyDown={go} />
      <p class="small faint">{words.chartKeys}</p>
      <details>
        <summary>{words.asTable}</summary>
        <Scroll about={title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.day}</th>
                {lines.map(({ name }) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {known.map((day) => (
                <tr key={day}>
                  <th scope="row">{dayOf(day)}</th>
                  {lines.map(({ name, values }) => (
                    <td key={name} class="number">
                      {score(values.get(day))}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </article>
  );
}
