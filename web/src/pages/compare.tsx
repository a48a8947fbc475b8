// Two audits side by side.

import { useEffect, useState } from "preact/hooks";
import type { AuditorError, Evaluation } from "judge-auditor-client";
import { brief, index, moment, score, words } from "../lib/format";
import { Candidate } from "../parts/candidate";
import { Notice, Trouble, Waiting } from "../parts/notice";
import { Scroll } from "../parts/scroll";
import { Chip } from "../parts/verdict";
import { auditPath } from "../state/route";
import { asError, client } from "../state/session";

export function Compare(props: { first: string; second: string }) {
  const [audits, setAudits] = useState<Evaluation[] | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const load = () => {
    setError(null);
    Promise.all([props.first, props.second].map((id) => client.evaluations.get(id))).then(setAudits, (thrown) => setError(asError(thrown)));
  };
  useEffect(load, [props.first, props.second]);
  if (error) return <Trouble page error={error} again={load} />;
  const [first, second] = audits ?? [];
  if (!first || !second) return <Waiting what="Reading both" />;
  const figures: [string, (audit: Evaluation) => string][] = [
    ["Consensus", (audit) => score(audit.result?.consensus_score)],
    ["Hallucination", (audit) => score(audit.result?.hallucination_score)],
    ...calibrated(first, second),
    ["Agreement", (audit) => index(audit.result?.inter_judge_agreement)],
    ["Supported", (audit) => String(audit.result?.claims.supported ?? "–")],
    ["Refuted", (audit) => String(audit.result?.claims.refuted ?? "–")],
    ["Not enough information", (audit) => String(audit.result?.claims.not_enough_info ?? "–")],
    ["Reliability", (audit) => audit.result?.reliability ?? "–"],
    ...judgesOf(first, second).map((name): [string, (audit: Evaluation) => string] => [`Judge ${name}`, (audit) => saidBy(audit, name)]),
  ];
  return (
    <section>
      <div class="page-title">
        <h1>Compare</h1>
      </div>
      {first.source_text !== second.source_text && <Notice kind="open" title="The two are of different sources, so their scores say little of each other." />}
      <article class="card">
        <p class="faint">What differs is marked.</p>
        <Scroll about="Figures of both">
          <table class="compared">
            <thead>
              <tr>
                <td />
                {[first, second].map((audit) => (
                  <th key={audit.id} scope="col">
                    <a href={auditPath(audit.id)} dir="auto">
                      {brief(audit.question || audit.candidate_output)}
                    </a>
                    <small class="faint">{moment(audit.created_at)}</small>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {figures.map(([name, of]) => (
                <tr key={name} class={of(first) === of(second) ? "" : "differs"}>
                  <th scope="row">{name}</th>
                  <td>{of(first)}</td>
                  <td>{of(second)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </article>
      <div class="two texts">
        {[first, second].map((audit) => (
          <section key={audit.id} class="card">
            <Candidate text={audit.candidate_output} claims={audit.claims} />
            <ul class="plain-list said">
              {audit.claims.map((claim) => (
                <li key={claim.id}>
                  <span dir="auto">{claim.text}</span>
                  {claim.label && <Chip label={claim.label} />}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </section>
  );
}

/** Where a run used a calibration: both scores, since the other may have used none. */
const calibrated = (...audits: Evaluation[]): [string, (audit: Evaluation) => string][] =>
  audits.some((audit) => audit.result?.calibration)
    ? [["Hallucination, calibrated", (audit) => score(audit.result?.calibration?.hallucination_score)]]
    : [];

const judgesOf = (...audits: Evaluation[]) => [...new Set(audits.flatMap((audit) => audit.config.judges))];

/** The judge's score, or why there is none. */
function saidBy(audit: Evaluation, name: string): string {
  const report = audit.judges.find((judge) => judge.judge_name === name);
  if (report) return report.status === "completed" ? score(report.score) : words(report.status);
  return audit.config.judges.includes(name) ? "–" : "not asked";
}
