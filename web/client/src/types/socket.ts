// Messages of the socket, and of the event stream, which sends the same ones.

import type { CheckView, ClaimView } from "./rest.js";
import type {
  Claim,
  Evidence,
  Id,
  JudgeReport,
  Label,
  AuditResult,
  Probabilities,
  RunError,
  Status,
  Timestamp,
  JudgeOpinion,
} from "./audit.js";

/** Begins to check an answer while it is written, or takes it up where it stands. */
export interface BeginCheck {
  /** The client's own name for it. */
  check_id: string;
  source_text?: string;
  question?: string | null;
  judges?: string[] | null;
  /** For the check of the whole, 50..8000; 300 if absent. */
  budget_ms?: number | null;
  threshold?: number | null;
  accept_missing?: boolean;
}

export interface AddToCheck {
  check_id: string;
  /** From 0; one that has come before changes nothing. */
  piece: number;
  text?: string;
  part?: Part;
  /** The candidate ends with it. */
  last?: boolean;
}

export type Part = "source" | "candidate";

export interface CheckProgress {
  check_id: string;
  next_piece: number;
  /** Those that were decided with this piece; all up to now after `begin_check`. */
  claims: ClaimView[];
  /** The check of the whole, once its last piece has come. */
  result?: CheckView | null;
}

export type Stage =
  | "queued"
  | "claim_extraction"
  | "retrieval"
  | "verification"
  | "judging"
  | "aggregation";

export interface EvaluationProgress {
  stage: Stage;
  /** Of the whole run, 0..100; never falls. */
  progress: number;
  /** Of this stage, 0..100. */
  stage_progress: number;
  message: string;
}

export interface ClaimVerdict {
  claim: Claim;
  label: Label;
  confidence: number;
  /** Absent in logs of the first release. */
  probability?: Probabilities;
  evidence: Evidence[];
  reasoning: string;
  /** Claims decided so far, this one included. */
  completed: number;
  total: number;
}

/** The panel decided a claim otherwise than the verifier. */
export interface ClaimRevised {
  claim_id: Id;
  index: number;
  label: Label;
  confidence: number;
  probability: Probabilities;
  previous_label: Label;
  /** What each judge with a view of the claim said. */
  views: JudgeOpinion[];
}

export interface EvaluationComplete {
  result: AuditResult;
  /** A judge failed, or verification could not be done. */
  degraded: boolean;
  processing_time_ms: number;
}

export type CancelReason = "user" | "deadline" | "deleted";

export interface EvaluationCancelled {
  reason: CancelReason;
}

export interface EventData {
  evaluation_progress: EvaluationProgress;
  claim_verdict: ClaimVerdict;
  claim_revised: ClaimRevised;
  judge_result: JudgeReport;
  evaluation_complete: EvaluationComplete;
  evaluation_error: RunError;
  evaluation_cancelled: EvaluationCancelled;
}

export type EventType = keyof EventData;

/** An event of a session's log: `seq` counts 1, 2, 3… over all its runs. */
export type EventOf<Type extends EventType> = {
  type: Type;
  session_id: Id;
  run_id: Id;
  /** The incarnation of the log. */
  epoch: string;
  seq: number;
  ts: Timestamp;
  data: EventData[Type];
};

export type SessionEvent = { [Type in EventType]: EventOf<Type> }[EventType];

export interface WelcomeUser {
  id: Id;
  username: string;
}

export interface WelcomeLimits {
  max_message_bytes: number;
  max_sessions: number;
  commands_per_second: number;
  replay: number;
}

export interface WelcomeHeartbeat {
  interval_ms: number;
  timeout_ms: number;
}

export interface WelcomeReconnect {
  min_ms: number;
  max_ms: number;
  jitter: "full";
}

export interface Welcome {
  connection_id: Id;
  user: WelcomeUser;
  /** Null for an API key that has no end. */
  token_expires_at: Timestamp | null;
  server_time: Timestamp;
  limits: WelcomeLimits;
  heartbeat: WelcomeHeartbeat;
  reconnect: WelcomeReconnect;
}

export type NotRecovered = "epoch_mismatch" | "too_far_behind" | "future_position";

export interface SessionJoined {
  session_id: Id;
  status: Status;
  epoch: string;
  last_seq: number;
  /** Whether everything missed follows. */
  recovered: boolean;
  reason?: NotRecovered;
  /** Connections in the session, this one included. */
  members: number;
}

export interface CommandError {
  code: string;
  message: string;
  retryable: boolean;
  retry_after_ms?: number;
  details?: Record<string, unknown>;
  recovery_suggestions?: string[];
}

export interface ReplyData {
  welcome: Welcome;
  session_joined: SessionJoined;
  session_left: { session_id: Id };
  evaluation_started: { session_id: Id; run_id: Id };
  evaluation_cancelling: { session_id: Id; run_id: Id };
  check_progress: CheckProgress;
  pong: Record<string, unknown>;
}

export type Reply = {
  [Type in keyof ReplyData]: { type: Type; id?: string; data: ReplyData[Type] };
}[keyof ReplyData];

export interface ErrorReply {
  type: "error";
  id?: string;
  error: CommandError;
}

export interface TokenExpiring {
  expires_at: Timestamp;
}

export interface Drain {
  reconnect_after_ms: number;
  deadline_ms: number;
}

export interface SessionClosed {
  session_id: Id;
  reason: string;
}

export interface ControlData {
  token_expiring: TokenExpiring;
  drain: Drain;
  session_closed: SessionClosed;
  heartbeat: Record<string, never>;
}

export type Control = {
  [Type in keyof ControlData]: { type: Type; data: ControlData[Type] };
}[keyof ControlData];

export type ServerMessage = SessionEvent | Reply | ErrorReply | Control;

/** Each command with its data and the reply that it gets. */
export interface Commands {
  authenticate: { data: { token: string }; reply: "welcome" };
  join_session: {
    data: { session_id: Id; epoch?: string; last_seq?: number };
    reply: "session_joined";
  };
  leave_session: { data: { session_id: Id }; reply: "session_left" };
  start_evaluation: {
    data: { session_id: Id; client_request_id?: string };
    reply: "evaluation_started";
  };
  cancel_evaluation: { data: { session_id: Id }; reply: "evaluation_cancelling" };
  begin_check: { data: BeginCheck; reply: "check_progress" };
  add_to_check: { data: AddToCheck; reply: "check_progress" };
  ping: { data?: Record<string, unknown>; reply: "pong" };
}

export type Command = {
  [Type in keyof Commands]: { type: Type; id?: string } & Pick<Commands[Type], "data">;
}[keyof Commands];
