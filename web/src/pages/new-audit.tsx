// The form of a new audit.

import { useEffect, useState } from "preact/hooks";
import type { AuditorError, ConfigRequest, JudgeInfo } from "judge-auditor-client";
import { EXAMPLES } from "../lib/examples";
import { count } from "../lib/format";
import { CollectionChoice } from "../parts/collection";
import { Trouble } from "../parts/notice";
import { StrategyChoice } from "../parts/strategy";
import { clearDraft, draft, write } from "../state/draft";
import { auditPath, go } from "../state/route";
import { preferences } from "../state/preferences";
import { asError, client } from "../state/session";

/** Another name of the judge `lexical`, for audits of earlier versions: both together would count it twice. */
const OLD_NAME = "novelty";

export function NewAudit() {
  const { source, candidate, question, judges: chosen, strategy: chosenStrategy, retrieval: chosenRetrieval, collection: chosenCollection } = draft.value;
  const { judges, unreadJudges, readJudges } = useJudges();
  // What is not chosen here is as preferred, also where the preferences come later than the page.
  const preferred = preferences.value ?? {};
  const strategy = chosenStrategy === null ? preferred.aggregation_strategy : chosenStrategy;
  const collection = (chosenCollection === undefined ? preferred.collection_id : chosenCollection) ?? null;
  // Passages of a collection come by retrieval; null leaves a preferred collection out.
  const settled = collection !== null;
  const retrieval = settled || (chosenRetrieval ?? preferred.enable_retrieval ?? false);
  const [error, setError] = useState<AuditorError | null>(null);
  const [busy, setBusy] = useState(false);
  const names = judges.map((judge) => judge.name);
  const wanted = (chosen ?? preferred.judges ?? []).filter((name) => names.includes(name));
  const panel = chosen || wanted.length > 0 ? wanted : judges.filter((judge) => judge.offline && judge.kind !== OLD_NAME).map((judge) => judge.name);
  const costs = judges.some((judge) => !judge.offline && panel.includes(judge.name));
  const missing =
    source.trim() === "" || candidate.trim() === ""
      ? "It needs a source and an output."
      : panel.length === 0 && !unreadJudges
        ? "It needs a judge."
        : null;
  const run = async () => {
    setBusy(true);
    setError(null);
    const config: ConfigRequest = { judges: panel, enable_retrieval: retrieval, collection_id: collection };
    if (strategy) config.aggregation_strategy = strategy;
    try {
      // What costs is shown first, on the audit's own page.
      const made = await client.evaluations.create({
        source_text: source,
        candidate_output: candidate,
        question: question.trim() === "" ? null : question,
        config,
        start: !costs,
      });
      if (costs) write({ made: made.id });
      else clearDraft();
      go(auditPath(made.id));
    } catch (thrown) {
      setError(asError(thrown));
      setBusy(false);
    }
  };
  return (
    <form
      class="new-audit"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <div class="page-title">
        <h1>New audit</h1>
        <div class="row examples" role="group" aria-label="Examples">
          <span class="faint">Try</span>
          {EXAMPLES.map((example) => (
            <button
              key={example.name}
              type="button"
              class="quiet"
              onClick={() => write({ source: example.source, candidate: example.candidate, question: example.question })}
            >
              {example.name}
            </button>
          ))}
        </div>
      </div>
      <div class="two">
        <TextField label="Source" hint="What the output has to hold to" most={200_000} value={source} change={(text) => write({ source: text })} rows={14} />
        <div>
          <TextField label="Output" hint="What the language model wrote" most={50_000} value={candidate} change={(text) => write({ candidate: text })} rows={9} />
          <label>
            Question <small class="faint">if the output answers one</small>
            <input value={question} maxLength={10_000} dir="auto" onInput={(event) => write({ question: event.currentTarget.value })} />
          </label>
        </div>
      </div>
      <fieldset>
        <legend>Judges</legend>
        {unreadJudges && <Trouble error={unreadJudges} again={readJudges} />}
        <div class="choices">
          {judges.map((judge) => (
            <label key={judge.name} class="choice">
              <input
                type="checkbox"
                checked={panel.includes(judge.name)}
                onChange={(event) =>
                  write({ judges: event.currentTarget.checked ? [...panel, judge.name] : panel.filter((name) => name !== judge.name) })
                }
              />
              <span>
                <b>{judge.name}</b>
                <small class="faint">{judge.offline ? "offline, free" : judge.model}</small>
                {judge.state !== "closed" && <small class="chip open">{judge.state === "open" ? "failing, left alone" : "being tried again"}</small>}
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <CollectionChoice value={collection} change={(collection) => write({ collection })} />
      <div class="row">
        <StrategyChoice value={strategy} change={(strategy) => write({ strategy })} />
        <label class="check">
          <input type="checkbox" checked={retrieval} disabled={settled} onChange={(event) => write({ retrieval: event.currentTarget.checked })} />{" "}
          Show judges only the best passages of the source{collection !== null && " and the collection"}
        </label>
      </div>
      {error && <Trouble error={error} />}
      <div class="row submit">
        <button type="submit" class="primary large" disabled={busy || missing !== null || panel.length === 0}>
          {costs ? "See what it costs" : "Run the audit"}
        </button>
        <span class="faint" role="status">
          {missing}
        </span>
      </div>
    </form>
  );
}

/** The server's judges. While it can't be reached they are asked for again and again. */
function useJudges() {
  const [judges, setJudges] = useState<JudgeInfo[]>([]);
  const [unreadJudges, setUnread] = useState<AuditorError | null>(null);
  const readJudges = () => {
    client.judges().then(
      (found) => {
        setJudges(found);
        setUnread(null);
      },
      (thrown) => setUnread(asError(thrown)),
    );
  };
  useEffect(readJudges, []);
  useEffect(() => {
    if (!unreadJudges) return;
    const timer = setTimeout(readJudges, Math.max(AGAIN_MS, unreadJudges.retryAfterMs ?? 0));
    return () => clearTimeout(timer);
  }, [unreadJudges]);
  return { judges, unreadJudges, readJudges };
}

const AGAIN_MS = 3000;

/** A text that is typed, pasted, dropped or read from a file. */
function TextField(props: { label: string; hint: string; most: number; rows: number; value: string; change: (text: string) => void }) {
  const [over, setOver] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const length = [...props.value].length;
  const read = async (file: File | undefined) => {
    if (!file) return;
    setWrong(null);
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      if (text === "") setWrong(`${file.name} is empty.`);
      else props.change(text);
    } catch {
      setWrong(`${file.name} is not a text in UTF-8. Save it as UTF-8, or paste its text.`);
    }
  };
  return (
    <div
      class={`text-field ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void read(event.dataTransfer?.files[0]);
      }}
    >
      <label>
        {props.label} <small class="faint">{props.hint}</small>
        <textarea rows={props.rows} dir="auto" value={props.value} onInput={(event) => props.change(event.currentTarget.value)} />
      </label>
      <div class="row below">
        <label class="file">
          <input type="file" accept=".txt,.md,.json,.csv,.html,text/*" onChange={(event) => void read(event.currentTarget.files?.[0])} />
          <span>Choose a file</span>
        </label>
        <span class={length > props.most ? "bad-text" : "faint"}>
          {count(length)} of {count(props.most)} characters
        </span>
      </div>
      {wrong && (
        <p class="bad-text" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
