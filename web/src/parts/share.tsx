// Links for others, and files for keeping.

import { useEffect, useRef, useState } from "preact/hooks";
import type { AuditorError, ExportFormat, NewShare, Share } from "judge-auditor-client";
import { moment } from "../lib/format";
import { save } from "../lib/save";
import { asError, client } from "../state/session";
import { Trouble } from "./notice";

const LIVES = [
  ["An hour", 3600],
  ["A day", 86_400],
  ["A week", 604_800],
  ["Three months", 7_776_000],
] as const;

export function ShareDialog(props: { id: string; withCollection: boolean; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [shares, setShares] = useState<Share[]>([]);
  const [made, setMade] = useState<NewShare | null>(null);
  const [life, setLife] = useState(604_800);
  const [documents, setDocuments] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
  const [copied, setCopied] = useState(false);
  const attempt = async (task: () => Promise<void>) => {
    setError(null);
    try {
      await task();
      setShares(await client.evaluations.shares.list(props.id));
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  useEffect(() => {
    dialog.current?.showModal();
    void attempt(async () => {});
  }, []);
  const link = made && new URL(made.url, location.origin).href;
  return (
    <dialog ref={dialog} onClose={props.close} aria-labelledby="share-title">
      <header>
        <h2 id="share-title">Share this audit</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
          ✕
        </button>
      </header>
      <p>
        Whoever has the link can read this audit without a login, until it ends or you take it back: the source, the output and the question, each
        claim with its verdict, what the judges said, and the figures. Not who you are, nor your feedback.
      </p>
      <form
        method="dialog"
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(async () => {
            setMade(await client.evaluations.shares.create(props.id, { expiresInS: life, showDocuments: documents }));
            setCopied(false);
          });
        }}
      >
        <label>
          For{" "}
          <select value={String(life)} onChange={(event) => setLife(Number(event.currentTarget.value))}>
            {LIVES.map(([name, seconds]) => (
              <option key={seconds} value={String(seconds)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary">
          Make a link
        </button>
        {props.withCollection && (
          <label class="check own-line">
            <input type="checkbox" checked={documents} onChange={(event) => setDocuments(event.currentTarget.checked)} />
            <span>
              Show what was found in your collection too
              <small class="faint own-line">
                Names of documents, passages, and the judges' words, which may quote them. Otherwise these are left out.
              </small>
            </span>
          </label>
        )}
      </form>
      {link && (
        <div class="notice good">
          <label>
            The link, shown only now
            <input readOnly value={link} ref={field} onFocus={(event) => event.currentTarget.select()} />
          </label>
          <button
            type="button"
            onClick={() => void copy(link, field.current).then(setCopied)}
          >
            {copied ? "Copied" : "Copy"}
          </button>
        </div>
      )}
      {error && <Trouble error={error} />}
      {shares.length > 0 && (
        <>
          <h3>Links that lead here</h3>
          <ul class="plain-list links">
            {shares.map((share) => (
              <li key={share.id}>
                <span>
                  ends {moment(share.expires_at)}
                  <small class="faint own-line">
                    made {moment(share.created_at)}
                    {share.show_documents && ", shows documents"}
                  </small>
                </span>
                <button
                  type="button"
                  class="quiet"
                  onClick={() =>
                    void attempt(async () => {
                      await client.evaluations.shares.revoke(props.id, share.id);
                      if (made?.id === share.id) setMade(null);
                      dialog.current?.querySelector<HTMLElement>("button.primary")?.focus();
                    })
                  }
                >
                  Take back
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </dialog>
  );
}

/** Browsers lend the clipboard only to pages that came by https; elsewhere the selection is copied the old way. */
async function copy(text: string, field: HTMLInputElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    field?.select();
    return document.execCommand("copy");
  }
}

const FORMATS: [ExportFormat, string][] = [
  ["html", "Report (HTML)"],
  ["pdf", "Report (PDF)"],
  ["csv", "Table (CSV)"],
  ["json", "Everything (JSON)"],
];

export function ExportMenu(props: { id: string; failed: (error: AuditorError) => void }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const download = async (format: ExportFormat) => {
    menu.current?.removeAttribute("open");
    menu.current?.querySelector("summary")?.focus();
    try {
      const { name, blob } = await client.evaluations.export(props.id, format);
      save(name, blob);
    } catch (error) {
      props.failed(asError(error));
    }
  };
  return (
    <details class="menu" ref={menu}>
      <summary class="button">Export</summary>
      <div role="group" aria-label="Formats">
        {FORMATS.map(([format, name]) => (
          <button key={format} type="button" class="quiet" onClick={() => void download(format)}>
            {name}
          </button>
        ))}
      </div>
    </details>
  );
}
