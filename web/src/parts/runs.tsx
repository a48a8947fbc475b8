// Every run that an audit had, the newest first.

import { useEffect, useState } from "preact/hooks";
import type { AuditorError, Id, Run } from "judge-auditor-client";
import { asSentence, chance, duration, moment, score } from "../lib/format";
import { asError, client } from "../state/session";
import { t } from "../words";
import { Trouble, Waiting } from "./notice";
import { Scroll } from "./scroll";
import { Tally } from "./tally";

/** Read when they are looked at, and again when a run has begun or ended meanwhile. */
export function Runs(props: { id: Id; shown: boolean; state: string }) {
  const [runs, setRuns] = useState<Run[] | null>(null);
  const [cursor, setCursor] = useState<Id | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const words = t.value.runs;
  const read = async (from: Id | null) => {
    setError(null);
    try {
      const page = await client.evaluations.runs(props.id, from === null ? {} : { cursor: from });
      setRuns((before) => [...((from && before) || []), ...page.items]);
      setCursor(page.next_cursor);
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  useEffect(() => {
    if (props.shown) void read(null);
  }, [props.id, props.shown, props.state]);
  return (
    <section class="card">
      <h2>{words.title}</h2>
      <p class="small faint">{words.what}</p>
      {error && <Trouble error={error} again={() => void read(null)} />}
      {!runs && !error && <Waiting what={t.value.common.reading} />}
      {runs?.length === 0 && <p class="faint">{words.none}</p>}
      {runs && runs.length > 0 && (
        <Scroll about={words.title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.started}</th>
                <th scope="col">{words.status}</th>
                <th scope="col">{words.claims}</th>
                <th scope="col" class="number">
                  {words.probability}
                </th>
                <th scope="col" class="number">
                  {words.score}
                </th>
                <th scope="col" class="number">
                  {words.took}
                </th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <tr key={run.id}>
                  <th scope="row">{moment(run.started_at)}</th>
                  <td>
                    {t.value.statuses[run.status]}
                    {run.error && <small class="own-line faint">{asSentence(run.error)}</small>}
                  </td>
                  <td>
                    <Tally claims={run.claims} />
                  </td>
                  <td class="number">{run.probability === null ? "–" : chance(run.probability)}</td>
                  <td class="number">{score(run.consensus_score)}</td>
                  <td class="number">{run.completed_at ? duration(Math.max(0, Date.parse(run.completed_at) - Date.parse(run.started_at))) : "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {cursor && (
        <button type="button" onClick={() => void read(cursor)}>
          {words.earlier}
        </button>
      )}
    </section>
  );
}
