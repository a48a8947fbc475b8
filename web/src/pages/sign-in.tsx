// Getting in: with an account, or by making one.

import { useState } from "preact/hooks";
import type { AuditorError, Label } from "judge-auditor-client";
import { Notice, Trouble } from "../parts/notice";
import { Chip, LABELS } from "../parts/verdict";
import { asError, client, ended, entered } from "../state/session";
import { useTitle } from "../state/title";
import { t } from "../words";

export function SignIn() {
  const [fresh, setFresh] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
  const words = t.value.signIn;
  const name = fresh ? words.create : words.logIn;
  useTitle(name);
  const submit = async (form: HTMLFormElement) => {
    const text = (name: string) => String(new FormData(form).get(name) ?? "");
    const [username, password] = [text("username"), text("password")];
    setBusy(true);
    setError(null);
    try {
      if (fresh) await client.auth.register({ username, password, email: text("email") });
      await entered(await client.auth.login({ username, password }));
    } catch (thrown) {
      setError(asError(thrown));
      setBusy(false);
    }
  };
  return (
    <div class="entry">
      <section class="hero">
        <h1>{words.title}</h1>
        <p>{words.what}</p>
        <Sample />
      </section>
      <section class="card sheet" aria-labelledby="entry-title">
        <h2 id="entry-title">{name}</h2>
        {ended.value && <Notice title={words.ended} />}
        <form
          key={fresh ? "register" : "login"}
          onSubmit={(event) => {
            event.preventDefault();
            void submit(event.currentTarget);
          }}
        >
          <label>
            {words.userName}
            <input name="username" required minLength={3} maxLength={64} autocomplete="username" autocapitalize="none" spellcheck={false} />
            {fresh && <small class="faint">{words.userNameRule}</small>}
          </label>
          {fresh && (
            <label>
              {words.email}
              <input name="email" type="email" required maxLength={254} autocomplete="email" />
            </label>
          )}
          <label>
            {words.password}
            <input
              name="password"
              type="password"
              required
              minLength={fresh ? 10 : 1}
              maxLength={256}
              autocomplete={fresh ? "new-password" : "current-password"}
            />
            {fresh && <small class="faint">{words.passwordRule}</small>}
          </label>
          {error && <Trouble error={error} />}
          <button type="submit" class="primary" disabled={busy}>
            {name}
          </button>
        </form>
        <p class="faint">
          {fresh ? words.haveAccount : words.noAccount}{" "}
          <button
            type="button"
            class="link"
            onClick={() => {
              setFresh(!fresh);
              setError(null);
            }}
          >
            {fresh ? words.logIn : words.create}
          </button>
        </p>
      </section>
    </div>
  );
}

const SAMPLE: Label[] = ["SUPPORTED", "REFUTED", "NOT_ENOUGH_INFO"];

/** What a result looks like, in one small picture. */
function Sample() {
  const words = t.value.signIn;
  return (
    <figure class="sample">
      <p class="faint">{words.sampleSource}</p>
      <ul class="plain-list">
        {SAMPLE.map((label, place) => (
          <li key={label}>
            <span class={`claim still ${LABELS[label].css}`}>
              <span class="shape" aria-hidden="true">
                {LABELS[label].mark}
              </span>
              {words.sample[place]}
            </span>
            <Chip label={label} />
          </li>
        ))}
      </ul>
    </figure>
  );
}
