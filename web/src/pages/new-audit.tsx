// The form of a new audit.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { AuditorError, ConfigRequest, CreateEvaluation, JudgeInfo, SourceText } from "judge-auditor-client";
import { copy } from "../lib/copy";
import { EXAMPLES } from "../lib/examples";
import { asSentence } from "../lib/format";
import { offered as offeredOf } from "../lib/judges";
import { asBuildStep, asCurl, asPython } from "../lib/request";
import { CollectionChoice } from "../parts/collection";
import { Sources } from "../parts/sources";
import { TextField, lengthOf } from "../parts/text-field";
import { Menu } from "../parts/menu";
import { Notice, Trouble } from "../parts/notice";
import { StrategyChoice } from "../parts/strategy";
import { accept, clearDraft, draft, offer, offered, write } from "../state/draft";
import { auditPath, go } from "../state/route";
import { preferences } from "../state/preferences";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

const MOST_SOURCE = 200_000;
const MOST_OUTPUT = 50_000;
const MOST_QUESTION = 10_000;

export function NewAudit() {
  const { source, sources, candidate, question, judges: chosen, strategy: chosenStrategy, retrieval: chosenRetrieval, collection: chosenCollection } = draft.value;
  const words = t.value.newAudit;
  useTitle(words.title);
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
  // What the server would ask by itself is what is ticked.
  const panel = chosen || wanted.length > 0 ? wanted : judges.filter((judge) => judge.default).map((judge) => judge.name);
  const offeredJudges = offeredOf(judges, panel);
  const costs = judges.some((judge) => !judge.offline && panel.includes(judge.name));
  const missing = whatIsMissing({ source, sources, candidate, question, panel, judges, busy });
  const request = (start: boolean): CreateEvaluation => {
    const config: ConfigRequest = { judges: panel, enable_retrieval: retrieval, collection_id: collection };
    if (strategy) config.aggregation_strategy = strategy;
    const given = sources.length > 0 ? { sources: sources.map(({ name, text }) => ({ name: name.trim(), text })) } : { source_text: source };
    return { ...given, candidate_output: candidate, question: question.trim() === "" ? null : question, config, start };
  };
  const run = async () => {
    if (missing !== null) return;
    setBusy(true);
    setError(null);
    try {
      // What costs is shown first, on the audit's own page.
      const made = await client.evaluations.create(request(!costs));
      if (costs) write({ made: made.id });
      else clearDraft();
      go(auditPath(made.id));
    } catch (thrown) {
      setError(asError(thrown));
      setBusy(false);
    }
  };
  const isEmpty = sources.length === 0 && `${source}${candidate}${question}` === "";
  const why = useId();
  const form = useRef<HTMLFormElement>(null);
  const wasNamed = useRef(false);
  useEffect(() => {
    // The last one but one was removed: one goes on in the one that is left.
    if (wasNamed.current && sources.length === 0 && document.activeElement === document.body) form.current?.querySelector("textarea")?.focus();
    wasNamed.current = sources.length > 0;
  }, [sources.length]);
  return (
    <form
      class="new-audit"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <div class="page-title">
        <div>
          <h1>{words.title}</h1>
          {isEmpty && <p class="faint">{words.welcome}</p>}
        </div>
        <div class="row examples" role="group" aria-label={words.examples}>
          <span class="faint">{words.try}</span>
          {EXAMPLES.map((example) => (
            <button
              key={example.name}
              type="button"
              class="choice-chip"
              onClick={() =>
                offer({ name: example.name, changes: { source: example.source, candidate: example.candidate, question: example.question } })
              }
            >
              {example.name}
            </button>
          ))}
        </div>
      </div>
      {offered.value && <Replacement />}
      <div class="two form-texts">
        {sources.length > 0 ? (
          <Sources sources={sources} most={MOST_SOURCE} change={(now) => write(withSources(now))} />
        ) : (
          <TextField
            label={words.source}
            hint={words.sourceHint}
            most={MOST_SOURCE}
            value={source}
            change={(text) => write({ source: text })}
            rows={16}
            several={(files) => write(withSources([...(source.trim() === "" ? [] : [{ name: words.sourceName(1), text: source }]), ...files]))}
          >
            <button type="button" class="link" onClick={() => write(withSources([1, 2].map((place) => ({ name: words.sourceName(place), text: place === 1 ? source : "" }))))}>
              {words.several}
            </button>
          </TextField>
        )}
        <div>
          <TextField label={words.output} hint={words.outputHint} most={MOST_OUTPUT} value={candidate} change={(text) => write({ candidate: text })} rows={11} />
          <label>
            {words.question} <small class="faint">{words.questionHint}</small>
            <input value={question} dir="auto" onInput={(event) => write({ question: event.currentTarget.value })} />
          </label>
        </div>
      </div>
      <JudgeChoice judges={offeredJudges} panel={panel} unread={unreadJudges} again={readJudges} />
      <CollectionChoice value={collection} change={(collection) => write({ collection })} />
      <details class="more-choices">
        <summary>{words.more}</summary>
        <div class="row">
          <StrategyChoice value={strategy} change={(strategy) => write({ strategy })} />
          <label class="check">
            <input type="checkbox" checked={retrieval} disabled={settled} onChange={(event) => write({ retrieval: event.currentTarget.checked })} />{" "}
            {settled ? words.bestPassagesBoth : words.bestPassages}
          </label>
        </div>
      </details>
      {error && <Trouble error={error} />}
      <div class="row submit">
        <button type="submit" class="primary large" disabled={missing !== null} aria-describedby={why}>
          {costs ? words.seeCost : words.run}
        </button>
        <span id={why} class="faint" role="status">
          {missing}
        </span>
        <span class="row push">
          {!isEmpty && (
            <button type="button" class="quiet" onClick={clearDraft}>
              {words.clear}
            </button>
          )}
          <CopyAs request={() => request(true)} disabled={missing !== null} />
        </span>
      </div>
    </form>
  );
}

/** One source needs no name. */
function withSources(sources: readonly SourceText[]) {
  const [only, ...others] = sources;
  return others.length > 0 ? { source: "", sources } : { source: only?.text ?? "", sources: [] };
}

/** Why the button does nothing yet, and what to do; null where it would do something. */
function whatIsMissing(form: { source: string; sources: readonly SourceText[]; candidate: string; question: string; panel: string[]; judges: JudgeInfo[]; busy: boolean }): string | null {
  const words = t.value.newAudit;
  if (form.busy) return words.starting;
  const isNamed = form.sources.length > 0;
  const noSource = isNamed ? form.sources.every(({ text }) => text.trim() === "") : form.source.trim() === "";
  const noOutput = form.candidate.trim() === "";
  if (noSource || noOutput) return noSource && noOutput ? words.needsBoth : noSource ? words.needsSource : words.needsOutput;
  if (isNamed) {
    if (form.sources.some(({ name, text }) => name.trim() === "" || text === "")) return words.needsNames;
    if (new Set(form.sources.map(({ name }) => name.trim())).size < form.sources.length) return words.sameNames;
  }
  for (const [name, text, most] of [
    [words.source, isNamed ? form.sources.map(({ text }) => text).join("") : form.source, MOST_SOURCE],
    [words.output, form.candidate, MOST_OUTPUT],
    [words.question, form.question, MOST_QUESTION],
  ] as const) {
    const over = lengthOf(text) - most;
    if (over > 0) return words.tooLong(name, over);
  }
  if (form.judges.length === 0) return words.readingJudges;
  return form.panel.length === 0 ? words.needsJudge : null;
}

/** Asked before texts take the place of what somebody has typed. */
function Replacement() {
  const keep = useRef<HTMLButtonElement>(null);
  const words = t.value.newAudit;
  const proposal = offered.value;
  useEffect(() => keep.current?.focus(), [proposal]);
  if (!proposal) return null;
  return (
    <Notice title={words.replaceTitle(proposal.name)}>
      <div class="row">
        <button type="button" onClick={() => accept(proposal)}>
          {words.replace}
        </button>
        <button type="button" ref={keep} onClick={() => (offered.value = null)}>
          {words.keep}
        </button>
      </div>
    </Notice>
  );
}

function JudgeChoice(props: { judges: JudgeInfo[]; panel: string[]; unread: AuditorError | null; again: () => void }) {
  const { judges, panel } = props;
  const words = t.value.newAudit;
  return (
    <fieldset>
      <legend>{words.judges}</legend>
      {props.unread && <Trouble error={props.unread} again={props.again} />}
      <div class="choices">
        {judges.map((judge) => (
          <label key={judge.name} class="choice">
            <input
              type="checkbox"
              checked={panel.includes(judge.name)}
              onChange={(event) => write({ judges: event.currentTarget.checked ? [...panel, judge.name] : panel.filter((name) => name !== judge.name) })}
            />
            <span>
              <b>{judge.name}</b> <small class="faint">{judge.offline ? words.offlineFree : judge.model}</small>
              {judge.description && <small class="own-line faint">{asSentence(judge.description)}</small>}
              {judge.state !== "closed" && <small class="own-line">! {judge.state === "open" ? words.failing : words.triedAgain}</small>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function CopyAs(props: { request: () => CreateEvaluation; disabled: boolean }) {
  const [said, setSaid] = useState("");
  const words = t.value.newAudit;
  const kinds: [string, () => string][] = [
    [words.copyCurl, () => asCurl(location.origin, props.request())],
    [words.copyPython, () => asPython(location.origin, props.request())],
    [words.copyCi, () => asBuildStep(props.request())],
  ];
  if (props.disabled) return null;
  return (
    <>
      <span class="faint small" role="status">
        {said}
      </span>
      <Menu title={words.copyAs} about={words.copyAs}>
        {kinds.map(([name, text]) => (
          <button
            key={name}
            type="button"
            class="quiet"
            onClick={() => void copy(text()).then((done) => setSaid(done ? words.copiedAs(name) : words.notCopied))}
          >
            {name}
          </button>
        ))}
      </Menu>
    </>
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
