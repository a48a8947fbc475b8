// Collections of one's own documents, which audits are checked against beside their source.

import { useState } from "preact/hooks";
import type { AuditorError, Collection } from "judge-auditor-client";
import { counted, moment } from "../lib/format";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { Removal } from "../parts/removal";
import { Sentinel } from "../parts/sentinel";
import { useList } from "../state/list";
import { collectionPath, go } from "../state/route";
import { asError, client } from "../state/session";

export function Collections() {
  const { items, loading, error, more, again, drop } = useList("collections", (cursor) => client.collections.list({ ...(cursor && { cursor }) }));
  return (
    <section>
      <div class="page-title">
        <div>
          <h1>Collections</h1>
          <p class="faint">Documents of your own. An audit can be checked against them, beside its source.</p>
        </div>
      </div>
      <NewCollection />
      {error && <Trouble error={error} again={again} />}
      <ul class="plain-list audits" aria-label="Collections">
        {items.map((collection) => (
          <Row key={collection.id} collection={collection} gone={() => drop(collection.id)} />
        ))}
      </ul>
      {loading && <Waiting what="Reading" />}
      {!loading && !error && items.length === 0 && <Empty title="No collections yet" />}
      {more && <Sentinel seen={more} />}
    </section>
  );
}

function NewCollection() {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
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
          Name of a new collection
          <input value={name} required maxLength={100} dir="auto" onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <button type="submit" class="primary" disabled={busy || name.trim() === ""}>
          Make it
        </button>
      </div>
      {error && <Trouble error={error} />}
    </form>
  );
}

function Row(props: { collection: Collection; gone: () => void }) {
  const { collection } = props;
  return (
    <li class="audit-row shelf-row">
      <a href={collectionPath(collection.id)}>
        <b dir="auto">{collection.name}</b>
        <span class="faint">
          {counted(collection.documents, "document")} · {counted(collection.passages, "passage")} · {counted(collection.chars, "character")} · made{" "}
          {moment(collection.created_at)}
        </span>
      </a>
      <Removal
        name={collection.name}
        question={collection.documents === 0 ? "Delete this empty collection?" : `Delete it with ${counted(collection.documents, "document")}? That can't be undone.`}
        remove={() => client.collections.remove(collection.id)}
        gone={props.gone}
      />
    </li>
  );
}
