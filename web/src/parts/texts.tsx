// Output and source side by side, the claims marked; the chosen one's card beside them.

import { batch, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CheckedCitation, ClaimView, Evaluation, Id, NamedSource } from "judge-auditor-client";
import { FILTERS, fits, viewsOf } from "../lib/claims";
import type { Filter, Said } from "../lib/claims";
import { placeInSource } from "../lib/documents";
import { brief, count } from "../lib/format";
import { useOpinions } from "../state/opinions";
import { hasRoom } from "../state/room";
import { auditPath } from "../state/route";
import { queryOf } from "../state/view";
import type { Looking } from "../state/view";
import { t } from "../words";
import { ClaimPanel } from "./claim";
import { CheckedAgainst } from "./collection";
import { Output } from "./output";
import type { Choosing } from "./output";
import { Source } from "./source";
import type { Mark } from "./source";
import { LABELS } from "./verdict";

export type Judged = Pick<Evaluation, "candidate_output" | "source_text" | "sources" | "question" | "config" | "claims" | "judges" | "result">;

export interface TextsProps {
  evaluation: Judged;
  /** Null where nobody is logged in. */
  session: Id | null;
  looking: Looking;
  look: (changes: Partial<Looking>) => void;
  /** The claim that is shown where nobody has chosen one. */
  proposed: ClaimView | null;
  /** Whether keys go through the claims. */
  listening: boolean;
}

export function Texts(props: TextsProps) {
  const { evaluation, looking, look } = props;
  const { claims, sources } = evaluation;
  const words = t.value.texts;
  const views = useMemo(() => viewsOf(evaluation.judges), [evaluation.judges]);
  const claim = looking.claim === undefined ? props.proposed : (claims.find((one) => one.index + 1 === looking.claim) ?? null);
  const passing = useMemo(() => claims.filter((one) => fits(one, looking.filter, views)), [claims, looking.filter, views]);
  const panel = useRef<HTMLElement>(null);
  const output = useRef<HTMLElement>(null);

  const place = (id: Id) => claims.find((one) => one.id === id);
  /** The claim `by` places behind this one, among those that are shown. */
  const neighbour = (from: ClaimView | null, by: 1 | -1): ClaimView | undefined => {
    if (from === null) return by === 1 ? passing[0] : passing.at(-1);
    const behind = (one: ClaimView) => (one.span.start - from.span.start) * by > 0;
    return by === 1 ? passing.find(behind) : [...passing].reverse().find(behind);
  };
  const mark = (id: Id) => output.current?.querySelector<HTMLElement>(`[data-claim="${id}"]`);
  const select = (next: ClaimView, focus: "panel" | "mark" | "none") => {
    look({ claim: next.index + 1 });
    requestAnimationFrame(() => {
      mark(next.id)?.scrollIntoView({ block: "nearest" });
      if (focus === "mark") mark(next.id)?.focus({ preventScroll: true });
      if (focus === "panel") panel.current?.focus({ preventScroll: true });
      if (focus !== "mark" && !hasRoom.value) panel.current?.scrollIntoView({ block: "nearest" });
    });
  };
  const step = (from: ClaimView | null, by: 1 | -1) => {
    const next = neighbour(from, by);
    const isAtMark = document.activeElement?.closest("[data-claim]") != null;
    if (next) select(next, isAtMark ? "mark" : "none");
  };
  const close = () => {
    if (claim) mark(claim.id)?.focus();
    look({ claim: null });
  };
  useKeys(props.listening, { step: (by) => step(claim, by), close: () => claim && close() });

  const choosing = useChoosing(claim, passing, looking.filter, {
    choose: (id) => {
      const next = place(id);
      if (next) select(next, "panel");
    },
    step: (from, by) => {
      const next = neighbour(place(from) ?? null, by);
      if (next) select(next, "mark");
    },
  });
  const judged = useMemo(() => <Output text={evaluation.candidate_output} claims={claims} choosing={choosing} />, [evaluation.candidate_output, claims]);

  const filters = useMemo(
    () => claims.length > 0 && <Filters claims={claims} views={views} chosen={looking.filter} choose={(filter) => look({ filter })} />,
    [claims, views, looking.filter, t.value],
  );

  // What was scrolled to last belongs to the claim that was chosen then.
  const [shown, setShown] = useState<{ of: Id; piece: number; times: number } | null>(null);
  const piece = shown && shown.of === claim?.id ? shown.piece : firstOfSource(claim, sources);
  const marks = useMemo(
    () => claim?.evidence.flatMap((one, at): Mark[] => {
        const place = placeInSource(one, sources);
        return place ? [{ ...place, main: at === piece }] : [];
      }) ?? [],
    [claim, sources, piece, shown?.times],
  );
  const source = useRef<HTMLElement>(null);
  const show = (at: number) => {
    if (!claim) return;
    setShown({ of: claim.id, piece: at, times: (shown?.times ?? 0) + 1 });
    if (!hasRoom.value) source.current?.scrollIntoView({ block: "start" });
  };
  const opinions = useOpinions(props.session, claim !== null);
  return (
    <div class={`workbench ${claim ? "with-card" : ""} ${claims.length === 0 ? "without-claims" : ""}`}>
      <section class="card pane of-output" aria-label={words.output} ref={output}>
        <h2>{words.output}</h2>
        {evaluation.question && <Question text={evaluation.question} />}
        {filters}
        <div class="pane-text scrolls">{judged}</div>
      </section>
      {claim ? (
        <ClaimPanel
          claim={claim}
          place={claims.indexOf(claim) + 1}
          total={claims.length}
          said={views.get(claim.id) ?? []}
          sources={sources}
          cited={citedBy(claim, evaluation.result?.citations?.items)}
          opinions={props.session ? opinions : null}
          own={props.session !== null}
          address={props.session && new URL(auditPath(props.session, queryOf({ tab: "texts", filter: "all", claim: claim.index + 1 })), location.origin).href}
          shown={piece}
          show={show}
          step={(by) => step(claim, by)}
          close={close}
          panel={panel}
        />
      ) : (
        claims.length > 0 && (
          <p class="panel claim-panel nothing faint">
            {words.chooseOne}
            <kbd class="own-line small">{words.keys}</kbd>
          </p>
        )
      )}
      <section class="card pane of-source" aria-label={words.source} ref={source}>
        <h2>{words.source}</h2>
        {evaluation.config.collection_id && <CheckedAgainst collection={evaluation.config.collection_id} link={props.session !== null} />}
        <Source text={evaluation.source_text} marks={marks} sources={sources} />
      </section>
    </div>
  );
}

const firstOfSource = (claim: ClaimView | null, sources: readonly NamedSource[] | undefined) =>
  Math.max(claim?.evidence.findIndex((one) => placeInSource(one, sources) !== null) ?? 0, 0);

/** What the output cites for a claim, each source once. */
function citedBy(claim: ClaimView, citations: readonly CheckedCitation[] = []): CheckedCitation[] {
  const found = citations.filter(({ claim_id }) => claim_id === claim.id);
  return found.filter(({ source }, at) => found.findIndex((other) => other.source === source) === at);
}

/** Signals, so that of hundreds of marks only those are drawn anew that change. */
function useChoosing(claim: ClaimView | null, passing: readonly ClaimView[], filter: Filter, acts: Pick<Choosing, "choose" | "step">): Choosing {
  const chosen = useSignal<Id | null>(claim?.id ?? null);
  const shown = useSignal<ReadonlySet<Id> | null>(null);
  const first = useSignal<Id | null>(null);
  const stop = useComputed(() => chosen.value ?? first.value);
  useLayoutEffect(() => {
    batch(() => {
      chosen.value = claim?.id ?? null;
      first.value = passing[0]?.id ?? null;
      shown.value = filter === "all" ? null : new Set(passing.map(({ id }) => id));
    });
  }, [claim?.id, passing, filter]);
  // The marks are drawn once, and ask whoever stands here now.
  const latest = useRef(acts);
  latest.current = acts;
  return useMemo(
    () => ({ chosen, stop, shown, choose: (id) => latest.current.choose(id), step: (from, by) => latest.current.step(from, by) }),
    [],
  );
}

const KEYS: Record<string, 1 | -1> = { j: 1, k: -1 };

/** Keys of one letter, and Escape, where nothing else takes them. */
function useKeys(listening: boolean, acts: { step: (by: 1 | -1) => void; close: () => void }) {
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    if (!listening) return;
    const press = (event: KeyboardEvent) => {
      const by = KEYS[event.key];
      const isTaken = event.target instanceof Element && event.target.closest("input, textarea, select, dialog, .menu") !== null;
      if (isTaken || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") latest.current.close();
      if (!by) return;
      event.preventDefault();
      latest.current.step(by);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [listening]);
}

const LOOKS: Record<Filter, { css: string; mark: string }> = {
  all: { css: "", mark: "" },
  contradicted: LABELS.REFUTED,
  unsupported: LABELS.NOT_ENOUGH_INFO,
  supported: LABELS.SUPPORTED,
  differ: { css: "differ", mark: "≠" },
};

/** Also the legend of the marks. */
function Filters(props: { claims: readonly ClaimView[]; views: ReadonlyMap<Id, Said[]>; chosen: Filter; choose: (filter: Filter) => void }) {
  const words = t.value.texts;
  const { labels } = t.value;
  const names: Record<Filter, string> = {
    all: words.all,
    contradicted: labels.REFUTED,
    unsupported: labels.NOT_ENOUGH_INFO,
    supported: labels.SUPPORTED,
    differ: words.differ,
  };
  return (
    <div class="filters-row" role="group" aria-label={words.filter}>
      {FILTERS.map((filter) => {
        const number = props.claims.filter((claim) => fits(claim, filter, props.views)).length;
        const { css, mark } = LOOKS[filter];
        return (
          <button
            key={filter}
            type="button"
            class={`choice-chip ${css}`}
            aria-pressed={filter === props.chosen}
            disabled={number === 0 && filter !== props.chosen}
            onClick={() => props.choose(filter === props.chosen ? "all" : filter)}
          >
            {mark && <span aria-hidden="true">{mark}</span>} {names[filter]} <b>{count(number)}</b>
          </button>
        );
      })}
    </div>
  );
}

/** Folded where it would leave the output far below. */
function Question({ text }: { text: string }) {
  if (text.length <= 160) return <p class="faint question" dir="auto">{text}</p>;
  return (
    <details class="faint question">
      <summary dir="auto">{brief(text, 140)}</summary>
      <p dir="auto">{text}</p>
    </details>
  );
}
