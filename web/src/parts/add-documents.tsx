// Documents for a collection: files that are chosen or dropped, or a text that is pasted.

import { useEffect, useRef, useState } from "preact/hooks";
import type { AuditorError, CollectionDocument, Id } from "judge-auditor-client";
import { ACCEPTED, mediaTypeOf } from "../lib/documents";
import { sentence } from "../lib/sentences";
import { asError, client } from "../state/session";
import { Trouble } from "./notice";
import { t } from "../words";

interface Upload {
  number: number;
  name: string;
  state: "waiting" | "sending" | "added" | "refused";
  /** What came of it. */
  said: string;
}

const MOST = 1_000_000;
const LONGEST_NAME = 200;
/** How often a file is sent that the server does not take yet. */
const TRIES = 5;

/** The end of a long name says more than its middle. */
const nameOf = (file: File) => {
  const letters = [...file.name];
  return letters.length <= LONGEST_NAME ? file.name : `${letters.slice(0, 150).join("")}…${letters.slice(-40).join("")}`;
};

export function AddDocuments(props: { collection: Id; added: (document: CollectionDocument) => void }) {
  const [over, setOver] = useState(false);
  const { uploads, send } = useUploads(props.collection, props.added);
  const words = t.value.upload;
  return (
    <div
      class={`card add-documents ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        send([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <h2>{words.title}</h2>
      <label class="file drop">
        <input
          type="file"
          multiple
          accept={ACCEPTED}
          onChange={(event) => {
            send([...(event.currentTarget.files ?? [])]);
            // The same file may be chosen again.
            event.currentTarget.value = "";
          }}
        />
        <span>{words.choose}</span> {words.drop}
      </label>
      {uploads.length > 0 && (
        <ul class="plain-list uploads" aria-label={words.uploads} aria-live="polite">
          {uploads.map((upload) => (
            <li key={upload.number} class={upload.state}>
              <b dir="auto">{upload.name}</b> <span class={upload.state === "refused" ? "bad-text" : "faint"}>{upload.said}</span>
            </li>
          ))}
        </ul>
      )}
      <Paste {...props} />
    </div>
  );
}

/** One file after the other; each says what came of it. */
function useUploads(collection: Id, added: (document: CollectionDocument) => void) {
  const [uploads, setUploads] = useState<Upload[]>([]);
  const last = useRef(0);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const latest = useRef(added);
  latest.current = added;
  const left = useRef(false);
  useEffect(
    () => () => {
      left.current = true;
    },
    [],
  );
  const tell = (number: number, changes: Partial<Upload>) =>
    setUploads((before) => before.map((upload) => (upload.number === number ? { ...upload, ...changes } : upload)));
  const one = async (number: number, file: File) => {
    // What was not begun when the page was left is not sent.
    if (left.current) return;
    const type = mediaTypeOf(file);
    if (!type) return tell(number, { state: "refused", said: t.value.upload.unknownKind });
    tell(number, { state: "sending", said: t.value.upload.sending });
    try {
      const document = await patiently(
        () => client.collections.documents.upload(collection, { name: nameOf(file), type, data: file }),
        () => tell(number, { said: t.value.upload.later }),
      );
      tell(number, { state: "added", said: t.value.upload.added(document.passages) });
      latest.current(document);
    } catch (thrown) {
      tell(number, { state: "refused", said: why(asError(thrown)) });
    }
  };
  const send = (files: File[]) => {
    const fresh = files.map((file) => ({ number: ++last.current, file }));
    setUploads((before) => [...before, ...fresh.map(({ number, file }): Upload => ({ number, name: file.name, state: "waiting", said: t.value.upload.waits }))]);
    for (const { number, file } of fresh) queue.current = queue.current.then(() => one(number, file));
  };
  return { uploads, send };
}

/** Many files at once are more than a server takes in a minute: it says when to go on. */
async function patiently<T>(task: () => Promise<T>, wait: () => void): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await task();
    } catch (thrown) {
      const error = asError(thrown);
      if (error.code !== "rate_limited" || tries >= TRIES) throw error;
      wait();
      await new Promise((next) => setTimeout(next, error.retryAfterMs ?? 2000));
    }
  }
}

const why = (error: AuditorError) => (error.code === "payload_too_large" ? t.value.upload.tooLarge : sentence(error));

function Paste(props: { collection: Id; added: (document: CollectionDocument) => void }) {
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const length = [...text].length;
  const words = t.value.upload;
  const submit = async () => {
    setBusy(true);
    setError(null);
    setDone(null);
    try {
      const made = await client.collections.documents.create(props.collection, { name: name.trim(), text });
      setName("");
      setText("");
      setDone(words.addedText(made.name, made.passages));
      props.added(made);
      field.current?.focus();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <details class="paste">
      <summary>{words.paste}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label>
          {words.name}
          <input ref={field} value={name} required maxLength={LONGEST_NAME} dir="auto" onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          {words.text}
          <textarea rows={8} required dir="auto" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <div class="row below">
          <button type="submit" disabled={busy || name.trim() === "" || text.trim() === ""}>
            {words.addText}
          </button>
          <span class={length > MOST ? "bad-text" : "faint"}>
            {t.value.common.lengthOf(length, MOST)}
          </span>
        </div>
        {error && <Trouble error={error} />}
        <p class="faint" role="status">
          {done}
        </p>
      </form>
    </details>
  );
}
