// Evaluations and what belongs to them, by REST.

import type { Auth } from "./auth.js";
import { AuditorError } from "./errors.js";
import { jsonOf } from "./rest.js";
import type * as t from "./types.js";

const path = (id: t.Id, rest = ""): string => `/evaluations/${encodeURIComponent(id)}${rest}`;

export class Evaluations {
  readonly #auth: Auth;
  readonly shares: Shares;
  readonly feedback: FeedbackOf;

  constructor(auth: Auth) {
    this.#auth = auth;
    this.shares = new Shares(auth);
    this.feedback = new FeedbackOf(auth);
  }

  /** With an idempotency key a repeat within a day answers the same evaluation. */
  create(
    body: t.CreateEvaluation,
    options: { idempotencyKey?: string } = {},
  ): Promise<t.Evaluation> {
    const key = options.idempotencyKey;
    const headers = key === undefined ? {} : { "Idempotency-Key": key };
    return this.#auth.json("POST", "/evaluations", { body, headers });
  }

  list(query: t.ListQuery = {}): Promise<t.EvaluationList> {
    return this.#auth.json("GET", "/evaluations", { query: { ...query } });
  }

  get(id: t.Id): Promise<t.Evaluation> {
    return this.#auth.json("GET", path(id));
  }

  /** Changes name, tags and notes; what is left out stays. */
  annotate(id: t.Id, changes: t.Annotate): Promise<t.Annotations> {
    return this.#auth.json("PATCH", path(id), { body: changes });
  }

  /** A page of up to `limit` (1..50) runs, the newest first. */
  runs(id: t.Id, query: { limit?: number; cursor?: t.Id } = {}): Promise<t.RunPage> {
    return this.#auth.json("GET", path(id, "/runs"), { query });
  }

  /** Cancels a live run first. With `keepalive` it goes on where the page is left. */
  async remove(id: t.Id, options: { keepalive?: boolean } = {}): Promise<void> {
    await this.#auth.send("DELETE", path(id), options);
  }

  /** A repeat with the same `clientRequestId` is the same run. */
  start(id: t.Id, clientRequestId?: string): Promise<t.Started> {
    const body = clientRequestId === undefined ? {} : { client_request_id: clientRequestId };
    return this.#auth.json("POST", path(id, "/start"), { body });
  }

  cancel(id: t.Id): Promise<t.Cancelling> {
    return this.#auth.json("POST", path(id, "/cancel"));
  }

  /** A stretch of the log: up to `limit` (1..500) events behind `afterSeq`. */
  events(id: t.Id, query: { afterSeq?: number; limit?: number } = {}): Promise<t.EventsPage> {
    const { afterSeq, limit } = query;
    return this.#auth.json("GET", path(id, "/events"), { query: { after_seq: afterSeq, limit } });
  }

  /** The log as `text/event-stream`: missed events behind the position, then live ones. @internal */
  async stream(
    id: t.Id,
    position: { epoch: string | undefined; lastSeq: number },
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    const { epoch, lastSeq } = position;
    if (epoch !== undefined && lastSeq > 0) headers["Last-Event-ID"] = `${epoch}:${lastSeq}`;
    const response = await this.#auth.send("GET", path(id, "/events"), { headers, signal });
    const kind = response.headers.get("content-type") ?? "";
    if (response.body === null || !kind.startsWith("text/event-stream")) {
      await response.body?.cancel();
      throw new AuditorError("bad_answer", "The server's answer is no event stream.", {
        status: response.status,
        retryable: true,
      });
    }
    return response.body;
  }

  /** What a run will take at most. */
  estimate(id: t.Id): Promise<t.Estimate> {
    return this.#auth.json("POST", path(id, "/estimate"));
  }

  /** The result as a file, with the name that the server proposes. */
  async export(id: t.Id, format: t.ExportFormat): Promise<{ name: string; blob: Blob }> {
    const accept = { Accept: "*/*" };
    const response = await this.#auth.send("GET", path(id, "/export"), {
      query: { format },
      headers: accept,
    });
    const disposition = response.headers.get("content-disposition") ?? "";
    const name = /filename="?([^";]+)"?/.exec(disposition)?.[1];
    try {
      const blob = await response.blob();
      return { name: name ?? `audit-${id.slice(0, 8)}.${format}`, blob };
    } catch (fault) {
      throw AuditorError.network(fault);
    }
  }
}

/** Links by which others read an evaluation without a login. */
class Shares {
  readonly #auth: Auth;

  constructor(auth: Auth) {
    this.#auth = auth;
  }

  /**
   * Its `url` is told only here. A week unless `expiresInS` (60 to 31,536,000) says otherwise. What was found in
   * collections is shown with `showDocuments` only.
   */
  async create(
    id: t.Id,
    options: { expiresInS?: number; showDocuments?: boolean } = {},
  ): Promise<t.NewShare> {
    const body = {
      ...(options.expiresInS !== undefined && { expires_in_s: options.expiresInS }),
      ...(options.showDocuments !== undefined && { show_documents: options.showDocuments }),
    };
    return this.#auth.json("POST", path(id, "/shares"), { body });
  }

  async list(id: t.Id): Promise<t.Share[]> {
    return items(await this.#auth.send("GET", path(id, "/shares")));
  }

  async revoke(id: t.Id, shareId: t.Id): Promise<void> {
    await this.#auth.send("DELETE", path(id, `/shares/${encodeURIComponent(shareId)}`));
  }
}

/** What people say of a result. */
class FeedbackOf {
  readonly #auth: Auth;

  constructor(auth: Auth) {
    this.#auth = auth;
  }

  create(id: t.Id, feedback: t.NewFeedback): Promise<t.Feedback> {
    return this.#auth.json("POST", path(id, "/feedback"), { body: feedback });
  }

  /** A page of up to `limit` (1..100) opinions, the oldest first. */
  list(id: t.Id, query: { limit?: number; cursor?: t.Id } = {}): Promise<t.FeedbackPage> {
    return this.#auth.json("GET", path(id, "/feedback"), { query });
  }

  async withdraw(id: t.Id, feedbackId: t.Id): Promise<void> {
    await this.#auth.send("DELETE", path(id, `/feedback/${encodeURIComponent(feedbackId)}`));
  }
}

export async function items<T>(response: Response): Promise<T[]> {
  return (await jsonOf<{ items: T[] }>(response)).items;
}
