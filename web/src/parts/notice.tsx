// States of trouble, each with what can be done about it.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { AuditorError } from "judge-auditor-client";
import { asSentence } from "../lib/format";
import { sentence } from "../lib/sentences";
import { useTitle } from "../state/title";
import { t } from "../words";

/** `bad`: something did not work. `warning`: something to know of. Neither has the colour of a verdict's doubt. */
export type NoticeKind = "bad" | "warning" | "plain" | "done";

const MARKS: Record<NoticeKind, string> = { bad: "!", warning: "!", plain: "i", done: "✓" };

export function Notice(props: { kind?: NoticeKind; title: string; children?: ComponentChildren }) {
  const kind = props.kind ?? "plain";
  return (
    <div class={`notice ${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <span class="notice-mark" aria-hidden="true">
        {MARKS[kind]}
      </span>
      <div>
        <strong>{props.title}</strong>
        {props.children}
      </div>
    </div>
  );
}

/** An error with its countdown, if it says when to come back, and a way to try again. */
export function Trouble(props: { error: AuditorError; page?: boolean; again?: () => void }) {
  const { error, again } = props;
  const words = t.value.common;
  const left = useCountdown(error, error.retryAfterMs);
  const notice = (
    <Notice kind="bad" title={sentence(error)}>
      {error.recoverySuggestions?.map((text) => <p key={text}>{asSentence(text)}</p>)}
      {left > 0 && <p aria-live="off">{words.retryIn(left)}</p>}
      {again && error.code !== "validation" && (
        <button type="button" onClick={again} disabled={left > 0}>
          {words.tryAgain}
        </button>
      )}
    </Notice>
  );
  if (!props.page) return notice;
  return (
    <section class="narrow">
      <h1>{words.didNotWork}</h1>
      {notice}
    </section>
  );
}

/** Whole seconds until then, counting down. */
function useCountdown(since: unknown, ms: number | undefined) {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const end = Date.now() + (ms ?? 0);
    const tick = () => setLeft(Math.max(0, Math.ceil((end - Date.now()) / 1000)));
    tick();
    if (!ms) return;
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [since, ms]);
  return left;
}

/** A place without anything in it yet. */
export function Empty(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** A page without anything on it. */
export function EmptyPage(props: { title: string; children?: ComponentChildren }) {
  useTitle(props.title);
  return (
    <div class="empty">
      <h1>{props.title}</h1>
      {props.children}
    </div>
  );
}

export function Waiting(props: { what: string }) {
  return (
    <p class="waiting" role="status">
      <span class="spinner" aria-hidden="true" /> {props.what}
    </p>
  );
}
