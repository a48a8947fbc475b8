// Whether events come as they happen, said where it matters: above the audit.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { client, connection } from "../state/session";
import { t } from "../words";

/** `running`: whether there is anything to be missed. What has ended is whole as it is shown. */
export function ConnectionBanner({ running }: { running: boolean }) {
  const state = connection.value;
  const words = t.value.connection;
  const now = useClock(state.kind === "waiting" || state.kind === "draining");
  if (!running && state.kind !== "refused") return null;
  switch (state.kind) {
    case "waiting": {
      const seconds = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
      return (
        <Banner>
          {words.lost} <span aria-live="off">{seconds > 0 ? words.tryingIn(seconds) : words.trying}</span>{" "}
          <button type="button" class="link" onClick={() => client.connection.retry()}>
            {words.tryNow}
          </button>
        </Banner>
      );
    }
    case "connecting":
      return state.attempt > 0 ? <Banner>{words.connecting}</Banner> : null;
    case "draining":
      return <Banner>{words.draining}</Banner>;
    case "fallback":
      return <Banner>{words.fallback}</Banner>;
    case "refused":
      return (
        <Banner>
          {words.refused(state, running)}{" "}
          <button type="button" class="link" onClick={() => client.connection.retry()}>
            {words.again}
          </button>
        </Banner>
      );
    default:
      return null;
  }
}

function Banner(props: { children: ComponentChildren }) {
  return (
    <p class="banner" role="status">
      {props.children}
    </p>
  );
}

function useClock(runs: boolean) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [runs]);
  return runs ? Date.now() : now;
}
