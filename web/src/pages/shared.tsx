// What a link leads to: an audit to read, without a login.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { AuditorError, SharedEvaluation } from "judge-auditor-client";
import { decisive } from "../lib/claims";
import { brief, moment } from "../lib/format";
import { Answer, AnswerTitle, answerOf } from "../parts/answer";
import { Figures } from "../parts/figures";
import { JudgeCard } from "../parts/judge";
import { EmptyPage, Notice, Trouble, Waiting } from "../parts/notice";
import { Tabs } from "../parts/tabs";
import type { Panel } from "../parts/tabs";
import { Texts } from "../parts/texts";
import { hasRoom } from "../state/room";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { lookingAt } from "../state/view";
import type { Looking, Tab } from "../state/view";
import { t } from "../words";

export function SharedPage(props: { token: string }) {
  const [audit, setAudit] = useState<SharedEvaluation | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const words = t.value.shared;
  const load = () => {
    setError(null);
    client.shared(props.token).then(setAudit, (thrown) => setError(asError(thrown)));
  };
  useEffect(load, [props.token]);
  if (error?.code === "not_found") {
    return (
      <EmptyPage title={words.nowhere}>
        <p>{words.ended}</p>
      </EmptyPage>
    );
  }
  if (error) return <Trouble page error={error} again={load} />;
  if (!audit) return <Waiting what={t.value.audit.reading} />;
  return <Shared audit={audit} />;
}

function Shared({ audit }: { audit: SharedEvaluation }) {
  const [looking, setLooking] = useState<Looking>(() => lookingAt(""));
  const look = (changes: Partial<Looking>) => setLooking((before) => ({ ...before, ...changes }));
  const { result } = audit;
  const words = t.value;
  const worst = useMemo(() => decisive(audit.claims), [audit.claims]);
  const subject = brief(audit.question || audit.candidate_output);
  useTitle(result ? answerOf(result) : subject);
  const panels: (Panel<Tab> | false)[] = [
    {
      name: "texts",
      title: words.audit.tabs.texts,
      content: (
        <Texts
          evaluation={audit}
          session={null}
          looking={looking}
          look={look}
          proposed={hasRoom.value ? worst : null}
          listening={looking.tab === "texts"}
        />
      ),
    },
    result != null && result.outcome !== "nothing_to_check" && {
      name: "figures",
      title: words.audit.tabs.figures,
      content: <Figures result={result} judges={audit.judges} />,
    },
    {
      name: "judges",
      title: words.audit.tabs.judges,
      count: audit.judges.length,
      content: (
        <section class="judges" aria-label={words.judges.region}>
          <div class="cards">
            {audit.judges.map((report) => (
              <JudgeCard key={report.judge_name} report={report} />
            ))}
          </div>
        </section>
      ),
    },
  ];
  return (
    <article class="audit" data-tab={looking.tab}>
      <div class="audit-head">
        <div>
          <p class="audit-subject small faint">
            <span dir="auto" class="audit-title">
              {subject}
            </span>
            <span>{words.shared.note(moment(audit.completed_at ?? audit.created_at))}</span>
          </p>
          {result ? <AnswerTitle result={result} /> : <h1 dir="auto">{subject}</h1>}
        </div>
      </div>
      {audit.documents_withheld && <Notice kind="warning" title={words.shared.withheld} />}
      {result && <Answer result={result} decisive={worst} choose={(claim) => look({ tab: "texts", filter: "all", claim: claim.index + 1 })} />}
      <Tabs about={words.audit.parts} panels={panels.filter((panel) => panel !== false)} chosen={looking.tab} choose={(tab) => look({ tab })} />
    </article>
  );
}
