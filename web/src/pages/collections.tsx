// Collections of one's own documents, which audits are checked against beside their source.

import { useState } from "preact/hooks";
import type { AuditorError, Collection } from "judge-auditor-client";
import { moment } from "../lib/format";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { Removal } from "../parts/removal";
import { Sentinel } from "../parts/sentinel";
import { useList } from "../state/list";
import { collectionPath, go } from "../state/route";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

export function Collections() {
  const { items, loading, error, more, again, drop } = useList("collections", (cursor) => client.collections.list({ ...(cursor && { cursor }) }));
  const words = t.value.collections;
  useTitle(words.title);
  return (
    <section>
      <div class="page-title">
        <div>
          <h1>{words.title}</h1>
          <p class="faint">{words.what}</p>
        </div>
      </div>
      <NewCollection />
      {error && <Trouble error={error} again={again} />}
      <ul class="plain-list shelf" aria-label={words.title}>
        {items.map((collection) => (
          <Row key={collection.id} collection={collection} gone={() => drop(collection.id)} />
        ))}
      </ul>
      {loading && <Waiting what={t.value.common.reading} />}
      {!loading && !error && items.length === 0 && <Empty title={words.none} />}
      {more && <Sentinel seen={more} />}
    </section>
  );
}

function NewCollection() {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
  const words = t.value.collections;
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      const made = await client.collections.create(name.trim());
      go(collectionPath(made.id));
    } catch (thrown) {
      setError(asError(thrown));
      setBusy(false);
    }
  };
  return (
    <form
      class="new-collection"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div class="field-and-button">
        <label>
          {words.nameNew}
          <input value={name} required maxLength={100} dir="auto" onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <button type="submit" class="primary" disabled={busy || name.trim() === ""}>
          {words.create}
        </button>
      </div>
      {error && <Trouble error={error} />}
    </form>
  );
}

function Row(props: { collection: Collection; gone: () => void }) {
  const { collection } = props;
  const words = t.value.common;
  return (
    <li class="shelf-row">
      <a href={collectionPath(collection.id)}>
        <b dir="auto">{collection.name}</b>
        <span class="faint">
          {words.documents(collection.documents)} · {words.passages(collection.passages)} · {words.characters(collection.chars)} ·{" "}
          {words.made(moment(collection.created_at))}
        </span>
      </a>
      <Removal
        name={collection.name}
        question={collection.documents === 0 ? t.value.collections.deleteEmpty : t.value.collections.deleteWith(collection.documents)}
        remove={() => client.collections.remove(collection.id)}
        gone={props.gone}
      />
    </li>
  );
}
