// Links for others, and files for keeping.

import { useEffect, useRef, useState } from "preact/hooks";
import type { AuditorError, ExportFormat, NewShare, Share } from "judge-auditor-client";
import { copy } from "../lib/copy";
import { moment } from "../lib/format";
import { save } from "../lib/save";
import { asError, client } from "../state/session";
import { t } from "../words";
import { Dialog } from "./dialog";
import { Menu } from "./menu";
import { Trouble } from "./notice";

/** In seconds, in the order of their names. */
const LIVES = [3600, 86_400, 604_800, 7_776_000];

export function ShareDialog(props: { id: string; withCollection: boolean; close: () => void }) {
  const [shares, setShares] = useState<Share[]>([]);
  const [made, setMade] = useState<NewShare | null>(null);
  const [life, setLife] = useState(604_800);
  const [documents, setDocuments] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
  const [copied, setCopied] = useState(false);
  const words = t.value.share;
  const attempt = async (task: () => Promise<void>) => {
    setError(null);
    try {
      await task();
      setShares(await client.evaluations.shares.list(props.id));
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => void attempt(async () => {}), []);
  const link = made && new URL(made.url, location.origin).href;
  return (
    <Dialog title={words.title} close={props.close}>
      <p>{words.what}</p>
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
          {words.for}{" "}
          <select value={String(life)} onChange={(event) => setLife(Number(event.currentTarget.value))}>
            {LIVES.map((seconds, place) => (
              <option key={seconds} value={String(seconds)}>
                {words.lives[place]}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary" ref={first}>
          {words.create}
        </button>
        {props.withCollection && (
          <label class="check own-line">
            <input type="checkbox" checked={documents} onChange={(event) => setDocuments(event.currentTarget.checked)} />
            <span>
              {words.documents}
              <small class="faint own-line">{words.documentsWhat}</small>
            </span>
          </label>
        )}
      </form>
      {link && (
        <div class="notice done">
          <div class="field-and-button">
            <label>
              {words.link}
              <input readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
            </label>
            <button type="button" onClick={() => void copy(link).then(setCopied)}>
              {copied ? t.value.common.copied : t.value.common.copy}
            </button>
          </div>
        </div>
      )}
      {error && <Trouble error={error} />}
      {shares.length > 0 && (
        <>
          <h3>{words.links}</h3>
          <ul class="plain-list links">
            {shares.map((share) => (
              <li key={share.id}>
                <span>
                  {words.ends(moment(share.expires_at))}
                  <small class="faint own-line">
                    {words.made(moment(share.created_at))}
                    {share.show_documents && `, ${words.showsDocuments}`}
                  </small>
                </span>
                <button
                  type="button"
                  class="quiet"
                  onClick={() =>
                    void attempt(async () => {
                      await client.evaluations.shares.revoke(props.id, share.id);
                      if (made?.id === share.id) setMade(null);
                      first.current?.focus();
                    })
                  }
                >
                  {words.takeBack}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

const FORMATS: ExportFormat[] = ["html", "pdf", "csv", "json"];

export function ExportMenu(props: { id: string; failed: (error: AuditorError) => void }) {
  const words = t.value.audit;
  const download = async (format: ExportFormat) => {
    try {
      const { name, blob } = await client.evaluations.export(props.id, format);
      save(name, blob);
    } catch (error) {
      props.failed(asError(error));
    }
  };
  return (
    <Menu title={words.export} about={words.formats}>
      {FORMATS.map((format) => (
        <button key={format} type="button" class="quiet" onClick={() => void download(format)}>
          {words.format[format]}
        </button>
      ))}
    </Menu>
  );
}
