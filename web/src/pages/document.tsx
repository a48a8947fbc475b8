// The text of a document, with the passage marked that one came for.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { AuditorError, Collection, CollectionDocumentText } from "judge-auditor-client";
import { kindOf } from "../lib/documents";
import { counted, moment } from "../lib/format";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { Source } from "../parts/source";
import { collectionPath, spanOf } from "../state/route";
import { asError, client } from "../state/session";

export function DocumentPage(props: { collection: string; id: string; query: string }) {
  const { collection, id } = props;
  const [read, setRead] = useState<{ shelf: Collection; document: CollectionDocumentText } | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const load = () => {
    setError(null);
    Promise.all([client.collections.get(collection), client.collections.documents.get(collection, id)]).then(
      ([shelf, document]) => setRead({ shelf, document }),
      (thrown) => setError(asError(thrown)),
    );
  };
  useEffect(load, [collection, id]);
  const marks = useMemo(() => {
    const span = spanOf(props.query);
    return span ? [span] : [];
  }, [props.query]);
  if (error?.code === "not_found") {
    return (
      <Empty page title="There is no such document">
        <p>It may have been deleted, or belong to somebody else.</p>
        <a class="button" href={collectionPath(collection)}>
          To its collection
        </a>
      </Empty>
    );
  }
  if (error) return <Trouble page error={error} again={load} />;
  if (!read) return <Waiting what="Reading the document" />;
  const { shelf, document } = read;
  return (
    <article>
      <div class="page-title">
        <div>
          <p class="faint">
            <a href="#/collections">Collections</a> ›{" "}
            <a href={collectionPath(collection)} dir="auto">
              {shelf.name}
            </a>
          </p>
          <h1 dir="auto">{document.name}</h1>
          <p class="faint">
            {kindOf(document.media_type)} · {counted(document.chars, "character")} · {counted(document.passages, "passage")} · added{" "}
            {moment(document.created_at)}
          </p>
        </div>
      </div>
      <section class="card" aria-label="Text">
        {marks.length > 0 && <p class="faint">The passage is marked.</p>}
        <Source name="Document text" text={document.text} marks={marks} />
      </section>
    </article>
  );
}
