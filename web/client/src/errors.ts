// Everything that goes wrong is one class, whether REST, the socket or the network says it.

import type { CommandError, FieldError, Problem } from "./types.js";

/** Codes of the server. */
export type ServerErrorCode =
  | "bad_request"
  | "unknown_type"
  | "validation"
  | "payload_too_large"
  | "unauthenticated"
  | "invalid_credentials"
  | "registration_closed"
  | "username_taken"
  | "email_taken"
  | "forbidden"
  | "not_found"
  | "not_joined"
  | "evaluation_in_progress"
  | "not_running"
  | "limit_exceeded"
  | "token_expired"
  | "rate_limited"
  | "overloaded"
  | "draining"
  | "internal";

/** Codes of the client itself: no answer, one that is not of the contract, nobody logged in. */
export type ClientErrorCode = "network" | "bad_answer" | "signed_out";

export type ErrorCode = ServerErrorCode | ClientErrorCode;

const RETRYABLE: ReadonlySet<string> = new Set(["rate_limited", "overloaded", "draining", "internal"]);

interface Parts {
  status?: number;
  retryable?: boolean;
  retryAfterMs?: number | undefined;
  errors?: FieldError[] | undefined;
  requestId?: string | undefined;
  recoverySuggestions?: string[] | undefined;
  details?: Record<string, unknown> | undefined;
  cause?: unknown;
}

export class AuditorError extends Error {
  override readonly name = "AuditorError";
  /** HTTP status; 0 where there was no HTTP answer. */
  readonly status: number;
  /** Whether the same can succeed later. */
  readonly retryable: boolean;
  /** When to try again, where the server says so. */
  readonly retryAfterMs: number | undefined;
  /** Each value that is not allowed, for `validation`. */
  readonly errors: FieldError[];
  /** Names the request in the server's log. */
  readonly requestId: string | undefined;
  /** What a person can do. */
  readonly recoverySuggestions: string[];
  /** Machine-readable facts, such as the `run_id` of the run in progress. */
  readonly details: Record<string, unknown>;

  constructor(
    /** A code of the server as it came, also one that this version does not know. */
    readonly code: ErrorCode | (string & {}),
    message: string,
    parts: Parts = {},
  ) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.status = parts.status ?? 0;
    this.retryable = parts.retryable ?? RETRYABLE.has(code);
    this.retryAfterMs = parts.retryAfterMs;
    this.errors = parts.errors ?? [];
    this.requestId = parts.requestId;
    this.recoverySuggestions = parts.recoverySuggestions ?? [];
    this.details = parts.details ?? {};
  }

  /** No answer: the network or the server is away. */
  static network(cause?: unknown): AuditorError {
    return new AuditorError("network", "The server can't be reached.", { retryable: true, cause });
  }

  static signedOut(): AuditorError {
    return new AuditorError("signed_out", "Nobody is logged in.", { status: 401 });
  }

  /** Of an error on the socket or the event stream. */
  static ofCommand(error: CommandError): AuditorError {
    return new AuditorError(error.code, error.message, {
      retryable: error.retryable,
      retryAfterMs: error.retry_after_ms,
      recoverySuggestions: error.recovery_suggestions,
      details: error.details,
    });
  }

  /** Of an HTTP answer that is no success. */
  static async ofResponse(response: Response): Promise<AuditorError> {
    const requestId = response.headers.get("x-request-id") ?? undefined;
    const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
    const parts: Parts = {
      status: response.status,
      retryAfterMs: retryAfter(response.headers.get("retry-after")),
      requestId: problem?.request_id ?? requestId,
    };
    if (typeof problem?.code !== "string") {
      // A proxy between answers in its own words.
      const retryable = response.status === 429 || response.status >= 500;
      const message = `The server answered with status ${response.status}.`;
      return new AuditorError("bad_answer", message, { ...parts, retryable });
    }
    if (problem.run_id) parts.details = { run_id: problem.run_id };
    const message = problem.detail ?? problem.title ?? problem.code;
    return new AuditorError(problem.code, message, { ...parts, errors: problem.errors });
  }
}

/** The header in milliseconds; only the form in seconds, which the server uses. */
function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) * 1000 : undefined;
}

/** Whatever was thrown, as an error of this class. */
export function asAuditorError(thrown: unknown): AuditorError {
  return thrown instanceof AuditorError ? thrown : AuditorError.network(thrown);
}
