// One collection: its documents, more of them, and what is found in them.

import { useEffect, useState } from "preact/hooks";
import type { AuditorError, Collection, CollectionDocument } from "judge-auditor-client";
import { kindOf } from "../lib/documents";
import { count, moment } from "../lib/format";
import { AddDocuments } from "../parts/add-documents";
import { Empty, EmptyPage, Trouble, Waiting } from "../parts/notice";
import { Removal } from "../parts/removal";
import { Search } from "../parts/search";
import { Sentinel } from "../parts/sentinel";
import { write } from "../state/draft";
import { useList } from "../state/list";
import { documentPath, go } from "../state/route";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

export function CollectionPage(props: { id: string; query: string }) {
  const { id } = props;
  const words = t.value.collections;
  const [collection, setCollection] = useState<Collection | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const load = () => {
    setError(null);
    client.collections.get(id).then(setCollection, (thrown) => setError(asError(thrown)));
  };
  useEffect(load, [id]);
  useTitle(collection?.name ?? words.title);
  const documents = useList(id, (cursor) => client.collections.documents.list(id, { ...(cursor && { cursor }) }));
  if (error?.code === "not_found") return <NoCollection />;
  if (error && !collection) return <Trouble page error={error} again={load} />;
  if (!collection) return <Waiting what={words.reading} />;
  // Its figures are the server's.
  const added = (document: CollectionDocument) => {
    documents.add(document);
    load();
  };
  const auditWith = () => {
    write({ collection: id });
    go("#/");
  };
  return (
    <article class="collection">
      <div class="page-title">
        <div>
          <p class="faint">
            <a href="#/collections">{words.title}</a>
          </p>
          <h1 dir="auto">{collection.name}</h1>
          <p class="faint" role="status">
            {t.value.common.documents(collection.documents)} · {t.value.common.passages(collection.passages)} ·{" "}
            {t.value.common.characters(collection.chars)} · {t.value.common.made(moment(collection.created_at))}
          </p>
        </div>
        {collection.documents > 0 && (
          <button type="button" class="primary" onClick={auditWith}>
            {words.auditWith}
          </button>
        )}
      </div>
      {error && <Trouble error={error} again={load} />}
      <div class="two shelves">
        <AddDocuments collection={id} added={added} />
        <Search collection={id} query={props.query} empty={collection.documents === 0} />
      </div>
      <section aria-labelledby="documents">
        <h2 id="documents">{words.documents}</h2>
        {documents.error && <Trouble error={documents.error} again={documents.again} />}
        <ul class="plain-list shelf" aria-label={words.documents}>
          {documents.items.map((document) => (
            <Row
              key={document.id}
              document={document}
              gone={() => {
                documents.drop(document.id);
                load();
              }}
            />
          ))}
        </ul>
        {documents.loading && <Waiting what={t.value.common.reading} />}
        {!documents.loading && !documents.error && documents.items.length === 0 && <Empty title={words.noDocuments} />}
        {documents.more && <Sentinel seen={documents.more} />}
      </section>
    </article>
  );
}

export function NoCollection() {
  return (
    <EmptyPage title={t.value.collections.noSuch}>
      <p>{t.value.common.mayBeDeleted}</p>
      <a class="button" href="#/collections">
        {t.value.collections.toAll}
      </a>
    </EmptyPage>
  );
}

function Row(props: { document: CollectionDocument; gone: () => void }) {
  const { document } = props;
  return (
    <li class="shelf-row">
      <a href={documentPath(document.collection_id, document.id)}>
        <b dir="auto">{document.name}</b>
        <span class="faint">
          {kindOf(document.media_type)} · {t.value.collections.added(moment(document.created_at))}
        </span>
      </a>
      <dl class="scores">
        <div>
          <dt>{t.value.collections.characters}</dt>
          <dd>{count(document.chars)}</dd>
        </div>
        <div>
          <dt>{t.value.collections.passages}</dt>
          <dd>{count(document.passages)}</dd>
        </div>
      </dl>
      <Removal
        name={document.name}
        question={t.value.collections.deleteDocument}
        remove={() => client.collections.documents.remove(document.collection_id, document.id)}
        gone={props.gone}
      />
    </li>
  );
}
