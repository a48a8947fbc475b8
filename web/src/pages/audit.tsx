// One audit: as it runs, and when it has ended.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Annotations, AuditorError, ClaimView, Estimate } from "judge-auditor-client";
import { decisive } from "../lib/claims";
import { asSentence, brief, count, moment, usd } from "../lib/format";
import { AnnotationsDialog } from "../parts/annotations";
import { Answer, AnswerTitle, answerOf } from "../parts/answer";
import { ConnectionBanner } from "../parts/connection";
import { Figures, Injection } from "../parts/figures";
import { Cost, JudgeCard } from "../parts/judge";
import { Log } from "../parts/log";
import { EmptyPage, Notice, Trouble, Waiting } from "../parts/notice";
import { Runs } from "../parts/runs";
import { Settings, editAsNew } from "../parts/settings";
import { ExportMenu, ShareDialog } from "../parts/share";
import { Tabs } from "../parts/tabs";
import { Tags } from "../parts/tags";
import type { Panel } from "../parts/tabs";
import { Texts } from "../parts/texts";
import type { View } from "../state/audit";
import { LiveAudit } from "../state/audit";
import { begun, draft, write } from "../state/draft";
import { hasRoom, isNarrow } from "../state/room";
import { auditPath, go, route } from "../state/route";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { lookingAt, queryOf } from "../state/view";
import type { Looking, Tab } from "../state/view";
import { t } from "../words";

export function AuditPage(props: { id: string; query: string }) {
  const live = useMemo(() => new LiveAudit(props.id), [props.id]);
  useEffect(() => () => live.close(), [live]);
  const view = live.view.value;
  const words = t.value.audit;
  const wayOn = (
    <a class="button" href="#/history">
      {words.toHistory}
    </a>
  );
  if (live.gone.value) return <EmptyPage title={words.deleted}>{wayOn}</EmptyPage>;
  if (live.failed.value?.code === "not_found") {
    return (
      <EmptyPage title={words.none}>
        <p>{t.value.common.mayBeDeleted}</p>
        {wayOn}
      </EmptyPage>
    );
  }
  if (live.failed.value) return <Trouble page error={live.failed.value} again={() => void live.load()} />;
  if (!view) return <Waiting what={words.reading} />;
  return <Audit view={view} id={props.id} query={props.query} annotated={(now) => live.annotated(now)} />;
}

/** An address costs more than what it is written for, and browsers take only so many of them in a while. */
const ADDRESS_AFTER_MS = 150;

/** What is looked at, in step with the address, which follows when one has arrived. */
function useLooking(id: string, query: string) {
  const [looking, setLooking] = useState(() => lookingAt(query));
  const latest = useRef(looking);
  const show = (now: Looking) => {
    latest.current = now;
    setLooking(now);
  };
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const write = () => {
    if (timer.current === undefined) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    // One may have gone elsewhere meanwhile.
    const here = route.value;
    if (here.page === "audit" && here.id === id && location.hash.startsWith(auditPath(id))) history.replaceState(history.state, "", auditPath(id, queryOf(latest.current)));
  };
  useEffect(() => {
    addEventListener("pagehide", write);
    return () => {
      removeEventListener("pagehide", write);
      clearTimeout(timer.current);
    };
  }, []);
  const address = useRef(query);
  useEffect(() => {
    // Another address: a link was followed, or one goes back.
    if (address.current !== query) {
      clearTimeout(timer.current);
      timer.current = undefined;
      show(lookingAt(query));
    }
    address.current = query;
  }, [query]);
  const look = (changes: Partial<Looking>) => {
    show({ ...latest.current, ...changes });
    clearTimeout(timer.current);
    timer.current = setTimeout(write, ADDRESS_AFTER_MS);
  };
  return { looking, look };
}

function Audit(props: { view: View; id: string; query: string; annotated: (now: Annotations) => void }) {
  const { view, id } = props;
  const { evaluation } = view;
  const { result } = evaluation;
  const words = t.value.audit;
  const { looking, look } = useLooking(id, props.query);
  const [error, setError] = useState<AuditorError | null>(null);
  const [sharing, setSharing] = useState(false);
  const [naming, setNaming] = useState(false);
  const [asking, setAsking] = useState<Estimate | null>(null);
  // What was refused in another state is no more to the point.
  useEffect(() => setError(null), [evaluation.status]);
  const subject = evaluation.name || brief(evaluation.question || evaluation.candidate_output);
  useTitle(result ? `${answerOf(result)} ${evaluation.name ?? ""}`.trim() : subject);
  const attempt = (task: () => Promise<unknown>) => {
    setError(null);
    task().catch((thrown: unknown) => setError(asError(thrown)));
  };
  const start = () => {
    setAsking(null);
    attempt(async () => {
      await client.start(id);
      begun(id);
    });
  };
  // What costs is shown first.
  const again = () =>
    attempt(async () => {
      const estimate = await client.evaluations.estimate(id);
      if (estimate.calls === 0) start();
      else setAsking(estimate);
    });
  const running = evaluation.status === "in_progress";
  const worst = useMemo(() => (result ? decisive(evaluation.claims) : null), [result, evaluation.claims]);
  const chooseWorst = (claim: ClaimView) => {
    look({ tab: "texts", filter: "all", claim: claim.index + 1 });
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".claim-panel")?.focus());
  };
  return (
    <article class="audit" data-status={evaluation.status} data-seq={view.lastSeq} data-tab={looking.tab}>
      <div class="audit-head">
        <div>
          {result ? <AnswerTitle result={result} /> : <h1 dir="auto">{subject}</h1>}
          <div class="audit-subject small faint">
            {/* Once there is an answer, that is the title. */}
            {result && (
              <span dir="auto" class="audit-title">
                {subject}
              </span>
            )}
            <span>
              {t.value.statuses[evaluation.status]} · {t.value.common.made(moment(evaluation.created_at))}
            </span>
            <Tags tags={evaluation.tags ?? []} />
            <button type="button" class="link small" onClick={() => setNaming(true)}>
              {evaluation.name || evaluation.notes || evaluation.tags?.length ? t.value.annotations.change : t.value.annotations.add}
            </button>
          </div>
          {evaluation.notes && <Notes text={evaluation.notes} />}
        </div>
        <div class="row actions">
          {running && (
            <button type="button" onClick={() => attempt(() => client.cancel(id))}>
              {t.value.common.cancel}
            </button>
          )}
          {!running && evaluation.status !== "pending" && (
            <>
              <button type="button" onClick={again}>
                {words.runAgain}
              </button>
              {/* On a phone it is with the settings only. */}
              {!isNarrow.value && (
                <button type="button" onClick={() => editAsNew(evaluation)}>
                  {words.edit}
                </button>
              )}
            </>
          )}
          {result && (
            <>
              <button type="button" onClick={() => setSharing(true)}>
                {words.share}
              </button>
              <ExportMenu id={id} failed={setError} />
            </>
          )}
        </div>
      </div>
      <ConnectionBanner running={running} />
      {error && <Trouble error={error} />}
      {evaluation.status === "pending" && <Pending id={id} start={start} />}
      {asking && !running && <Again estimate={asking} start={start} leave={() => setAsking(null)} />}
      {running && <Progress view={view} />}
      <Ending view={view} />
      {result && view.degraded && <Notice kind="warning" title={words.degraded} />}
      {result && <Answer result={result} decisive={worst} choose={chooseWorst} />}
      {result?.injection && <Injection found={result.injection} />}
      <Parts view={view} id={id} looking={looking} look={look} worst={worst} again={running ? undefined : again} />
      {naming && <AnnotationsDialog evaluation={evaluation} changed={props.annotated} close={() => setNaming(false)} />}
      {sharing && <ShareDialog id={id} withCollection={Boolean(evaluation.config.collection_id)} close={() => setSharing(false)} />}
    </article>
  );
}

interface PartsProps {
  view: View;
  id: string;
  looking: Looking;
  look: (changes: Partial<Looking>) => void;
  worst: ClaimView | null;
  again: (() => void) | undefined;
}

function Parts(props: PartsProps) {
  const { view, looking, look } = props;
  const { evaluation } = view;
  const names = t.value.audit.tabs;
  const latest = useRef(props.again);
  latest.current = props.again;
  const isAskable = props.again !== undefined;
  // Choosing a claim draws none of these anew.
  const judges = useMemo(
    () => <Judges view={view} again={isAskable ? () => latest.current?.() : undefined} />,
    [evaluation.judges, evaluation.status, view.warnings, isAskable, t.value],
  );
  const figures = useMemo(() => evaluation.result && <Figures result={evaluation.result} judges={evaluation.judges} />, [evaluation.result, evaluation.judges, t.value]);
  const cost = useMemo(() => <Cost judges={evaluation.judges} tookMs={view.tookMs} />, [evaluation.judges, view.tookMs, t.value]);
  const settings = useMemo(() => <Settings evaluation={evaluation} />, [evaluation.status, evaluation.id, t.value]);
  const panels: (Panel<Tab> | false)[] = [
    {
      name: "texts",
      title: names.texts,
      content: (
        <Texts
          evaluation={evaluation}
          session={props.id}
          looking={looking}
          look={look}
          proposed={hasRoom.value ? props.worst : null}
          listening={looking.tab === "texts"}
        />
      ),
    },
    figures != null && evaluation.result?.outcome !== "nothing_to_check" && { name: "figures", title: names.figures, content: figures },
    { name: "judges", title: names.judges, count: evaluation.judges.length, content: judges },
    evaluation.judges.length > 0 && { name: "cost", title: names.cost, content: cost },
    evaluation.status !== "pending" && { name: "runs", title: names.runs, content: <Runs id={props.id} shown={looking.tab === "runs"} state={evaluation.status} /> },
    { name: "log", title: names.log, content: <Log id={props.id} last={view.lastSeq} shown={looking.tab === "log"} /> },
    { name: "settings", title: names.settings, content: settings },
  ];
  const there = panels.filter((panel) => panel !== false);
  const chosen = there.some(({ name }) => name === looking.tab) ? looking.tab : "texts";
  return <Tabs about={t.value.audit.parts} panels={there} chosen={chosen} choose={(tab) => look({ tab })} />;
}

/** Folded where they would push the answer down. */
function Notes({ text }: { text: string }) {
  if (text.length <= 120 && !text.includes("\n")) return <p class="small audit-notes" dir="auto">{text}</p>;
  return (
    <details class="small audit-notes">
      <summary dir="auto">{brief(text, 110)}</summary>
      <p dir="auto">{text}</p>
    </details>
  );
}

function Pending(props: { id: string; start: () => void }) {
  const [estimate, setEstimate] = useState<Estimate | null>(null);
  const words = t.value.audit;
  useEffect(() => {
    client.evaluations.estimate(props.id).then(setEstimate, () => {});
  }, [props.id]);
  // The form still has what this one was made of, so another one can take its place.
  const change = () => {
    write({ made: null });
    void client.evaluations.remove(props.id).catch(() => {});
    go("#/");
  };
  return (
    <Notice title={words.notRun}>
      {estimate && <Costs estimate={estimate} />}
      <div class="row">
        <button type="button" class="primary" onClick={props.start}>
          {words.run}
        </button>
        {draft.value.made === props.id && (
          <button type="button" onClick={change}>
            {words.change}
          </button>
        )}
      </div>
    </Notice>
  );
}

/** Asked at the top, also of whoever pressed a button at the bottom. */
function Again(props: { estimate: Estimate; start: () => void; leave: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const words = t.value.audit;
  useEffect(() => {
    button.current?.focus({ preventScroll: true });
    button.current?.scrollIntoView({ block: "center" });
  }, []);
  return (
    <Notice title={words.runAgainTitle}>
      <Costs estimate={props.estimate} />
      <div class="row">
        <button type="button" class="primary" ref={button} onClick={props.start}>
          {words.run}
        </button>
        <button type="button" onClick={props.leave}>
          {words.notNow}
        </button>
      </div>
    </Notice>
  );
}

function Costs({ estimate }: { estimate: Estimate }) {
  const words = t.value.audit;
  return (
    <>
      {estimate.calls > 0 && (
        <p>
          {words.willAsk(estimate.calls)} {words.atMost(estimate.prompt_tokens + estimate.max_completion_tokens, usd(estimate.cost_usd))}
        </p>
      )}
      {!estimate.fits && estimate.reasons.map((reason) => <p key={reason} class="bad-text">{asSentence(reason)}</p>)}
    </>
  );
}

function Progress(props: { view: View }) {
  const { progress, decided, evaluation } = props.view;
  const value = progress?.progress;
  const words = t.value.audit;
  return (
    <section class="progress" aria-label={words.progress}>
      <progress max={100} {...(value !== undefined && { value })} aria-label={words.progressBar} />
      <p role="status">
        {progress ? (
          <>
            <b>{Math.round(progress.progress)} %</b> {t.value.stages[progress.stage]}
          </>
        ) : (
          words.atWork
        )}
        {decided && <span class="faint"> · {words.decided(decided.completed, decided.total)}</span>}
        {evaluation.judges.length > 0 && (
          <span class="faint">
            {" "}
            · {count(evaluation.judges.length)} / {t.value.common.judges(evaluation.config.judges.length)}
          </span>
        )}
      </p>
    </section>
  );
}

/** What a run without a result ended with. */
function Ending(props: { view: View }) {
  const { evaluation, cancelled } = props.view;
  const words = t.value.audit;
  if (evaluation.status === "failed") {
    const error = evaluation.error;
    return (
      <Notice kind="bad" title={error?.error_type === "all_judges_failed" ? words.tooFewJudges : words.failed}>
        {error && <p>{asSentence(error.message)}</p>}
        {error && (
          <ul>
            {error.recovery_suggestions.map((text) => (
              <li key={text}>{asSentence(text)}</li>
            ))}
          </ul>
        )}
      </Notice>
    );
  }
  if (evaluation.status === "cancelled") {
    return (
      <Notice kind="warning" title={cancelled === "deadline" ? words.late : words.cancelled}>
        <p>{words.kept}</p>
      </Notice>
    );
  }
  return null;
}

function Judges(props: { view: View; again: (() => void) | undefined }) {
  const { evaluation, warnings } = props.view;
  const heard = new Set(evaluation.judges.map((judge) => judge.judge_name));
  const waiting = evaluation.status === "in_progress" ? evaluation.config.judges.filter((name) => !heard.has(name)) : [];
  return (
    <section class="judges" aria-label={t.value.judges.region}>
      <div class="cards" aria-live="polite">
        {evaluation.judges.map((report) => (
          <JudgeCard
            key={report.judge_name}
            report={report}
            warning={warnings.find((warning) => warning.details?.["judge_name"] === report.judge_name)}
            again={props.again}
          />
        ))}
        {waiting.map((name) => (
          <article key={name} class="card judge waiting-card">
            <header>
              <h2>{name}</h2>
            </header>
            <Waiting what={t.value.judges.waiting} />
          </article>
        ))}
      </div>
    </section>
  );
}
