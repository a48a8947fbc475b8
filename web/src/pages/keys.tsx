// API keys: made, seen once, and revoked.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ApiKey, AuditorError, NewApiKey, Scope, UsageReport } from "judge-auditor-client";
import { copy } from "../lib/copy";
import { count, dollars, moment } from "../lib/format";
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
  const budgetWhat = useId();
  const [scope, setScope] = useState<Scope>("audit");
  const [life, setLife] = useState(USUAL);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
  const submit = async (form: HTMLFormElement) => {
    const text = (name: string) => String(new FormData(form).get(name) ?? "");
    const seconds = LIVES[life];
    const addresses = text("addresses").split(/[\s,]+/u).filter((network) => network !== "");
    const [dayUsd, dayTokens] = [text("day_usd"), text("day_tokens")];
    setBusy(true);
    setError(null);
    try {
      const key = {
        name: text("name").trim(),
        scopes: [scope],
        addresses,
        ...(seconds && { expires_in_s: seconds }),
        ...(dayUsd !== "" && { day_usd: Number(dayUsd) }),
        ...(dayTokens !== "" && { day_tokens: Number(dayTokens) }),
      };
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
        <div class="field-and-button" role="group" aria-label={words.budget} aria-describedby={budgetWhat}>
          <label>
            {words.dayUsd}
            <input name="day_usd" type="number" min="0.000001" max="1000000000" step="any" inputMode="decimal" />
          </label>
          <label>
            {words.dayTokens}
            <input name="day_tokens" type="number" min="1" max="2000000000" step="1" inputMode="numeric" />
          </label>
        </div>
        <small id={budgetWhat} class="faint">
          {words.budgetWhat}
        </small>
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

/** What a key has used today. One that was never used has used nothing, which needs no question. */
function useUsage(key: ApiKey) {
  const [usage, setUsage] = useState<UsageReport["today"] | null>(null);
  useEffect(() => {
    let wanted = true;
    if (key.last_used_at) {
      // Without it the list is still one: nothing is said of today.
      client.usage(1, key.id).then(
        ({ today }) => wanted && setUsage(today),
        () => {},
      );
    }
    return () => {
      wanted = false;
    };
  }, [key.id, key.last_used_at]);
  return usage;
}

/** What a key may use of a day, and what it has used of this one. */
function budgetParts(key: ApiKey, usage: UsageReport["today"] | null) {
  const words = t.value.keys;
  const [tokens, cost] = [(usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0), usage?.cost_usd ?? 0];
  const isKnown = usage !== null || !key.last_used_at;
  const part = (used: string, most: string) => (isKnown ? words.usedOf(used, most) : words.aDay(most));
  return [
    ...(key.day_usd == null ? [] : [part(dollars(cost), dollars(key.day_usd))]),
    ...(key.day_tokens == null ? [] : [part(count(tokens), words.tokens(count(key.day_tokens)))]),
    ...(key.day_usd == null && key.day_tokens == null && tokens > 0 ? [words.usedToday(words.tokens(count(tokens)), dollars(cost))] : []),
  ];
}

function Row(props: { of: ApiKey; gone: () => void }) {
  const key = props.of;
  const words = t.value.keys;
  const usage = useUsage(key);
  const over = key.expires_at && Date.parse(key.expires_at) <= Date.now();
  const parts = [
    key.scopes.map((scope) => words.scopes[scope]).join(", "),
    key.last_used_at ? words.used(moment(key.last_used_at)) : words.unused,
    !key.expires_at ? words.lasts : over ? words.expired(moment(key.expires_at)) : words.ends(moment(key.expires_at)),
    ...(key.addresses.length > 0 ? [words.from(key.addresses.join(", "))] : []),
    ...budgetParts(key, usage),
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
