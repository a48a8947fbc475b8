// What a collection has on something: passages, each with the document that it stands in.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AuditorError, FoundPassage, Id } from "judge-auditor-client";
import { collectionPath, documentPath } from "../state/route";
import { asError, client } from "../state/session";
import { Trouble, Waiting } from "./notice";
import { t } from "../words";

/** What is searched for stands in the address, so that one comes back to what was found. */
export function Search(props: { collection: Id; query: string; empty: boolean }) {
  const { collection } = props;
  const words = t.value.search;
  const asked = new URLSearchParams(props.query).get("search") ?? "";
  const [text, setText] = useState(asked);
  const [found, setFound] = useState<FoundPassage[] | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const [busy, setBusy] = useState(false);
  const last = useRef(0);
  const search = async (wanted: string) => {
    const mine = ++last.current;
    setError(null);
    setFound(null);
    if (wanted === "") return setBusy(false);
    setBusy(true);
    try {
      const passages = await client.collections.search(collection, wanted);
      if (last.current === mine) setFound(passages);
    } catch (thrown) {
      if (last.current === mine) setError(asError(thrown));
    } finally {
      if (last.current === mine) setBusy(false);
    }
  };
  // Another address: a link was followed, or one goes back. At once, before anybody types.
  useLayoutEffect(() => {
    setText(asked);
    void search(asked);
  }, [collection, asked]);
  const submit = () => {
    const wanted = text.trim();
    history.replaceState(null, "", collectionPath(collection, wanted));
    void search(wanted);
  };
  return (
    <section class="card" aria-label={words.region}>
      <h2>{words.title}</h2>
      <form
        role="search"
        class="field-and-button"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <label>
          {words.words}
          <input type="search" dir="auto" maxLength={1000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <button type="submit" disabled={props.empty}>
          {words.search}
        </button>
      </form>
      {error && <Trouble error={error} again={() => void search(text.trim())} />}
      {busy && <Waiting what={words.searching} />}
      <p class="faint" role="status">
        {found && words.found(found.length)}
      </p>
      {found && found.length > 0 && (
        <ol class="plain-list found" aria-label={words.list} tabIndex={0}>
          {found.map((passage) => (
            <li key={`${passage.document_id} ${passage.span.start}`}>
              <a href={documentPath(collection, passage.document_id, passage.span)} dir="auto">
                {passage.document_name}
              </a>
              <p dir="auto">{passage.text}</p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
