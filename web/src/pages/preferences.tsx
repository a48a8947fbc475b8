// What is kept for a person: how audits begin, how the page looks, the password.

import { useEffect, useState } from "preact/hooks";
import type { AuditorError, JudgeInfo, Theme } from "judge-auditor-client";
import { Notice, Trouble, Waiting } from "../parts/notice";
import { StrategyChoice } from "../parts/strategy";
import { offered } from "../lib/judges";
import { save } from "../lib/save";
import { prefer, preferences, readPreferences, unread } from "../state/preferences";
import { asError, client, user } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

const THEMES: Theme[] = ["system", "light", "dark"];

export function PreferencesPage() {
  const words = t.value.preferences;
  useTitle(words.title);
  const [judges, setJudges] = useState<JudgeInfo[] | null>(null);
  const [error, setError] = useState<AuditorError | null>(null);
  const [saved, setSaved] = useState(false);
  const readJudges = () => {
    setError(null);
    client.judges().then(setJudges, (thrown) => setError(asError(thrown)));
  };
  useEffect(readJudges, []);
  const mine = preferences.value;
  if (unread.value) return <Trouble page error={unread.value} again={() => void readPreferences()} />;
  if (error && !judges) return <Trouble page error={error} again={readJudges} />;
  if (!mine || !judges) return <Waiting what={words.reading} />;
  // A judge that the server no longer has is no choice any more.
  const panel = (mine.judges ?? []).filter((name) => judges.some((judge) => judge.name === name));
  const set = async (changes: Parameters<typeof prefer>[0]) => {
    setError(null);
    setSaved(false);
    try {
      await prefer({ judges: panel.length > 0 ? panel : undefined, ...changes });
      setSaved(true);
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  return (
    <section>
      <div class="page-title">
        <h1>{words.title}</h1>
        {saved && <span role="status" class="done-text">✓ {t.value.common.saved}</span>}
      </div>
      {error && <Trouble error={error} />}
      <div class="choices-of-mine">
        <div>
          <fieldset>
            <legend>{words.appearance}</legend>
            {THEMES.map((theme) => (
              <label key={theme} class="check">
                <input type="radio" name="theme" checked={(mine.theme ?? "system") === theme} onChange={() => void set({ theme })} /> {t.value.themes[theme]}
              </label>
            ))}
          </fieldset>
          <fieldset>
            <legend>{words.judges}</legend>
            {offered(judges, panel).map((judge) => (
              <label key={judge.name} class="check">
                <input
                  type="checkbox"
                  checked={panel.includes(judge.name)}
                  onChange={(event) => {
                    const names = event.currentTarget.checked ? [...panel, judge.name] : panel.filter((name) => name !== judge.name);
                    void set({ judges: names.length > 0 ? names : undefined });
                  }}
                />{" "}
                {judge.name} <small class="faint">{judge.offline ? t.value.newAudit.offlineFree : judge.model}</small>
              </label>
            ))}
            <small class="faint">{words.noneTicked}</small>
          </fieldset>
          <fieldset class="stack">
            <legend>{words.how}</legend>
            <StrategyChoice value={mine.aggregation_strategy} change={(strategy) => void set({ aggregation_strategy: strategy })} />
            <label class="check">
              <input
                type="checkbox"
                checked={mine.enable_retrieval ?? false}
                onChange={(event) => void set({ enable_retrieval: event.currentTarget.checked || undefined })}
              />{" "}
              {t.value.newAudit.bestPassages}
            </label>
          </fieldset>
        </div>
        <Password />
        <Account />
      </div>
    </section>
  );
}

function Password() {
  const words = t.value.preferences;
  const [error, setError] = useState<AuditorError | null>(null);
  const [done, setDone] = useState(false);
  const wrong = error?.code === "invalid_credentials";
  const submit = async (form: HTMLFormElement) => {
    const text = (name: string) => String(new FormData(form).get(name) ?? "");
    setError(null);
    setDone(false);
    try {
      await client.auth.changePassword(text("current"), text("next"));
      form.reset();
      setDone(true);
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <fieldset class="stack">
        <legend>{words.password}</legend>
        <input type="text" name="username" autocomplete="username" value={user.value?.username ?? ""} readOnly hidden />
        <label>
          {words.current}
          <input type="password" name="current" aria-invalid={wrong} required maxLength={256} autocomplete="current-password" />
        </label>
        <label>
          {words.next}
          <input type="password" name="next" required minLength={10} maxLength={256} autocomplete="new-password" />
        </label>
        {wrong ? <Notice kind="bad" title={words.wrongPassword} /> : error && <Trouble error={error} />}
        {done && <Notice kind="done" title={words.changed} />}
        <button type="submit">{words.changePassword}</button>
      </fieldset>
    </form>
  );
}

/** What ends everything, and what can be taken along. */
function Account() {
  const words = t.value.preferences;
  const [error, setError] = useState<AuditorError | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = error?.code === "invalid_credentials";
  const attempt = async (task: () => Promise<void>) => {
    setError(null);
    setBusy(true);
    try {
      await task();
    } catch (thrown) {
      setError(asError(thrown));
    }
    setBusy(false);
  };
  const download = async () => save("judge-auditor.zip", await client.auth.exportAccount());
  const remove = async (form: HTMLFormElement) => {
    await client.auth.deleteAccount(String(new FormData(form).get("password") ?? ""));
    document.getElementById("main")?.focus();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        void attempt(() => remove(form));
      }}
    >
      <fieldset class="stack">
        <legend>{words.account}</legend>
        <p>
          {words.keys} <a href="#/keys">{t.value.keys.title}</a>
        </p>
        <p>
          {words.everything}{" "}
          <button type="button" disabled={busy} onClick={() => void attempt(download)}>
            {words.download}
          </button>
        </p>
        <p>{words.deleting}</p>
        <input type="text" name="username" autocomplete="username" value={user.value?.username ?? ""} readOnly hidden />
        <label>
          {words.yourPassword}
          <input type="password" name="password" aria-invalid={wrong} required maxLength={256} autocomplete="current-password" />
        </label>
        {wrong ? <Notice kind="bad" title={words.wrongPassword} /> : error && <Trouble error={error} />}
        <button type="submit" class="danger" disabled={busy}>
          {words.delete}
        </button>
      </fieldset>
    </form>
  );
}
