// Whether events come as they happen, said where it matters: above the audit.

import { useEffect, useState } from "preact/hooks";
import { client, connection } from "../state/session";

export function ConnectionBanner() {
  const state = connection.value;
  const now = useClock(state.kind === "waiting" || state.kind === "draining");
  switch (state.kind) {
    case "waiting": {
      const seconds = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
      return (
        <Banner>
          The connection is lost. The audit goes on at the server, and nothing of it will be missing here.{" "}
          {seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again."}{" "}
          <button type="button" class="quiet" onClick={() => client.connection.retry()}>
            Try now
          </button>
        </Banner>
      );
    }
    case "connecting":
      return state.attempt > 1 ? <Banner>Connecting again…</Banner> : null;
    case "draining":
      return <Banner>The server is about to restart. This page comes back by itself, and the audit goes on.</Banner>;
    case "fallback":
      return <Banner>Your network lets no live socket through. Events come another way, a little later.</Banner>;
    case "refused":
      return (
        <Banner>
          The server has closed the connection for good (code {state.code}).{" "}
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
