// What the person adds to an audit: a name, tags, notes.

import { useState } from "preact/hooks";
import type { Annotations, AuditorError, Evaluation } from "judge-auditor-client";
import { fitTags, tagsOf } from "../lib/tags";
import { asError, client } from "../state/session";
import { t } from "../words";
import { Dialog } from "./dialog";
import { Trouble } from "./notice";
import { TagsField } from "./tags";

const LONGEST_NAME = 200;
const LONGEST_NOTES = 10_000;

export function AnnotationsDialog(props: { evaluation: Evaluation; changed: (now: Annotations) => void; close: () => void }) {
  const { evaluation } = props;
  const [name, setName] = useState(evaluation.name ?? "");
  const [typed, setTyped] = useState((evaluation.tags ?? []).join(", "));
  const [notes, setNotes] = useState(evaluation.notes ?? "");
  const [error, setError] = useState<AuditorError | null>(null);
  const [busy, setBusy] = useState(false);
  const words = t.value.annotations;
  const tags = tagsOf(typed);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      props.changed(await client.evaluations.annotate(evaluation.id, { name: name.trim() || null, tags, notes: notes.trim() || null }));
      props.close();
    } catch (thrown) {
      setError(asError(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog title={words.title} close={props.close}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label>
          {words.name} <small class="faint">{words.nameHint}</small>
          <input value={name} dir="auto" maxLength={LONGEST_NAME} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <TagsField value={typed} change={setTyped} />
        <label>
          {words.notes}
          <textarea rows={5} value={notes} dir="auto" maxLength={LONGEST_NOTES} onInput={(event) => setNotes(event.currentTarget.value)} />
        </label>
        {error && <Trouble error={error} />}
        <button type="submit" class="primary" disabled={busy || !fitTags(tags)}>
          {words.save}
        </button>
      </form>
    </Dialog>
  );
}
