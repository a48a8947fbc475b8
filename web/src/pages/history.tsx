// All audits: search, filters, order, views that are kept, and what can be done with several at once.

import { useEffect, useRef, useState } from "preact/hooks";
import type { AuditorError, EvaluationSummary, ListQuery, Status } from "judge-auditor-client";
import { brief, chance, duration, moment, score, usd } from "../lib/format";
import { ChosenAudits } from "../parts/chosen";
import { Menu } from "../parts/menu";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { Sentinel } from "../parts/sentinel";
import { Tags } from "../parts/tags";
import { Tally } from "../parts/tally";
import { Views } from "../parts/views";
import { COLUMNS, columns, showColumn } from "../state/columns";
import type { Column } from "../state/columns";
import { hold, leaving, refused, release, removeSoon, removed, undo } from "../state/deletions";
import { ORDERS, STATUSES, TIMES, addressOf, filtersOf, leaveOut, listQuery } from "../state/filters";
import type { Filters } from "../state/filters";
import { auditPath, leave, placeOf } from "../state/route";
import { isNarrow } from "../state/room";
import { asError, client } from "../state/session";
import { readTags, tags } from "../state/tags";
import { useTitle } from "../state/title";
import { t } from "../words";

/** As many are chosen at most. */
const MOST_CHOSEN = 100;

export function History(props: { at: { query: string } }) {
  const words = t.value.history;
  useTitle(words.title);
  const [filters, setFilters] = useState(() => filtersOf(props.at.query));
  const [chosen, setChosen] = useState<string[]>([]);
  // Another address: a link was followed, or one goes back.
  useEffect(() => setFilters(filtersOf(props.at.query)), [props.at]);
  useEffect(() => void readTags(), []);
  const set = (changes: Partial<Filters>) => {
    const wanted = { ...filters, ...changes };
    setFilters(wanted);
    history.replaceState(null, "", addressOf(wanted));
  };
  const { items, more, error, loading, again, change } = usePages(listQuery(filters));
  const gone = new Set([...leaving.value.map((audit) => audit.id), ...removed.value]);
  const shown = items.filter((audit) => !gone.has(audit.id));
  const ticked = shown.filter((audit) => chosen.includes(audit.id));
  const filtered = leaveOut(filters);
  return (
    <section>
      <div class="page-title">
        <h1>{words.title}</h1>
        <ChosenAudits audits={ticked} none={() => setChosen([])} change={change} />
      </div>
      <div class="views-row">
        <Views filters={filters} set={set} />
        <Menu title={words.columns} about={words.columns} keepsOpen>
          {COLUMNS.map((column) => (
            <label key={column} class="check">
              <input type="checkbox" checked={columns.value.has(column)} onChange={(event) => showColumn(column, event.currentTarget.checked)} />{" "}
              {words.column[column]}
            </label>
          ))}
        </Menu>
      </div>
      <FilterForm filters={filters} set={set} />
      {refused.value && <Trouble error={refused.value} />}
      {error && <Trouble error={error} again={again} />}
      {shown.length > 0 && (
        <table class="audits" aria-label={words.table}>
          <Head
            filters={filters}
            set={set}
            all={ticked.length > 0 && ticked.length === Math.min(shown.length, MOST_CHOSEN)}
            some={ticked.length > 0}
            tick={(on) => setChosen(on ? shown.slice(0, MOST_CHOSEN).map(({ id }) => id) : [])}
          />
          <tbody>
            {shown.map((audit) => (
              <Row
                key={audit.id}
                audit={audit}
                chosen={chosen.includes(audit.id)}
                leave={() => leave(items.length)}
                choose={(on) => setChosen(on ? [...chosen, audit.id].slice(-MOST_CHOSEN) : chosen.filter((id) => id !== audit.id))}
              />
            ))}
          </tbody>
        </table>
      )}
      {loading && <Waiting what={t.value.common.reading} />}
      {!loading && !error && shown.length === 0 && !more && (
        <Empty title={filtered ? words.noneFits : words.none}>
          {filtered ? (
            <a class="button" href="#/history">
              {words.clear}
            </a>
          ) : (
            <a class="button primary" href="#/">
              {words.first}
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

function FilterForm(props: { filters: Filters; set: (changes: Partial<Filters>) => void }) {
  const { filters, set } = props;
  const words = t.value.history;
  const more = (
    <>
      <label>
        {words.status}{" "}
        <select value={filters.status} onChange={(event) => set({ status: event.currentTarget.value as Status | "" })}>
          <option value="">{words.allStatuses}</option>
          {STATUSES.map((name) => (
            <option key={name} value={name}>
              {t.value.statuses[name]}
            </option>
          ))}
        </select>
      </label>
      {(tags.value.length > 0 || filters.tag !== "") && (
        <label>
          {words.tag}{" "}
          <select value={filters.tag} onChange={(event) => set({ tag: event.currentTarget.value })}>
            <option value="">{words.allTags}</option>
            {/* One of the address that no audit has any more stays chosen. */}
            {[...new Set([...tags.value.map(({ tag }) => tag), ...(filters.tag ? [filters.tag] : [])])].map((tag) => (
              <option key={tag} value={tag}>
                {tag}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {words.made}{" "}
        <select value={String(filters.since)} onChange={(event) => set({ since: Number(event.currentTarget.value) })}>
          {TIMES.map((days, place) => (
            <option key={days} value={String(days)}>
              {words.times[place]}
            </option>
          ))}
        </select>
      </label>
      <div class="range">
        <label>
          {words.scoreFrom} <input type="number" min={0} max={100} value={filters.least} onInput={(event) => set({ least: event.currentTarget.value })} />
        </label>
        <label>
          {words.scoreTo} <input type="number" min={0} max={100} value={filters.most} onInput={(event) => set({ most: event.currentTarget.value })} />
        </label>
      </div>
      <label>
        {words.order}{" "}
        <select value={String(filters.order)} onChange={(event) => set({ order: Number(event.currentTarget.value) })}>
          {ORDERS.map((_, place) => (
            <option key={place} value={String(place)}>
              {words.orders[place]}
            </option>
          ))}
        </select>
      </label>
    </>
  );
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label class="wide">
        {words.search} <input type="search" dir="auto" maxLength={1000} value={filters.text} onInput={(event) => set({ text: event.currentTarget.value })} />
      </label>
      {isNarrow.value ? (
        <details class="wide" open={leaveOut({ ...filters, text: "" })}>
          <summary>{words.filters}</summary>
          <div class="filters-more">{more}</div>
        </details>
      ) : (
        more
      )}
    </form>
  );
}

/** The places in `ORDERS` that a column goes through: the first click, then the second. */
const SORTS: Partial<Record<Column, [number, number]>> = { made: [0, 1], wrong: [2, 5], score: [3, 4], probability: [6, 7] };
const FIGURES: ReadonlySet<Column> = new Set<Column>(["probability", "score", "wrong", "took", "cost"]);

interface HeadProps {
  filters: Filters;
  set: (changes: Partial<Filters>) => void;
  /** Whether all that are shown are ticked, or some. */
  all: boolean;
  some: boolean;
  tick: (on: boolean) => void;
}

function Head(props: HeadProps) {
  const words = t.value.history;
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = props.some && !props.all;
  }, [props.some, props.all]);
  return (
    <thead>
      <tr>
        <td class="tick">
          <input type="checkbox" ref={box} checked={props.all} aria-label={words.chooseAll} onChange={(event) => props.tick(event.currentTarget.checked)} />
        </td>
        <th scope="col">{words.column.audit}</th>
        {COLUMNS.filter((column) => columns.value.has(column)).map((column) => {
          const sort = SORTS[column];
          const at = sort?.indexOf(props.filters.order) ?? -1;
          const direction = at < 0 ? undefined : ORDERS[props.filters.order]?.[1] === "asc" ? "ascending" : "descending";
          return (
            <th key={column} scope="col" class={FIGURES.has(column) ? "number" : ""} aria-sort={direction}>
              {sort ? (
                <button type="button" class="sort" title={words.sorted(words.column[column])} onClick={() => props.set({ order: sort[at === 0 ? 1 : 0] })}>
                  {words.column[column]} <span aria-hidden="true">{direction === "ascending" ? "↑" : direction ? "↓" : ""}</span>
                </button>
              ) : (
                words.column[column]
              )}
            </th>
          );
        })}
        <td />
      </tr>
    </thead>
  );
}

/** How long its last run took; null where it has not ended. */
const tookMs = ({ started_at, completed_at }: EvaluationSummary) => (started_at && completed_at ? Date.parse(completed_at) - Date.parse(started_at) : null);

function cellOf(column: Column, audit: EvaluationSummary) {
  switch (column) {
    case "status":
      return <span class={`status ${audit.status}`}>{t.value.statuses[audit.status]}</span>;
    case "verdict":
      return <Tally claims={audit.claims} />;
    case "probability":
      return audit.probability == null ? "–" : chance(audit.probability);
    case "score":
      return score(audit.consensus_score);
    case "wrong":
      return score(audit.hallucination_score);
    case "tags":
      return <Tags tags={audit.tags ?? []} />;
    case "judges":
      return audit.config.judges.join(", ");
    case "cost":
      return audit.status === "completed" ? (audit.cost_usd == null ? t.value.common.free : usd(audit.cost_usd)) : "–";
    case "took": {
      const took = tookMs(audit);
      return took === null ? "–" : duration(Math.max(0, took));
    }
    case "made":
      return moment(audit.created_at);
  }
}

const titleOf = (audit: EvaluationSummary, most = 110) => brief(audit.name || audit.question || audit.candidate_preview, most);

function Row(props: { audit: EvaluationSummary; chosen: boolean; choose: (on: boolean) => void; leave: () => void }) {
  const { audit } = props;
  const words = t.value.history;
  const title = titleOf(audit);
  return (
    <tr class="audit-row">
      <td class="tick">
        <input type="checkbox" checked={props.chosen} aria-label={words.choose(title)} onChange={(event) => props.choose(event.currentTarget.checked)} />
      </td>
      <th scope="row">
        <a href={auditPath(audit.id)} onClick={props.leave}>
          <b dir="auto">{title}</b>
          {/* Audits of one question are told apart by what was answered. */}
          <span class="faint small" dir="auto">
            {brief(audit.question || audit.name ? audit.candidate_preview : audit.source_preview, 110)}
          </span>
        </a>
      </th>
      {COLUMNS.filter((column) => columns.value.has(column)).map((column) => (
        <td key={column} class={`of-${column} ${FIGURES.has(column) ? "number" : ""}`} data-name={words.column[column]}>
          {cellOf(column, audit)}
        </td>
      ))}
      <td class="end">
        <button type="button" class="quiet" aria-label={words.deleteOne(title)} onClick={() => removeSoon(audit)}>
          {words.delete}
        </button>
      </td>
    </tr>
  );
}

/** Whoever deletes by the keyboard stands at the way back, and has all the time. */
function Undo({ audit }: { audit: EvaluationSummary }) {
  const button = useRef<HTMLButtonElement>(null);
  const words = t.value.history;
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
      {words.deleted(titleOf(audit, 40))}{" "}
      <button
        type="button"
        class="link"
        ref={button}
        onFocus={(event) => event.currentTarget.matches(":focus-visible") && hold(audit.id)}
        onBlur={() => release(audit.id)}
        onClick={back}
      >
        {words.undo}
      </button>
    </p>
  );
}

const FOLLOW_MS = 3000;
/** Audits of a page, and the most that the server gives at once. */
const PAGE = 20;
const MOST = 100;

/** Pages of a list. While the server can't be reached the list is asked for again, so that it comes back with it. */
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
  const isAway = failed?.error.code === "network" || failed?.error.code === "draining" || failed?.error.code === "overloaded";
  useEffect(() => {
    if (!isAway) return;
    const timer = setTimeout(() => void read(failed?.from ?? null), Math.max(FOLLOW_MS, failed?.error.retryAfterMs ?? 0));
    return () => clearTimeout(timer);
  }, [failed, key]);
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
  /** What was changed here shows at once. */
  const change = (id: string, changes: Partial<EvaluationSummary>) =>
    setItems((before) => before.map((audit) => (audit.id === id ? { ...audit, ...changes } : audit)));
  return { items, more, error: failed?.error ?? null, loading, again: () => void read(failed?.from ?? null), change };
}
