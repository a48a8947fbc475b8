// Whether events come as they happen, said where it matters: above the audit.

import { useEffect, useState } from "preact/hooks";
import { client, connection } from "../state/session";

/** Why a server closes a connection and does not want it again. */
const REFUSED: Record<number, string> = {
  4500: "The server does not understand this page: it may be of another version. Load it anew.",
  4501: "Your login was not accepted.",
  4503: "Your login was ended elsewhere.",
  4504: "You have too many pages of this server open.",
};

export function ConnectionBanner() {
  const state = connection.value;
  const now = useClock(state.kind === "waiting" || state.kind === "draining");
  switch (state.kind) {
    case "waiting": {
      const seconds = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
      return (
        <Banner>
          The connection is lost. The audit goes on at the server, and nothing of it will be missing here.{" "}
          <span aria-live="off">{seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again."}</span>{" "}
          <button type="button" class="quiet" onClick={() => client.connection.retry()}>
            Try now
          </button>
        </Banner>
      );
    }
    case "connecting":
      return state.attempt > 0 ? <Banner>Connecting again…</Banner> : null;
    case "draining":
      return <Banner>The server is about to restart. This page comes back by itself, and the audit goes on.</Banner>;
    case "fallback":
      return <Banner>Your network lets no live socket through. Events come another way, a little later.</Banner>;
    case "refused":
      return (
        <Banner>
          {REFUSED[state.code] ?? "The server does not take this connection."} This audit goes on, but not live here.{" "}
          <button type="button" class="quiet" onClick={() => client.connection.retry()}>
            Connect again
          </button>
        </Banner>
      );
    default:
      return null;
  }
}

function Banner(props: { children: preact.ComponentChildren }) {
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
