// Which collection an audit is checked against: the choice of one, and its name later.

import { useEffect, useState } from "preact/hooks";
import type { Id } from "judge-auditor-client";
import { brief } from "../lib/format";
import { useList } from "../state/list";
import { collectionPath } from "../state/route";
import { client } from "../state/session";
import { t } from "../words";

/** All that a server lets a person have come at once. */
const ALL = 100;

export function CollectionChoice(props: { value: Id | null; change: (collection: Id | null) => void }) {
  const words = t.value.newAudit;
  const { items, error, loading, again } = useList("collections", (cursor) => client.collections.list({ limit: ALL, ...(cursor && { cursor }) }));
  const known = items.some((collection) => collection.id === props.value);
  // One that was deleted since is chosen no more.
  const lost = !loading && !error && props.value !== null && !known;
  useEffect(() => {
    if (lost) props.change(null);
  }, [lost]);
  return (
    <div class="row against">
      <label>
        {words.against}{" "}
        <select value={known ? (props.value ?? "") : ""} onChange={(event) => props.change(event.currentTarget.value || null)}>
          <option value="">{words.sourceOnly}</option>
          {items.map((collection) => (
            <option key={collection.id} value={collection.id}>
              {words.sourceAnd(brief(collection.name, 60), collection.documents)}
            </option>
          ))}
        </select>
      </label>
      {error ? (
        <span class="bad-text" role="alert">
          {words.unreadCollections}{" "}
          <button type="button" class="link" onClick={again}>
            {t.value.common.tryAgain}
          </button>
        </span>
      ) : (
        <a href="#/collections">{words.yourCollections}</a>
      )}
    </div>
  );
}

/** Said beside an audit's source. `link`: to whoever has the collection. */
export function CheckedAgainst(props: { collection: Id; link: boolean }) {
  const words = t.value.texts;
  const [name, setName] = useState<string | null>(null);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    if (!props.link) return;
    // Without an answer it goes on without a name.
    client.collections.get(props.collection).then(
      (found) => setName(found.name),
      (error: { code?: string }) => setGone(error.code === "not_found"),
    );
  }, [props.collection, props.link]);
  return (
    <p class="faint against-note">
      {props.link && !gone ? (
        <>
          {words.against}{" "}
          <a href={collectionPath(props.collection)} dir="auto">
            {name ?? words.againstUnnamed}
          </a>{" "}
          {words.againstToo}
        </>
      ) : (
        gone ? words.againstGone : words.againstOther
      )}{" "}
      {words.againstNames}
    </p>
  );
}
