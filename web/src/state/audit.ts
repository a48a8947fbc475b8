// One audit as it stands: what REST told, and every event since, once each.

import { signal } from "@preact/signals";
import type { Annotations, AuditorError, ClaimView, Evaluation, EvaluationProgress, Follow, RunError, SessionEvent } from "judge-auditor-client";
import { asError, client } from "./session";

export interface View {
  evaluation: Evaluation;
  progress: EvaluationProgress | null;
  /** Of claims: decided and all. */
  decided: { completed: number; total: number } | null;
  warnings: RunError[];
  cancelled: "user" | "deadline" | "deleted" | null;
  degraded: boolean;
  tookMs: number | null;
  /** Events applied since the page was opened, for whoever checks that none is missing. */
  lastSeq: number;
}

/** How many measures are kept: a page that is open for days must not grow. */
const MOST_MEASURES = 5000;

/** How many of the last events are read again: the judges and the end are among them. */
const RECALLED = 200;

export class LiveAudit {
  readonly view = signal<View | null>(null);
  readonly failed = signal<AuditorError | null>(null);
  readonly gone = signal(false);

  #draft: View | null = null;
  #arrivals: number[] = [];
  #measured = 0;
  #scheduled = false;
  #follow: Follow | null = null;
  #closed = false;

  constructor(readonly id: string) {
    void this.load();
  }

  async load() {
    this.failed.value = null;
    try {
      const evaluation = await client.evaluations.get(this.id);
      if (this.#closed) return;
      this.#take(evaluation);
      void this.#recall(evaluation);
      this.#follow?.close();
      this.#follow = client.follow(this.id, {
        epoch: evaluation.epoch,
        lastSeq: evaluation.last_seq,
        onEvent: (event) => this.#hear(event),
        onGap: (gap) => {
          this.#take(gap.evaluation);
          void this.#recall(gap.evaluation);
        },
        onState: (state) => {
          if (state.kind === "closed" && state.reason === "deleted") this.gone.value = true;
        },
      });
    } catch (error) {
      if (!this.#closed) this.failed.value = asError(error);
    }
  }

  /** What its owner has added was changed here. */
  annotated(now: Annotations) {
    if (!this.#draft) return;
    this.#draft = { ...this.#draft, evaluation: { ...this.#draft.evaluation, ...now } };
    this.#schedule();
  }

  close() {
    this.#closed = true;
    this.#follow?.close();
  }

  /** What the evaluation itself does not say: how far it is, what was warned of, why it was cancelled. */
  async #recall(evaluation: Evaluation) {
    const { last_seq: last, run_id: run } = evaluation;
    if (run == null || last === 0) return;
    try {
      const page = await client.evaluations.events(this.id, { afterSeq: Math.max(0, last - RECALLED), limit: RECALLED });
      const events = page.events.filter((event) => event.run_id === run && event.seq <= last);
      // Events that came meanwhile know better.
      if (this.#draft?.evaluation.run_id !== run) return;
      this.#draft = recalled(this.#draft, events);
      this.#schedule();
    } catch {
      // The audit is shown without them.
    }
  }

  #take(evaluation: Evaluation) {
    this.#draft = {
      evaluation,
      progress: null,
      decided: null,
      warnings: [],
      cancelled: null,
      degraded: evaluation.judges.some((judge) => !["completed", "abstained"].includes(judge.status)),
      tookMs: null,
      lastSeq: evaluation.last_seq,
    };
    this.#schedule();
  }

  #hear(event: SessionEvent) {
    if (!this.#draft) return;
    this.#arrivals.push(performance.now());
    this.#draft = applied(this.#draft, event);
    this.#schedule();
  }

  /** The first of many is shown at once; the others of that moment are one change of the screen. */
  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#show();
    const shown = this.#draft;
    const next = () => {
      this.#scheduled = false;
      if (this.#draft !== shown) this.#schedule();
    };
    // A page in the background paints nothing, but its title and its state go on.
    if (document.hidden) setTimeout(next, 50);
    else requestAnimationFrame(next);
  }

  #show() {
    this.view.value = this.#draft;
    const arrivals = this.#arrivals.splice(0);
    if (arrivals.length > 0) requestAnimationFrame(() => this.#measure(arrivals));
  }

  #measure(arrivals: number[]) {
    for (const start of arrivals) {
      if (this.#measured++ >= MOST_MEASURES) return;
      performance.measure("event-to-screen", { start, end: performance.now() });
    }
  }
}

/** The view with what earlier events of its run say beside the evaluation. */
export function recalled(view: View, events: readonly SessionEvent[]): View {
  const before: View = { ...view, progress: null, decided: null, warnings: [], cancelled: null, tookMs: null };
  const past = events.reduce(applied, { ...before, evaluation: { ...view.evaluation } });
  return {
    ...view,
    progress: view.progress ?? past.progress,
    decided: view.decided ?? past.decided,
    warnings: [...past.warnings, ...view.warnings],
    cancelled: view.cancelled ?? past.cancelled,
    degraded: view.degraded || past.degraded,
    tookMs: view.tookMs ?? past.tookMs,
  };
}

/** The view after an event. */
export function applied(view: View, event: SessionEvent): View {
  const fresh = view.evaluation.run_id !== event.run_id;
  const before: View = fresh ? begun(view, event) : view;
  const evaluation = { ...before.evaluation, last_seq: event.seq };
  const next: View = { ...before, evaluation, lastSeq: event.seq };
  switch (event.type) {
    case "evaluation_progress":
      evaluation.status = "in_progress";
      return { ...next, progress: event.data };
    case "claim_verdict": {
      const { claim, completed, total, ...verdict } = event.data;
      const claims = evaluation.claims.filter((known) => known.id !== claim.id);
      claims.push({ ...claim, ...verdict, verifier_label: verdict.label } satisfies ClaimView);
      claims.sort((one, other) => one.span.start - other.span.start);
      evaluation.claims = claims;
      return { ...next, decided: { completed, total } };
    }
    case "claim_revised": {
      const { claim_id, label, confidence, probability, previous_label, views } = event.data;
      evaluation.claims = evaluation.claims.map((known) =>
        known.id === claim_id ? { ...known, label, confidence, probability, verifier_label: previous_label, views } : known,
      );
      return next;
    }
    case "judge_result":
      evaluation.judges = [
        ...evaluation.judges.filter((known) => known.judge_name !== event.data.judge_name),
        event.data,
      ];
      return next;
    case "evaluation_complete":
      evaluation.status = "completed";
      evaluation.result = event.data.result;
      evaluation.completed_at = event.ts;
      return { ...next, degraded: event.data.degraded, tookMs: event.data.processing_time_ms };
    case "evaluation_error":
      if (!event.data.fatal) return { ...next, warnings: [...next.warnings, event.data] };
      evaluation.status = "failed";
      evaluation.error = event.data;
      evaluation.completed_at = event.ts;
      return next;
    case "evaluation_cancelled":
      evaluation.status = "cancelled";
      evaluation.completed_at = event.ts;
      return { ...next, cancelled: event.data.reason };
    default:
      return next;
  }
}

/** A new run of the same session: its claims and judges begin anew. */
function begun(view: View, event: SessionEvent): View {
  const evaluation: Evaluation = {
    ...view.evaluation,
    run_id: event.run_id,
    status: "in_progress",
    started_at: event.ts,
    completed_at: null,
    claims: [],
    judges: [],
    result: null,
    error: null,
  };
  return { ...view, evaluation, progress: null, decided: null, warnings: [], cancelled: null, degraded: false, tookMs: null };
}
