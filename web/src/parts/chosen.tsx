// What can be done with the audits that are ticked: compare, tag, export, delete.

import { useState } from "preact/hooks";
import type { AuditorError, EvaluationSummary } from "judge-auditor-client";
import { asTable } from "../lib/table";
import { save } from "../lib/save";
import { MOST_TAGS, fitTags, tagsOf } from "../lib/tags";
import { removeSoon } from "../state/deletions";
import { MOST_COMPARED, comparePath, go } from "../state/route";
import { asError, client } from "../state/session";
import { readTags } from "../state/tags";
import { t } from "../words";
import { Dialog } from "./dialog";
import { Menu } from "./menu";
import { Trouble } from "./notice";
import { TagsField } from "./tags";

export interface ChosenProps {
  audits: EvaluationSummary[];
  /** Unticks all. */
  none: () => void;
  change: (id: string, changes: Partial<EvaluationSummary>) => void;
}

export function ChosenAudits(props: ChosenProps) {
  const { audits } = props;
  const words = t.value.history;
  const [tagging, setTagging] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
  const [exporting, setExporting] = useState<number | null>(null);
  if (audits.length === 0) return <span class="faint">{words.hint}</span>;
  const exportAll = async () => {
    setError(null);
    const whole = [];
    try {
      for (const { id } of audits) {
        setExporting(whole.length);
        whole.push(await client.evaluations.get(id));
      }
      save("audits.json", new Blob([JSON.stringify(whole, null, 2)], { type: "application/json" }));
    } catch (thrown) {
      setError(asError(thrown));
    }
    setExporting(null);
  };
  return (
    <div class="chosen">
      <div class="row">
        <span class="faint" role="status">
          {exporting === null ? words.chosen(audits.length) : words.exporting(exporting, audits.length)}
        </span>
        {audits.length > 1 && audits.length <= MOST_COMPARED && (
          <button type="button" class="primary" onClick={() => go(comparePath(audits.map(({ id }) => id)))}>
            {words.compare(audits.length)}
          </button>
        )}
        <button type="button" onClick={() => setTagging(true)}>
          {words.tagChosen}
        </button>
        <Menu title={words.exportChosen} about={words.exportChosen}>
          <button type="button" class="quiet" onClick={() => save("audits.csv", new Blob([asTable(audits)], { type: "text/csv" }))}>
            {words.exportTable}
          </button>
          <button type="button" class="quiet" onClick={() => void exportAll()}>
            {words.exportAll}
          </button>
        </Menu>
        <button
          type="button"
          onClick={() => {
            for (const audit of audits) removeSoon(audit);
            props.none();
          }}
        >
          {words.deleteChosen}
        </button>
        <button type="button" class="quiet" onClick={props.none}>
          {words.unchoose}
        </button>
      </div>
      {error && <Trouble error={error} />}
      {tagging && <TagChosen {...props} close={() => setTagging(false)} />}
    </div>
  );
}

/** Adds tags to all, or takes them from all. */
function TagChosen(props: ChosenProps & { close: () => void }) {
  const { audits } = props;
  const words = t.value.history;
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<AuditorError | null>(null);
  const [done, setDone] = useState<number | null>(null);
  const tags = tagsOf(typed);
  const apply = async (now: (before: readonly string[]) => string[]) => {
    setError(null);
    try {
      for (const [place, { id, tags: before = [] }] of audits.entries()) {
        setDone(place);
        const wanted = now(before);
        if (wanted.join() === before.join()) continue;
        const { tags: kept, name } = await client.evaluations.annotate(id, { tags: wanted });
        props.change(id, { tags: kept, name });
      }
      await readTags();
      props.close();
    } catch (thrown) {
      setError(asError(thrown));
      setDone(null);
    }
  };
  const isWrong = tags.length === 0 || !fitTags(tags) || done !== null;
  const isFull = audits.some(({ tags: before = [] }) => new Set([...before, ...tags]).size > MOST_TAGS);
  return (
    <Dialog title={words.tagTitle(audits.length)} close={props.close}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isWrong && !isFull) void apply((before) => [...new Set([...before, ...tags])].sort());
        }}
      >
        <TagsField value={typed} change={setTyped} />
        {isFull && (
          <p class="bad-text" role="alert">
            {words.tagsFull(MOST_TAGS)}
          </p>
        )}
        {error && <Trouble error={error} />}
        <div class="row">
          <button type="submit" class="primary" disabled={isWrong || isFull}>
            {words.addTags}
          </button>
          <button type="button" disabled={isWrong} onClick={() => void apply((before) => before.filter((tag) => !tags.includes(tag)))}>
            {words.takeTags}
          </button>
          <span class="faint" role="status">
            {done !== null && words.tagging(done, audits.length)}
          </span>
        </div>
      </form>
    </Dialog>
  );
}
