// API keys: made, seen once, and revoked.

import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiKey, AuditorError, NewApiKey, Scope } from "judge-auditor-client";
import { copy } from "../lib/copy";
import { count, moment } from "../lib/format";
import { Empty, Trouble, Waiting } from "../parts/notice";
import { Removal } from "../parts/removal";
import { asError, client } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

const SCOPES: Scope[] = ["read", "audit", "manage"];

/** In seconds, in the order of their names; the last one has no end. */
const LIVES = [86_400, 2_592_000, 7_776_000, 31_536_000, undefined];
const USUAL = 2;

export function KeysPage() {
  const words = t.value.keys;
  useTitle(words.title);
  const [keys, setKeys] = useState<ApiKey[] | null>(null);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const read = () => {
    setError(null);
    client.keys.list().then(setKeys, (thrown) => setError(asError(thrown)));
  };
  useEffect(read, []);
  return (
    <section>
      <div class="page-title">
        <div>
          <h1>{words.title}</h1>
          <p class="faint">{words.what}</p>
        </div>
      </div>
      <div class="beside">
        <NewKey
          made={(key) => {
            setMade(key);
            read();
          }}
        />
        <div>
          {made && <Made key={made.id} made={made} />}
          {error && <Trouble error={error} again={read} />}
          {!keys && !error && <Waiting what={t.value.common.reading} />}
          {keys?.length === 0 && <Empty title={words.none} />}
          <ul class="plain-list shelf" aria-label={words.title}>
            {(keys ?? []).map((key) => (
              <Row
                key={key.id}
                of={key}
                gone={() => {
                  setKeys((all) => all && all.filter((other) => other.id !== key.id));
                  if (made?.id === key.id) setMade(null);
                }}
              />
            ))}
          </ul>
          <p class="faint small note">{words.password}</p>
        </div>
      </div>
    </section>
  );
}

function NewKey(props: { made: (key: NewApiKey) => void }) {
  const words = t.value.keys;
  const [scope, setScope] = useState<Scope>("audit");
  const [life, setLife] = useState(USUAL);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
  const submit = async (form: HTMLFormElement) => {
    const text = (name: string) => String(new FormData(form).get(name) ?? "");
    const seconds = LIVES[life];
    const addresses = text("addresses").split(/[\s,]+/u).filter((network) => network !== "");
    setBusy(true);
    setError(null);
    try {
      const key = { name: text("name").trim(), scopes: [scope], addresses, ...(seconds && { expires_in_s: seconds }) };
      props.made(await client.keys.create(key));
      form.reset();
    } catch (thrown) {
      setError(asError(thrown));
    }
    setBusy(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <fieldset class="stack">
        <legend>{words.make}</legend>
        <label>
          {words.name}
          <input name="name" required maxLength={100} dir="auto" pattern=".*\S.*" placeholder={words.nameExample} />
        </label>
        <div role="radiogroup" aria-label={words.scope}>
          {SCOPES.map((each) => (
            <label key={each} class="check">
              <input type="radio" name="scope" checked={scope === each} onChange={() => setScope(each)} />{" "}
              <span>
                {words.scopes[each]}
                <small class="faint own-line">{words.scopesWhat[each]}</small>
              </span>
            </label>
          ))}
        </div>
        <label>
          {words.for}{" "}
          <select value={String(life)} onChange={(event) => setLife(Number(event.currentTarget.value))}>
            {LIVES.map((_, place) => (
              <option key={place} value={String(place)}>
                {words.lives[place]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.addresses}
          <input name="addresses" autocapitalize="off" spellcheck={false} placeholder="192.0.2.0/24" />
          <small class="faint own-line">{words.addressesWhat}</small>
        </label>
        {error && <Trouble error={error} />}
        <button type="submit" class="primary" disabled={busy}>
          {words.create}
        </button>
      </fieldset>
    </form>
  );
}

/** The key itself. Nobody sees it again, so it says so, and takes the focus. */
function Made({ made }: { made: NewApiKey }) {
  const words = t.value.keys;
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => field.current?.focus(), []);
  return (
    <div class="notice done" role="group" aria-label={made.name}>
      <div class="field-and-button">
        <label>
          {words.key}
          <input ref={field} readOnly value={made.key} onFocus={(event) => event.currentTarget.select()} />
        </label>
        <button type="button" onClick={() => void copy(made.key).then(setCopied)}>
          {copied ? t.value.common.copied : t.value.common.copy}
        </button>
      </div>
    </div>
  );
}

function Row(props: { of: ApiKey; gone: () => void }) {
  const key = props.of;
  const words = t.value.keys;
  const over = key.expires_at && Date.parse(key.expires_at) <= Date.now();
  const parts = [
    key.scopes.map((scope) => words.scopes[scope]).join(", "),
    key.last_used_at ? words.used(moment(key.last_used_at)) : words.unused,
    !key.expires_at ? words.lasts : over ? words.expired(moment(key.expires_at)) : words.ends(moment(key.expires_at)),
    ...(key.addresses.length > 0 ? [words.from(key.addresses.join(", "))] : []),
    ...(key.day_usd == null ? [] : [words.dayUsd(`$${key.day_usd}`)]),
    ...(key.day_tokens == null ? [] : [words.dayTokens(count(key.day_tokens))]),
    ...(key.per_minute == null ? [] : [words.perMinute(count(key.per_minute))]),
  ];
  return (
    <li class="shelf-row">
      <span class="shelf-words">
        <b dir="auto">{key.name}</b>
        <span class="faint">
          <code>{key.prefix}…</code> · {parts.join(" · ")}
        </span>
      </span>
      <Removal name={key.name} question={words.revokeAsk} words={words} remove={() => client.keys.revoke(key.id)} gone={props.gone} />
    </li>
  );
}
