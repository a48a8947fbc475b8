// Every stored step of an audit, the newest first.

import { useEffect, useState } from "preact/hooks";
import type { AuditorError, Id, SessionEvent } from "judge-auditor-client";
import { asSentence, brief, clock, score, share } from "../lib/format";
import { asError, client } from "../state/session";
import { t } from "../words";
import { Trouble, Waiting } from "./notice";
import { Scroll } from "./scroll";

/** Steps that are read at a time. */
const PAGE = 200;

/** Up to `last`, and what comes while it is looked at. */
export function Log(props: { id: Id; last: number; shown: boolean }) {
  const [events, setEvents] = useState<SessionEvent[] | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const words = t.value.log;
  const newest = events?.at(-1)?.seq ?? 0;
  const oldest = events?.[0]?.seq ?? 0;
  const read = async (after: number, limit: number) => {
    setError(null);
    try {
      const { events: found } = await client.evaluations.events(props.id, { afterSeq: after, limit });
      setEvents((before) => {
        const all = new Map([...(before ?? []), ...found].map((event) => [event.seq, event]));
        return [...all.values()].sort((one, other) => one.seq - other.seq);
      });
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  useEffect(() => {
    if (!props.shown || newest >= props.last) return;
    void read(newest === 0 ? Math.max(0, props.last - PAGE) : newest, PAGE);
  }, [props.shown, props.last, newest]);
  return (
    <section class="card">
      <h2>{words.title}</h2>
      <p class="small faint">{words.what}</p>
      {error && <Trouble error={error} again={() => void read(newest, PAGE)} />}
      {!events && !error && (props.last === 0 ? <p class="faint">{words.empty}</p> : <Waiting what={t.value.common.reading} />)}
      {events && (
        <Scroll about={words.title}>
          <table class="log">
            <thead>
              <tr>
                {[words.number, words.time, words.step, words.detail].map((name, place) => (
                  <th key={name} scope="col" class={place < 2 ? "number" : ""}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[...events].reverse().map((event) => (
                <tr key={event.seq}>
                  <td class="number">{event.seq}</td>
                  <td class="number">{clock(event.ts)}</td>
                  <td>{words.event[event.type]}</td>
                  <td dir="auto">{detailOf(event)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {events && oldest > 1 && (
        <button type="button" onClick={() => void read(Math.max(0, oldest - 1 - PAGE), Math.min(PAGE, oldest - 1))}>
          {words.earlier}
        </button>
      )}
    </section>
  );
}

function detailOf(event: SessionEvent): string {
  const { labels } = t.value;
  switch (event.type) {
    case "evaluation_progress":
      return t.value.log.progress(event.data.progress, t.value.stages[event.data.stage]);
    case "claim_verdict":
      return `${labels[event.data.label]}: ${brief(event.data.claim.text, 120)}`;
    case "claim_revised":
      return t.value.compare.becomes([labels[event.data.previous_label], labels[event.data.label]]);
    case "judge_result":
      return `${event.data.judge_name}: ${event.data.status === "completed" ? score(event.data.score) : t.value.judgeStatuses[event.data.status]}`;
    case "evaluation_complete":
      return event.data.result.faithfulness ? `${share(event.data.result.faithfulness.probability)} ${t.value.answer.likely}` : "";
    case "evaluation_error":
      return asSentence(event.data.message);
    case "evaluation_cancelled":
      return t.value.log.reasons[event.data.reason];
    default:
      return "";
  }
}
