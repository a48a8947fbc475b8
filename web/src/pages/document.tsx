// The text of a document, with the passage marked that one came for.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { AuditorError, Collection, CollectionDocumentText } from "judge-auditor-client";
import { kindOf } from "../lib/documents";
import { moment } from "../lib/format";
import { EmptyPage, Trouble, Waiting } from "../parts/notice";
import { Source } from "../parts/source";
import { collectionPath, spanOf } from "../state/route";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

export function DocumentPage(props: { collection: string; id: string; query: string }) {
  const { collection, id } = props;
  const words = t.value.collections;
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
  useTitle(read?.document.name ?? words.documents);
  const marks = useMemo(() => {
    const span = spanOf(props.query);
    return span ? [{ ...span, main: true }] : [];
  }, [props.query]);
  if (error?.code === "not_found") {
    return (
      <EmptyPage title={words.noDocument}>
        <p>{t.value.common.mayBeDeleted}</p>
        <a class="button" href={collectionPath(collection)}>
          {words.toIts}
        </a>
      </EmptyPage>
    );
  }
  if (error) return <Trouble page error={error} again={load} />;
  if (!read) return <Waiting what={words.readingDocument} />;
  const { shelf, document } = read;
  return (
    <article>
      <div class="page-title">
        <div>
          <p class="faint">
            <a href="#/collections">{words.title}</a> ›{" "}
            <a href={collectionPath(collection)} dir="auto">
              {shelf.name}
            </a>
          </p>
          <h1 dir="auto">{document.name}</h1>
          <p class="faint">
            {kindOf(document.media_type)} · {t.value.common.characters(document.chars)} · {t.value.common.passages(document.passages)} ·{" "}
            {words.added(moment(document.created_at))}
          </p>
        </div>
      </div>
      <section class="card" aria-label={words.text}>
        {marks.length > 0 && <p class="faint">{words.marked}</p>}
        <Source name={words.documentText} text={document.text} marks={marks} />
      </section>
    </article>
  );
}
