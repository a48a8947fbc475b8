// All audits: search, filters, order, and as many as one scrolls to.

import { useEffect, useRef, useState } from "preact/hooks";
import type { AuditorError, EvaluationSummary, ListQuery, Status } from "judge-auditor-client";
import { brief, moment, score, words } from "../lib/format";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { hold, leaving, refused, release, removeSoon, removed, undo } from "../state/deletions";
import { auditPath, go } from "../state/route";
import { asError, client } from "../state/session";

const STATUSES: Status[] = ["completed", "in_progress", "pending", "failed", "cancelled"];
const ORDERS: [string, NonNullable<ListQuery["sort"]>, NonNullable<ListQuery["order"]>][] = [
  ["newest first", "created_at", "desc"],
  ["oldest first", "created_at", "asc"],
  ["least trusted first", "hallucination_score", "desc"],
  ["most trusted first", "consensus_score", "desc"],
];

/** In days; 0 is no bound. */
const TIMES: [string, number][] = [
  ["at any time", 0],
  ["today", 1],
  ["in the last 7 days", 7],
  ["in the last 30 days", 30],
  ["in the last year", 365],
];

export function History() {
  const [text, setText] = useState("");
  const [status, setStatus] = useState<Status | "">("");
  const [order, setOrder] = useState(0);
  const [least, setLeast] = useState("");
  const [most, setMost] = useState("");
  const [since, setSince] = useState(0);
  const [marked, setMarked] = useState<string[]>([]);
  const query: ListQuery = { limit: 20 };
  if (text.trim()) query.q = text.trim();
  if (status) query.status = status;
  if (least) query.min_score = Number(least);
  if (most) query.max_score = Number(most);
  if (since > 0) query.created_after = startOfDay(since - 1);
  const chosen = ORDERS[order];
  if (chosen) [query.sort, query.order] = [chosen[1], chosen[2]];
  const { items, more, error, loading, again } = usePages(query);
  const gone = new Set([...leaving.value.map((audit) => audit.id), ...removed.value]);
  const shown = items.filter((audit) => !gone.has(audit.id));
  const filtered = text.trim() !== "" || status !== "" || least !== "" || most !== "" || since > 0;
  const [first, second] = marked;
  return (
    <section>
      <div class="page-title">
        <h1>History</h1>
        {first && second ? (
          <button type="button" class="primary" onClick={() => go(`#/compare/${first}/${second}`)}>
            Compare the two
          </button>
        ) : (
          <span class="faint">Tick two audits to compare them.</span>
        )}
      </div>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="wide">
          Search <input type="search" dir="auto" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <label>
          Status{" "}
          <select value={status} onChange={(event) => setStatus(event.currentTarget.value as Status | "")}>
            <option value="">all</option>
            {STATUSES.map((name) => (
              <option key={name} value={name}>
                {words(name)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Made{" "}
          <select value={String(since)} onChange={(event) => setSince(Number(event.currentTarget.value))}>
            {TIMES.map(([name, days]) => (
              <option key={days} value={String(days)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <div class="wide range">
          <label>
            Consensus from <input type="number" min={0} max={100} value={least} onInput={(event) => setLeast(event.currentTarget.value)} />
          </label>
          <label>
            to <input type="number" min={0} max={100} value={most} onInput={(event) => setMost(event.currentTarget.value)} />
          </label>
        </div>
        <label>
          Order{" "}
          <select value={String(order)} onChange={(event) => setOrder(Number(event.currentTarget.value))}>
            {ORDERS.map(([name], place) => (
              <option key={name} value={String(place)}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </form>
      {refused.value && <Trouble error={refused.value} />}
      {error && <Trouble error={error} again={again} />}
      <ul class="plain-list audits" aria-label="Audits">
        {shown.map((audit) => (
          <Row
            key={audit.id}
            audit={audit}
            marked={marked.includes(audit.id)}
            mark={(on) => setMarked(on ? [...marked, audit.id].slice(-2) : marked.filter((id) => id !== audit.id))}
          />
        ))}
      </ul>
      {loading && <Waiting what="Reading" />}
      {!loading && !error && shown.length === 0 && !more && (
        <Empty title={filtered ? "No audit fits these filters" : "No audits yet"}>
          {!filtered && (
            <a class="button primary" href="#/">
              Run the first one
            </a>
          )}
        </Empty>
      )}
      {more && <Sentinel seen={more} />}
      <div class="undo-list" aria-live="polite">
        {leaving.value.map((audit) => (
          <Undo key={audit.id} audit={audit} />
        ))}
      </div>
    </section>
  );
}

function Row(props: { audit: EvaluationSummary; marked: boolean; mark: (on: boolean) => void }) {
  const { audit } = props;
  const title = brief(audit.question || audit.candidate_preview, 110);
  return (
    <li class="audit-row">
      <input
        type="checkbox"
        checked={props.marked}
        aria-label={`Compare: ${title}`}
        onChange={(event) => props.mark(event.currentTarget.checked)}
      />
      <a href={auditPath(audit.id)}>
        <b dir="auto">{title}</b>
        <span class="faint">
          {moment(audit.created_at)} · {words(audit.status)}
        </span>
      </a>
      <dl class="scores">
        <div>
          <dt>Consensus</dt>
          <dd>{score(audit.consensus_score)}</dd>
        </div>
        <div>
          <dt>Hallucination</dt>
          <dd class={(audit.hallucination_score ?? 0) >= 50 ? "bad-text" : ""}>{score(audit.hallucination_score)}</dd>
        </div>
      </dl>
      <button type="button" class="quiet" aria-label={`Delete: ${title}`} onClick={() => removeSoon(audit)}>
        Delete
      </button>
    </li>
  );
}

/** Whoever deletes by the keyboard stands at the way back, and has all the time. */
function Undo({ audit }: { audit: EvaluationSummary }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const back = () => {
    undo(audit.id);
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`a[href="${auditPath(audit.id)}"]`)?.focus());
  };
  return (
    <p class="undo">
      Deleted “{brief(audit.question || audit.candidate_preview, 40)}”.{" "}
      <button
        type="button"
        class="link"
        ref={button}
        onFocus={(event) => event.currentTarget.matches(":focus-visible") && hold(audit.id)}
        onBlur={() => release(audit.id)}
        onClick={back}
      >
        Undo
      </button>
    </p>
  );
}

/** Reads the next page when it comes into view. */
function Sentinel(props: { seen: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && props.seen());
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, [props.seen]);
  return (
    <div ref={box}>
      <button type="button" onClick={props.seen}>
        More
      </button>
    </div>
  );
}

/** Where the person is, a day begins. */
function startOfDay(ago: number): string {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago).toISOString();
}

/** Pages of a list. A page that can't be read is not asked for again until the person does. */
function usePages(query: ListQuery) {
  const key = JSON.stringify(query);
  const [items, setItems] = useState<EvaluationSummary[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [failed, setFailed] = useState<{ error: AuditorError; from: string | null } | null>(null);
  const current = useRef(key);
  const read = async (from: string | null) => {
    setLoading(true);
    setFailed(null);
    try {
      const page = await client.evaluations.list(from ? { ...query, cursor: from } : query);
      if (current.current !== key) return;
      setItems((before) => (from ? [...before, ...page.items] : page.items));
      setCursor(page.next_cursor ?? null);
    } catch (thrown) {
      if (current.current === key) setFailed({ error: asError(thrown), from });
    } finally {
      if (current.current === key) setLoading(false);
    }
  };
  useEffect(() => {
    current.current = key;
    // The next page of the list before is none of this one's.
    setCursor(null);
    setLoading(true);
    const timer = setTimeout(() => void read(null), 200);
    return () => clearTimeout(timer);
  }, [key]);
  const more = cursor && !loading && !failed ? () => void read(cursor) : null;
  return { items, more, error: failed?.error ?? null, loading, again: () => void read(failed?.from ?? null) };
}
