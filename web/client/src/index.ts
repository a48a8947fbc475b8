import type { AuditorError } from "./errors.js";
import type { ClientOptions, ConnectionState, Follow, FollowOptions } from "./options.js";
import type * as t from "./types.js";

export type * from "./types.js";
export type * from "./options.js";
export { AuditorError, type ClientErrorCode, type ErrorCode, type ServerErrorCode } from "./errors.js";

// SIGNATURES ONLY FOR NOW: the implementation follows with exactly these.
export declare class AuditorClient {
  constructor(options?: ClientOptions);
  readonly auth: {
    readonly user: t.User | null;
    /** Makes the account; logging in is the next step. */
    register(registration: t.Registration): Promise<t.User>;
    login(credentials: t.Credentials): Promise<t.User>;
    /** Cookie mode: the login of an earlier page load, if it still stands. */
    resume(): Promise<t.User | null>;
    logout(): Promise<void>;
    changePassword(current: string, next: string): Promise<void>;
    /** Called when the login ends, also when the server ended it. Returns how to stop listening. */
    onSignedOut(listener: (error: AuditorError | null) => void): () => void;
  };
  readonly evaluations: {
    create(body: t.CreateEvaluation, options?: { idempotencyKey?: string }): Promise<t.Evaluation>;
    list(query?: t.ListQuery): Promise<t.EvaluationList>;
    get(id: t.Id): Promise<t.Evaluation>;
    remove(id: t.Id): Promise<void>;
    start(id: t.Id, clientRequestId?: string): Promise<t.Started>;
    cancel(id: t.Id): Promise<t.Cancelling>;
    events(id: t.Id, query?: { afterSeq?: number; limit?: number }): Promise<t.EventsPage>;
    estimate(id: t.Id): Promise<t.Estimate>;
    export(id: t.Id, format: t.ExportFormat): Promise<{ name: string; blob: Blob }>;
    readonly shares: {
      create(id: t.Id, options?: { expiresInS?: number }): Promise<t.NewShare>;
      list(id: t.Id): Promise<t.Share[]>;
      revoke(id: t.Id, shareId: t.Id): Promise<void>;
    };
    readonly feedback: {
      create(id: t.Id, feedback: t.NewFeedback): Promise<t.Feedback>;
      list(id: t.Id): Promise<t.Feedback[]>;
    };
  };
  readonly preferences: {
    get(): Promise<t.Preferences>;
    put(preferences: t.Preferences): Promise<t.Preferences>;
  };
  readonly connection: {
    readonly state: ConnectionState;
    /** Called with each new state. Returns how to stop listening. */
    onState(listener: (state: ConnectionState) => void): () => void;
    /** Tries now, also after `refused`. */
    retry(): void;
  };
  judges(): Promise<t.JudgeInfo[]>;
  statistics(days?: number): Promise<t.Statistics>;
  usage(days?: number): Promise<t.UsageReport>;
  /** What a share link leads to; needs no login. */
  shared(token: string): Promise<t.SharedEvaluation>;
  follow(sessionId: t.Id, options: FollowOptions): Follow;
  /** Over the socket when it is there, else by REST; a repeat with the same id is the same run. */
  start(sessionId: t.Id, clientRequestId?: string): Promise<{ session_id: t.Id; run_id: t.Id }>;
  cancel(sessionId: t.Id): Promise<t.Cancelling>;
  /** Ends the connection and all follows; the login stays. */
  close(): void;
}
