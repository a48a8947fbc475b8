// The client: who is logged in, what REST answers, and sessions that are followed live.

import { Auth } from "./auth.js";
import { makeClock } from "./clock.js";
import { Collections } from "./collections.js";
import { Connection } from "./connection.js";
import { AuditorError } from "./errors.js";
import { Evaluations, items } from "./evaluations.js";
import { ApiKeys } from "./keys.js";
import type { ClientOptions, Follow, FollowOptions, Page, WebSocketConstructor } from "./options.js";
import { Rest } from "./rest.js";
import type * as t from "./types.js";

export type * from "./types.js";
export type * from "./options.js";
export type { ApiKeys, Auth, Collections, Connection, Evaluations };
export { AuditorError, type ClientErrorCode, type ErrorCode, type ServerErrorCode } from "./errors.js";
export { decode } from "./decode.js";

export class AuditorClient {
  readonly auth: Auth;
  readonly evaluations: Evaluations;
  readonly collections: Collections;
  readonly keys: ApiKeys;
  readonly connection: Connection;
  readonly preferences: {
    get(): Promise<t.Preferences>;
    /** Replaces all of them. */
    put(preferences: t.Preferences): Promise<t.Preferences>;
  };
  readonly #rest: Rest;

  constructor(options: ClientOptions = {}) {
    const globals = globalThis as Partial<typeof globalThis>;
    const clock = makeClock(options);
    const page: Page = options.page ?? {
      window: globals.window,
      document: globals.document,
      locks: globals.navigator?.locks,
      storage: pageStorage(globals),
    };
    const WebSocket =
      options.WebSocket === undefined
        ? ((globals.WebSocket as WebSocketConstructor | undefined) ?? null)
        : options.WebSocket;
    const rest = new Rest(options.baseUrl ?? "", options.fetch);
    const auth = new Auth(rest, clock, options.session ?? "memory", page, options.key);
    const evaluations = new Evaluations(auth);
    this.#rest = rest;
    this.auth = auth;
    this.evaluations = evaluations;
    this.collections = new Collections(auth);
    this.keys = new ApiKeys(auth);
    this.preferences = {
      get: () => auth.json("GET", "/preferences"),
      put: (preferences) => auth.json("PUT", "/preferences", { body: preferences }),
    };
    this.connection = new Connection({
      auth,
      clock,
      log: evaluations,
      openStream: (id, position, signal) => evaluations.stream(id, position, signal),
      WebSocket,
      socketUrl: () => rest.socketUrl(),
      page,
    });
  }

  /** The judges that the server has. */
  async judges(): Promise<t.JudgeInfo[]> {
    return items(await this.auth.send("GET", "/judges"));
  }

  /** Checks an answer before it is shown: what is known of it when its time is over. */
  check(body: t.CheckRequest): Promise<t.CheckView> {
    return this.auth.json("POST", "/check", { body });
  }

  /** The tags of the user's evaluations. */
  async tags(): Promise<t.Tag[]> {
    return items(await this.auth.send("GET", "/tags"));
  }

  /** Sums over the user's evaluations of the last days (1..365, 30 if absent), or over those with a tag. */
  statistics(days?: number, tag?: string): Promise<t.Statistics> {
    return this.auth.json("GET", "/statistics", { query: { days, tag } });
  }

  /** Tokens and money by day, and what the budgets leave; of the runs that one API key started, where it is named. */
  usage(days?: number, key?: t.Id): Promise<t.UsageReport> {
    return this.auth.json("GET", "/usage", { query: { days, key } });
  }

  /** What a share link leads to; needs no login. */
  shared(token: string): Promise<t.SharedEvaluation> {
    return this.#rest.json("GET", `/shared/${encodeURIComponent(token)}`);
  }

  /** Each event of a session, once and in order, over as many connections as it takes. */
  follow(sessionId: t.Id, options: FollowOptions): Follow {
    return this.connection.follow(sessionId, options);
  }

  /** Over the socket when it is there, else by REST. A repeat with the same id is the same run. */
  start(
    sessionId: t.Id,
    clientRequestId: string = requestId(),
  ): Promise<{ session_id: t.Id; run_id: t.Id }> {
    const data = { session_id: sessionId, client_request_id: clientRequestId };
    return orElse(this.connection.command("start_evaluation", data), () =>
      this.evaluations.start(sessionId, clientRequestId),
    );
  }

  /** Over the socket when it is there, else by REST. */
  cancel(sessionId: t.Id): Promise<t.Cancelling> {
    return orElse(this.connection.command("cancel_evaluation", { session_id: sessionId }), () =>
      this.evaluations.cancel(sessionId),
    );
  }

  /** Ends the connection and all follows for good; the login stays. */
  close(): void {
    this.connection.close();
  }
}

/** The second way where the first is not there, or broke before its answer. */
async function orElse<T>(first: Promise<T> | null, second: () => Promise<T>): Promise<T> {
  if (first === null) return second();
  try {
    return await first;
  } catch (error) {
    if (error instanceof AuditorError && error.code === "network") return second();
    throw error;
  }
}

/** `randomUUID` is only there on pages that came by https. */
function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A browser that keeps nothing for pages throws where it is only looked at; Node warns. */
function pageStorage(globals: Partial<typeof globalThis>): Storage | undefined {
  if (globals.document === undefined) return undefined;
  try {
    return globals.localStorage;
  } catch {
    return undefined;
  }
}
