// Getting in: with an account, or by making one.

import { useState } from "preact/hooks";
import type { AuditorError } from "judge-auditor-client";
import { Notice, Trouble } from "../parts/notice";
import { asError, client, ended, entered } from "../state/session";

export function SignIn() {
  const [fresh, setFresh] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
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
        <h1>Which sentences can you trust?</h1>
        <p>
          Give a source and what a language model made of it. Every claim is checked against the source, judged by several judges, and shown with its
          evidence as it is decided.
        </p>
        <p class="sample" aria-hidden="true">
          <span class="claim good">
            <span class="shape">✓</span>The crossing takes 40 minutes.
          </span>{" "}
          <span class="claim bad">
            <span class="shape">✗</span>It leaves at 9.30.
          </span>{" "}
          <span class="claim open">
            <span class="shape">?</span>It was built in Norway.
          </span>
        </p>
      </section>
      <section class="card sheet" aria-labelledby="entry-title">
        <h2 id="entry-title">{fresh ? "Make an account" : "Log in"}</h2>
        {ended.value && <Notice kind="open" title="Your login has ended. Log in to go on where you were." />}
        <form
          key={fresh ? "register" : "login"}
          onSubmit={(event) => {
            event.preventDefault();
            void submit(event.currentTarget);
          }}
        >
          <label>
            User name
            <input name="username" required minLength={3} maxLength={64} autocomplete="username" autocapitalize="none" spellcheck={false} />
          </label>
          {fresh && (
            <label>
              E-mail
              <input name="email" type="email" required maxLength={254} autocomplete="email" />
            </label>
          )}
          <label>
            Password
            <input
              name="password"
              type="password"
              required
              minLength={fresh ? 10 : 1}
              maxLength={256}
              autocomplete={fresh ? "new-password" : "current-password"}
            />
            {fresh && <small class="faint">At least 10 characters.</small>}
          </label>
          {error && <Trouble error={error} />}
          <button type="submit" class="primary" disabled={busy}>
            {fresh ? "Make the account" : "Log in"}
          </button>
        </form>
        <p class="faint">
          {fresh ? "You have an account?" : "No account yet?"}{" "}
          <button type="button" class="link" onClick={() => {
              setFresh(!fresh);
              setError(null);
            }}>
            {fresh ? "Log in" : "Make an account"}
          </button>
        </p>
      </section>
    </div>
  );
}
