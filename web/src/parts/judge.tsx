// One judge's card: what it says, or why it says nothing and what to do about it.

import type { JudgeReport, RunError } from "judge-auditor-client";
import { asSentence, count, duration, score, share, spaced, usd } from "../lib/format";
import { t } from "../words";
import { Bar } from "./bar";
import { Scroll } from "./scroll";

export function JudgeCard(props: { report: JudgeReport; warning?: RunError | undefined; again?: (() => void) | undefined }) {
  const { report } = props;
  const words = t.value.judges;
  const failed = report.status !== "completed" && report.status !== "abstained";
  const supported = report.claim_verdicts.filter(({ label }) => label === "SUPPORTED").length;
  return (
    <article class={`card judge ${failed ? "failed" : ""}`} aria-label={words.judge(report.judge_name)}>
      <header>
        <h2>{report.judge_name}</h2>
        <span class="faint">{report.model}</span>
        <b class="figure">{failed ? words.noScore : report.status === "abstained" ? words.abstains : score(report.score)}</b>
      </header>
      {report.status === "completed" && report.score != null && <Bar value={report.score} />}
      {!failed && report.claim_verdicts.length > 0 && <p class="small faint">{words.claims(supported, report.claim_verdicts.length)}</p>}
      {failed ? (
        <div class="notice bad">
          <span class="notice-mark" aria-hidden="true">
            !
          </span>
          <div>
            <strong>{(report.failure && t.value.failures[report.failure]) ?? t.value.judgeStatuses[report.status]}</strong>
            {report.error && <p dir="auto">{asSentence(report.error)}</p>}
            {props.warning?.recovery_suggestions.map((text) => <p key={text}>{asSentence(text)}</p>)}
            {props.again && (
              <button type="button" onClick={props.again}>
                {words.runAgain}
              </button>
            )}
          </div>
        </div>
      ) : (
        <p class="reasoning" dir="auto">
          {asSentence(report.reasoning)}
        </p>
      )}
      {report.flagged_issues.length > 0 && <Issues issues={report.flagged_issues.slice(0, FIRST)} />}
      {report.flagged_issues.length > FIRST && (
        <details>
          <summary>{words.moreIssues(report.flagged_issues.length - FIRST)}</summary>
          <Issues issues={report.flagged_issues.slice(FIRST)} />
        </details>
      )}
      <footer class="faint">
        {report.confidence != null && <span>{words.confidence(share(report.confidence))}</span>}
        <span>{duration(report.response_time_ms)}</span>
        {report.attempts > 1 && <span>{words.attempts(report.attempts)}</span>}
        {report.usage && (
          <span>
            {words.tokens(report.usage.prompt_tokens + report.usage.completion_tokens)}, {usd(report.usage.cost_usd)}
          </span>
        )}
        {report.details?.repeats && <span>{words.asked(report.details.repeats.scores.length)}</span>}
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
          <span class={`severity ${issue.severity}`}>{t.value.severities[issue.severity]}</span> <b>{t.value.issues[issue.type] ?? spaced(issue.type)}:</b>{" "}
          <span dir="auto">{issue.description}</span>
        </li>
      ))}
    </ul>
  );
}

/** How much of a price and time each took, and all together. */
export function Cost(props: { judges: readonly JudgeReport[]; tookMs: number | null }) {
  const words = t.value.cost;
  const sum = (of: (judge: JudgeReport) => number) => props.judges.reduce((all, judge) => all + of(judge), 0);
  const usages = props.judges.flatMap(({ usage }) => (usage ? [usage] : []));
  const isPriced = usages.every(({ cost_usd }) => cost_usd != null);
  return (
    <section class="card">
      <h2>{words.title}</h2>
      <Scroll about={words.title}>
        <table>
          <thead>
            <tr>
              {[words.judge, words.time, words.attempts, words.tokensIn, words.tokensOut, words.price].map((name, place) => (
                <th key={name} scope="col" class={place > 0 ? "number" : ""}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {props.judges.map(({ judge_name, response_time_ms, attempts, usage }) => (
              <tr key={judge_name}>
                <th scope="row">{judge_name}</th>
                <td class="number">{duration(response_time_ms)}</td>
                <td class="number">{count(attempts)}</td>
                <td class="number">{usage ? count(usage.prompt_tokens) : "–"}</td>
                <td class="number">{usage ? count(usage.completion_tokens) : "–"}</td>
                <td class="number">{usage ? usd(usage.cost_usd) : t.value.common.free}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{words.all}</th>
              <td class="number">{props.tookMs == null ? "–" : duration(props.tookMs)}</td>
              <td class="number">{count(sum(({ attempts }) => attempts))}</td>
              <td class="number">{usages.length > 0 ? count(sum(({ usage }) => usage?.prompt_tokens ?? 0)) : "–"}</td>
              <td class="number">{usages.length > 0 ? count(sum(({ usage }) => usage?.completion_tokens ?? 0)) : "–"}</td>
              <td class="number">{usages.length === 0 ? t.value.common.free : usd(isPriced ? sum(({ usage }) => usage?.cost_usd ?? 0) : null)}</td>
            </tr>
          </tfoot>
        </table>
      </Scroll>
    </section>
  );
}
