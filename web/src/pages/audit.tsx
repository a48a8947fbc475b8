// One audit: as it runs, and when it has ended.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { AuditorError, Estimate, Evaluation } from "judge-auditor-client";
import { isOfSource } from "../lib/documents";
import { asSentence, brief, count, moment, usd, words } from "../lib/format";
import { Candidate } from "../parts/candidate";
import { ClaimPanel } from "../parts/claim";
import { CheckedAgainst } from "../parts/collection";
import { ConnectionBanner } from "../parts/connection";
import { JudgeCard } from "../parts/judge";
import { Empty, Notice, Trouble, Waiting } from "../parts/notice";
import { Result } from "../parts/result";
import { ExportMenu, ShareDialog } from "../parts/share";
import { Source } from "../parts/source";
import type { View } from "../state/audit";
import { LiveAudit } from "../state/audit";
import { begun, draft, write } from "../state/draft";
import { useOpinions } from "../state/opinions";
import { go } from "../state/route";
import { asError, client } from "../state/session";

export function AuditPage(props: { id: string }) {
  const live = useMemo(() => new LiveAudit(props.id), [props.id]);
  useEffect(() => () => live.close(), [live]);
  const view = live.view.value;
  const wayOn = (
    <a class="button" href="#/history">
      To the history
    </a>
  );
  if (live.gone.value) {
    return (
      <Empty page title="This audit was deleted">
        {wayOn}
      </Empty>
    );
  }
  if (live.failed.value?.code === "not_found") {
    return (
      <Empty page title="There is no such audit">
        <p>It may have been deleted, or belong to somebody else.</p>
        {wayOn}
      </Empty>
    );
  }
  if (live.failed.value) return <Trouble page error={live.failed.value} again={() => void live.load()} />;
  if (!view) return <Waiting what="Reading the audit" />;
  return <Audit view={view} id={props.id} />;
}

function Audit(props: { view: View; id: string }) {
  const { view, id } = props;
  const { evaluation } = view;
  const [error, setError] = useState<AuditorError | null>(null);
  const [sharing, setSharing] = useState(false);
  const [asking, setAsking] = useState<Estimate | null>(null);
  // What was refused in another state is no more to the point.
  useEffect(() => setError(null), [evaluation.status]);
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
  return (
    <article class="audit" data-status={evaluation.status} data-seq={view.lastSeq}>
      <div class="page-title">
        <div>
          <h1 dir="auto">{brief(evaluation.question || evaluation.candidate_output)}</h1>
          <p class="faint">
            {words(evaluation.status)} · made {moment(evaluation.created_at)} · {evaluation.config.judges.join(", ")}
          </p>
        </div>
        <div class="row actions">
          {running && (
            <button type="button" onClick={() => attempt(() => client.cancel(id))}>
              Cancel
            </button>
          )}
          {!running && evaluation.status !== "pending" && (
            <button type="button" onClick={again}>
              Run again
            </button>
          )}
          {evaluation.result && (
            <>
              <button type="button" onClick={() => setSharing(true)}>
                Share
              </button>
              <ExportMenu id={id} failed={setError} />
            </>
          )}
        </div>
      </div>
      <ConnectionBanner />
      {error && <Trouble error={error} />}
      {evaluation.status === "pending" && <Pending id={id} start={start} />}
      {asking && !running && (
        <Again estimate={asking} start={start} leave={() => setAsking(null)} />
      )}
      {running && <Progress view={view} />}
      <Ending view={view} />
      {evaluation.result && view.degraded && (
        <Notice kind="open" title="Not every judge was heard: the figures rest on the others." />
      )}
      {evaluation.result && <Result result={evaluation.result} judges={evaluation.judges} tookMs={view.tookMs} />}
      <Texts evaluation={evaluation} session={id} />
      <Judges view={view} again={running ? undefined : again} />
      {sharing && <ShareDialog id={id} withCollection={Boolean(evaluation.config.collection_id)} close={() => setSharing(false)} />}
    </article>
  );
}

function Pending(props: { id: string; start: () => void }) {
  const [estimate, setEstimate] = useState<Estimate | null>(null);
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
    <Notice title="This audit has not been run">
      {estimate && <Costs estimate={estimate} />}
      <div class="row">
        <button type="button" class="primary" onClick={props.start}>
          Run it
        </button>
        {draft.value.made === props.id && (
          <button type="button" onClick={change}>
            Change it
          </button>
        )}
      </div>
    </Notice>
  );
}

/** Asked at the top, also of whoever pressed a button at the bottom. */
function Again(props: { estimate: Estimate; start: () => void; leave: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.focus({ preventScroll: true });
    button.current?.scrollIntoView({ block: "center" });
  }, []);
  return (
    <Notice title="Run it again?">
      <Costs estimate={props.estimate} />
      <div class="row">
        <button type="button" class="primary" ref={button} onClick={props.start}>
          Run it
        </button>
        <button type="button" onClick={props.leave}>
          Not now
        </button>
      </div>
    </Notice>
  );
}

function Costs({ estimate }: { estimate: Estimate }) {
  return (
    <>
      {estimate.calls > 0 && (
        <p>
          It will ask language models {estimate.calls === 1 ? "once" : `${count(estimate.calls)} times`} and take at most {count(estimate.prompt_tokens + estimate.max_completion_tokens)}{" "}
          tokens: {usd(estimate.cost_usd)}.
        </p>
      )}
      {!estimate.fits && estimate.reasons.map((reason) => <p key={reason} class="bad-text">{asSentence(reason)}</p>)}
    </>
  );
}

function Progress(props: { view: View }) {
  const { progress, decided } = props.view;
  const value = progress?.progress;
  return (
    <section class="progress" aria-label="Progress">
      <progress max={100} {...(value !== undefined && { value })} aria-label="Progress of the whole run" />
      <p role="status">
        {progress ? (
          <>
            <b>{Math.round(progress.progress)} %</b> {words(progress.stage)}: {progress.message}
          </>
        ) : (
          "at work"
        )}
        {decided && <span class="faint"> · {decided.completed} of {decided.total} claims decided</span>}
      </p>
    </section>
  );
}

/** What a run without a result ended with. */
function Ending(props: { view: View }) {
  const { evaluation, cancelled } = props.view;
  if (evaluation.status === "failed") {
    const error = evaluation.error;
    return (
      <Notice kind="bad" title={error?.error_type === "all_judges_failed" ? "No result: too few judges gave a score" : "The run has failed"}>
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
    const late = cancelled === "deadline";
    return (
      <Notice kind="open" title={late ? "The run was ended: it took longer than its time limit" : "The run was cancelled"}>
        What was found until then is kept.
      </Notice>
    );
  }
  return null;
}

export function Texts(props: { evaluation: Pick<Evaluation, "candidate_output" | "source_text" | "question" | "config" | "claims" | "judges">; session: string | null }) {
  const { evaluation } = props;
  const [chosen, setChosen] = useState<string | null>(null);
  const claim = evaluation.claims.find((one) => one.id === chosen) ?? null;
  const box = useRef<HTMLElement>(null);
  const close = () => {
    box.current?.querySelector<HTMLElement>(".claim.chosen")?.focus();
    setChosen(null);
  };
  const opinions = useOpinions(props.session, claim !== null);
  const marks = useMemo(() => claim?.evidence.filter(isOfSource).map((piece) => piece.span) ?? [], [claim]);
  return (
    <div class="two texts">
      <section class="card" aria-label="Output" ref={box}>
        <h2>Output</h2>
        {evaluation.question && <Question text={evaluation.question} />}
        <Candidate text={evaluation.candidate_output} claims={evaluation.claims} chosen={chosen} choose={(id) => setChosen(id === chosen ? null : id)} />
        <p class="legend faint">
          <span class="claim good"><span class="shape" aria-hidden="true">✓</span>supported</span>{" "}
          <span class="claim bad"><span class="shape" aria-hidden="true">✗</span>refuted</span>{" "}
          <span class="claim open"><span class="shape" aria-hidden="true">?</span>not enough information</span>
        </p>
        {claim && <ClaimPanel claim={claim} judges={evaluation.judges} opinions={props.session ? opinions : null} own={props.session !== null} close={close} />}
      </section>
      <section class="card" aria-label="Source">
        <h2>Source</h2>
        {evaluation.config.collection_id && <CheckedAgainst collection={evaluation.config.collection_id} link={props.session !== null} />}
        <Source text={evaluation.source_text} marks={marks} />
      </section>
    </div>
  );
}

/** Folded where it would leave the output far below. */
function Question({ text }: { text: string }) {
  if (text.length <= 400) return <p class="faint question" dir="auto">{text}</p>;
  return (
    <details class="faint question">
      <summary dir="auto">{brief(text, 300)}</summary>
      <p dir="auto">{text}</p>
    </details>
  );
}

function Judges(props: { view: View; again: (() => void) | undefined }) {
  const { evaluation, warnings } = props.view;
  const heard = new Set(evaluation.judges.map((judge) => judge.judge_name));
  const waiting = evaluation.status === "in_progress" ? evaluation.config.judges.filter((name) => !heard.has(name)) : [];
  if (heard.size === 0 && waiting.length === 0) return null;
  return (
    <section class="judges" aria-label="Judges">
      <h2>Judges</h2>
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
              <h3>{name}</h3>
            </header>
            <Waiting what="has not answered yet" />
          </article>
        ))}
      </div>
    </section>
  );
}
