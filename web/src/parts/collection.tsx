// Which collection an audit is checked against: the choice of one, and its name later.

import { useEffect, useState } from "preact/hooks";
import type { Id } from "judge-auditor-client";
import { brief, counted } from "../lib/format";
import { useList } from "../state/list";
import { collectionPath } from "../state/route";
import { client } from "../state/session";

/** All that a server lets a person have come at once. */
const ALL = 100;

export function CollectionChoice(props: { value: Id | null; change: (collection: Id | null) => void }) {
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
        Check against{" "}
        <select value={known ? (props.value ?? "") : ""} onChange={(event) => props.change(event.currentTarget.value || null)}>
          <option value="">the source only</option>
          {items.map((collection) => (
            <option key={collection.id} value={collection.id}>
              the source and “{brief(collection.name, 60)}” ({counted(collection.documents, "document")})
            </option>
          ))}
        </select>
      </label>
      {error ? (
        <span class="bad-text" role="alert">
          Your collections can't be read.{" "}
          <button type="button" class="link" onClick={again}>
            Try again
          </button>
        </span>
      ) : (
        <a href="#/collections">Your collections</a>
      )}
    </div>
  );
}

/** Said beside an audit's source. `link`: to whoever has the collection. */
export function CheckedAgainst(props: { collection: Id; link: boolean }) {
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
          Checked against the collection{" "}
          <a href={collectionPath(props.collection)} dir="auto">
            {name ?? "of your documents"}
          </a>{" "}
          too.
        </>
      ) : (
        `Checked against a collection of documents too${gone ? ", which was deleted since" : ""}.`
      )}{" "}
      Evidence that comes from there names its document.
    </p>
  );
}
