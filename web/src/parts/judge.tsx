// One judge's card: what it says, or why it says nothing and what to do about it.

import type { JudgeReport, RunError } from "judge-auditor-client";
import { asSentence, count, duration, score, share, usd, words } from "../lib/format";
import { FAILURES } from "../lib/sentences";

export function JudgeCard(props: { report: JudgeReport; warning?: RunError | undefined; again?: (() => void) | undefined }) {
  const { report } = props;
  const failed = report.status !== "completed" && report.status !== "abstained";
  return (
    <article class={`card judge ${failed ? "failed" : ""}`} aria-label={`Judge ${report.judge_name}`}>
      <header>
        <h3>{report.judge_name}</h3>
        <span class="faint">{report.model}</span>
        <b class="figure">{failed ? "no score" : report.status === "abstained" ? "abstains" : score(report.score)}</b>
      </header>
      {report.status === "completed" && report.score != null && <Bar value={report.score} />}
      {failed ? (
        <div class="notice bad">
          <strong>{FAILURES[report.failure ?? ""] ?? words(report.status)}</strong>
          {report.error && <p dir="auto">{asSentence(report.error)}</p>}
          {props.warning?.recovery_suggestions.map((text) => <p key={text}>{asSentence(text)}</p>)}
          {props.again && (
            <button type="button" onClick={props.again}>
              Run the audit again
            </button>
          )}
        </div>
      ) : (
        <p class="reasoning" dir="auto" tabIndex={0}>{asSentence(report.reasoning)}</p>
      )}
      {report.flagged_issues.length > 0 && (
        <Issues issues={report.flagged_issues.slice(0, FIRST)} />
      )}
      {report.flagged_issues.length > FIRST && (
        <details>
          <summary>{count(report.flagged_issues.length - FIRST)} more issues</summary>
          <Issues issues={report.flagged_issues.slice(FIRST)} />
        </details>
      )}
      <footer class="faint">
        {report.confidence != null && <span>confidence {share(report.confidence)}</span>}
        <span>{duration(report.response_time_ms)}</span>
        {report.attempts > 1 && <span>{report.attempts} attempts</span>}
        {report.usage && (
          <span>
            {count(report.usage.prompt_tokens + report.usage.completion_tokens)} tokens, {usd(report.usage.cost_usd)}
          </span>
        )}
        {report.details?.repeats && <span>asked {report.details.repeats.scores.length} times</span>}
      </footer>
    </article>
  );
}

/** So many issues of a judge are shown unasked. */
const FIRST = 5;

function Issues(props: { issues: JudgeReport["flagged_issues"] }) {
  return (
    <ul class="plain-list issues">
      {props.issues.map((issue, place) => (
        <li key={place}>
          <span class={`chip severity-${issue.severity}`}>{issue.severity}</span> <b>{words(issue.type)}:</b>{" "}
          <span dir="auto">{issue.description}</span>
        </li>
      ))}
    </ul>
  );
}

/** 0..100 as a length; the figure stands beside it. */
export function Bar(props: { value: number; kind?: string }) {
  return (
    <svg class={`bar ${props.kind ?? ""}`} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="4" rx="1" />
      <rect class="fill" width={Math.max(0, Math.min(100, props.value))} height="4" rx="1" />
    </svg>
  );
}
