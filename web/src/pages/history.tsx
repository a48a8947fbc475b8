// All audits: search, filters, order, and as many as one scrolls to.

import { useEffect, useRef, useState } from "preact/hooks";
import type { AuditorError, EvaluationSummary, ListQuery, Status } from "judge-auditor-client";
import { brief, moment, score, words } from "../lib/format";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { Sentinel } from "../parts/sentinel";
import { ORDERS, STATUSES, TIMES, addressOf, filtersOf, leaveOut, listQuery } from "../state/filters";
import type { Filters } from "../state/filters";
import { hold, leaving, refused, release, removeSoon, removed, undo } from "../state/deletions";
import { auditPath, go, leave, placeOf } from "../state/route";
import { asError, client } from "../state/session";

export function History(props: { at: { query: string } }) {
  const [filters, setFilters] = useState(() => filtersOf(props.at.query));
  const [marked, setMarked] = useState<string[]>([]);
  // Another address: a link was followed, or one goes back.
  useEffect(() => setFilters(filtersOf(props.at.query)), [props.at]);
  const set = (changes: Partial<Filters>) => {
    const wanted = { ...filters, ...changes };
    setFilters(wanted);
    history.replaceState(null, "", addressOf(wanted));
  };
  const { items, more, error, loading, again } = usePages(listQuery(filters));
  const gone = new Set([...leaving.value.map((audit) => audit.id), ...removed.value]);
  const shown = items.filter((audit) => !gone.has(audit.id));
  const filtered = leaveOut(filters);
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
          Search <input type="search" dir="auto" maxLength={1000} value={filters.text} onInput={(event) => set({ text: event.currentTarget.value })} />
        </label>
        <label>
          Status{" "}
          <select value={filters.status} onChange={(event) => set({ status: event.currentTarget.value as Status | "" })}>
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
          <select value={String(filters.since)} onChange={(event) => set({ since: Number(event.currentTarget.value) })}>
            {TIMES.map(([name, days]) => (
              <option key={days} value={String(days)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <div class="wide range">
          <label>
            Consensus from <input type="number" min={0} max={100} value={filters.least} onInput={(event) => set({ least: event.currentTarget.value })} />
          </label>
          <label>
            to <input type="number" min={0} max={100} value={filters.most} onInput={(event) => set({ most: event.currentTarget.value })} />
          </label>
        </div>
        <label>
          Order{" "}
          <select value={String(filters.order)} onChange={(event) => set({ order: Number(event.currentTarget.value) })}>
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
            leave={() => leave(items.length)}
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

function Row(props: { audit: EvaluationSummary; marked: boolean; mark: (on: boolean) => void; leave: () => void }) {
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
      <a href={auditPath(audit.id)} onClick={props.leave}>
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
  useEffect(() => {
    button.current?.focus();
    // Its time goes on where it is not seen.
    return () => release(audit.id);
  }, []);
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

const FOLLOW_MS = 3000;
/** Audits of a page, and the most that the server gives at once. */
const PAGE = 20;
const MOST = 100;

/** Pages of a list. A page that can't be read is not asked for again until the person does. */
function usePages(query: ListQuery) {
  const key = JSON.stringify(query);
  const [items, setItems] = useState<EvaluationSummary[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [failed, setFailed] = useState<{ error: AuditorError; from: string | null } | null>(null);
  const current = useRef(key);
  const place = useRef(placeOf());
  const read = async (from: string | null) => {
    setLoading(true);
    setFailed(null);
    try {
      const limit = Math.min(Math.max(PAGE, place.current?.count ?? 0), MOST);
      let page = await client.evaluations.list({ ...query, limit, ...(from && { cursor: from }) });
      // A search stops when it has read much, even where it has found nothing yet.
      while (!page.items.length && page.next_cursor && current.current === key) {
        page = await client.evaluations.list({ ...query, limit, cursor: page.next_cursor });
      }
      if (current.current !== key) return;
      setItems((before) => (from ? [...before, ...page.items] : page.items));
      const back = place.current;
      place.current = null;
      if (back) requestAnimationFrame(() => scrollTo(0, back.y));
      setCursor(page.next_cursor ?? null);
    } catch (thrown) {
      if (current.current !== key) return;
      setFailed({ error: asError(thrown), from });
      // What was found before is no answer to this question.
      if (!from) setItems([]);
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
  // What runs goes on meanwhile.
  const running = items.some((audit) => audit.status === "in_progress");
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => {
      client.evaluations.list({ ...query, limit: MOST }).then(
        ({ items: fresh }) => {
          if (current.current !== key) return;
          const now = new Map(fresh.map((audit) => [audit.id, audit]));
          setItems((before) => before.map((audit) => now.get(audit.id) ?? audit));
        },
        // The next time, then.
        () => {},
      );
    }, FOLLOW_MS);
    return () => clearInterval(timer);
  }, [running, key]);
  const more = cursor && !loading && !failed ? () => void read(cursor) : null;
  return { items, more, error: failed?.error ?? null, loading, again: () => void read(failed?.from ?? null) };
}
