// A deletion that can't be undone is asked about, where its button is.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AuditorError } from "judge-auditor-client";
import { sentence } from "../lib/sentences";
import { asError } from "../state/session";
import { t } from "../words";
import type { Words } from "../words";

/** What the buttons say. */
type Buttons = Pick<Words["collections"], "delete" | "deleteOne" | "deleteAsk" | "deleteIt" | "keepIt">;

export function Removal(props: { name: string; question: string; words?: Buttons; remove: () => Promise<unknown>; gone: () => void }) {
  const words = props.words ?? t.value.collections;
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AuditorError | null>(null);
  const [first, keep] = [useRef<HTMLButtonElement>(null), useRef<HTMLButtonElement>(null)];
  const asked = useRef(false);
  // Who asks by the keyboard stands at the answer that changes nothing, and then where the question was.
  useLayoutEffect(() => {
    if (asking) keep.current?.focus();
    else if (asked.current) first.current?.focus();
    asked.current = asking;
  }, [asking]);
  const leave = () => {
    setAsking(false);
    setError(null);
  };
  const remove = async () => {
    setBusy(true);
    setError(null);
    try {
      await props.remove().catch((thrown: unknown) => {
        // It is gone all the same if somebody was quicker.
        if (asError(thrown).code !== "not_found") throw thrown;
      });
      document.getElementById("main")?.focus();
      props.gone();
    } catch (thrown) {
      setError(asError(thrown));
      setBusy(false);
    }
  };
  if (!asking) {
    return (
      <button type="button" class="quiet" ref={first} aria-label={words.deleteOne(props.name)} onClick={() => setAsking(true)}>
        {words.delete}
      </button>
    );
  }
  return (
    <div class="removal" role="group" aria-label={words.deleteAsk(props.name)} onKeyDown={(event) => event.key === "Escape" && leave()}>
      <span role="status">{props.question}</span>
      <span class="row">
        <button type="button" class="danger" disabled={busy} onClick={() => void remove()}>
          {words.deleteIt}
        </button>
        <button type="button" ref={keep} disabled={busy} onClick={leave}>
          {words.keepIt}
        </button>
      </span>
      {error && (
        <span class="bad-text" role="alert">
          {sentence(error)}
        </span>
      )}
    </div>
  );
}
