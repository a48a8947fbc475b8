// What a link leads to: an audit to read, without a login.

import { useEffect, useState } from "preact/hooks";
import type { AuditorError, SharedEvaluation } from "judge-auditor-client";
import { brief, moment } from "../lib/format";
import { JudgeCard } from "../parts/judge";
import { Empty, Notice, Trouble, Waiting } from "../parts/notice";
import { Result } from "../parts/result";
import { asError, client } from "../state/session";
import { Texts } from "./audit";

export function SharedPage(props: { token: string }) {
  const [audit, setAudit] = useState<SharedEvaluation | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const load = () => {
    setError(null);
    client.shared(props.token).then(setAudit, (thrown) => setError(asError(thrown)));
  };
  useEffect(load, [props.token]);
  if (error?.code === "not_found") {
    return (
      <Empty page title="This link leads nowhere">
        <p>It has ended, or was taken back by whoever made it.</p>
      </Empty>
    );
  }
  if (error) return <Trouble page error={error} again={load} />;
  if (!audit) return <Waiting what="Reading the audit" />;
  return (
    <article class="audit">
      <div class="page-title">
        <div>
          <h1 dir="auto">{brief(audit.question || audit.candidate_output)}</h1>
          <p class="faint">Shared for reading · audited {moment(audit.completed_at ?? audit.created_at)}</p>
        </div>
      </div>
      {audit.documents_withheld && (
        <Notice kind="open" title="Documents of the owner took part that this link does not show, nor the words that may quote them." />
      )}
      {audit.result && <Result result={audit.result} judges={audit.judges} tookMs={null} />}
      <Texts evaluation={audit} session={null} />
      <section class="judges" aria-label="Judges">
        <h2>Judges</h2>
        <div class="cards">
          {audit.judges.map((report) => (
            <JudgeCard key={report.judge_name} report={report} />
          ))}
        </div>
      </section>
    </article>
  );
}
