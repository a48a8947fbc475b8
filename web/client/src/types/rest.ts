// Bodies and answers of REST.

import type {
  AggregationStrategy,
  AuditResult,
  Claim,
  Evidence,
  Faithfulness,
  Id,
  JudgeReport,
  JudgeOpinion,
  JudgeStatus,
  Label,
  NonClaim,
  Probabilities,
  RunError,
  Span,
  Status,
  Timestamp,
} from "./audit.js";
import type { SessionEvent } from "./socket.js";

/** An answer to be checked within a time. */
export interface CheckRequest {
  /** This, or `sources`. */
  source_text?: string;
  sources?: SourceText[];
  candidate_output: string;
  question?: string | null;
  /** The server's default ones where none is named. */
  judges?: string[] | null;
  /** 50..60000; 300 if absent. */
  budget_ms?: number | null;
  /** Below this chance an answer is flagged, 0..1. */
  threshold?: number | null;
  /** Keep it as an evaluation, whose run goes on. */
  keep?: boolean;
  /** Whether an answer may pass although judges that ask others were not heard. */
  accept_missing?: boolean;
}

export type GuardVerdict = "pass" | "flag" | "nothing_to_check";

export type GuardReason = "below_threshold" | "not_heard" | "no_score";

export interface CheckedJudge {
  name: string;
  status: JudgeStatus;
  score: number | null;
  response_time_ms: number;
  error?: string | null;
}

export interface StampedJudge {
  name: string;
  kind: string;
  model: string;
  answered_by?: string | null;
  rubric?: string | null;
}

/** Which panel a result is from: results of two panels are measured with two rulers. */
export interface PanelStamp {
  fingerprint: string;
  release: string;
  neural: boolean;
  judges: StampedJudge[];
  calibration?: string | null;
}

/** What is known of an answer when its time is over. */
export interface CheckView {
  verdict: GuardVerdict;
  /** Why it is flagged. */
  reasons: GuardReason[];
  outcome_reason?: string | null;
  faithfulness: Faithfulness | null;
  threshold: number;
  claims: ClaimView[];
  non_claims: NonClaim[];
  judges: CheckedJudge[];
  /** Judges without an answer. */
  missing: string[];
  panel: PanelStamp;
  took_ms: number;
  evaluation_id?: Id | null;
}

export interface User {
  id: Id;
  username: string;
  email: string;
  created_at: Timestamp;
}

export interface Registration {
  /** 3..64 of `[A-Za-z0-9_.-]`. */
  username: string;
  email: string;
  /** 10..256 characters, and none of the most used. */
  password: string;
}

export interface Credentials {
  username: string;
  password: string;
}

/** The part of a create's config that may be left to the preferences and to the server. */
export interface ConfigRequest {
  judges?: string[];
  enable_retrieval?: boolean;
  /** One of the user's own, whose passages count beside the source; needs retrieval. */
  collection_id?: Id | null;
  aggregation_strategy?: AggregationStrategy;
  /** 1,000..3,600,000. */
  deadline_ms?: number;
  /** Scores that a run needs, 1..32. */
  quorum?: number;
}

/** One of several sources. */
export interface SourceText {
  name: string;
  text: string;
}

/** One of several sources, and where it stands in `source_text`. */
export interface NamedSource {
  name: string;
  span: Span;
}

/** A citation of a claim. */
export interface Citation {
  /** In the candidate. */
  span: Span;
  /** Null where it names none. */
  source?: string | null;
}

export interface CreateEvaluation {
  /** This, or `sources`. */
  source_text?: string;
  sources?: SourceText[];
  candidate_output: string;
  question?: string | null;
  config?: ConfigRequest;
  start?: boolean;
}

export interface EvaluationConfig {
  judges: string[];
  enable_retrieval: boolean;
  collection_id?: Id | null;
  aggregation_strategy: AggregationStrategy;
  deadline_ms: number;
  quorum?: number;
}

/** A claim with its decision, which is null while there is none. */
export interface ClaimView extends Claim {
  label?: Label | null;
  confidence?: number | null;
  probability?: Probabilities | null;
  /** What the verifier decided, before the judges were heard. */
  verifier_label?: Label | null;
  /** What each judge with a view of the claim said. */
  views?: JudgeOpinion[];
  evidence: Evidence[];
  reasoning?: string | null;
  citations?: Citation[];
}

/** An evaluation with all that is known of its last run, read in one moment of its log. */
export interface Evaluation {
  id: Id;
  status: Status;
  source_text: string;
  /** Where several sources were sent. A span of evidence counts within the source that it names. */
  sources?: NamedSource[];
  candidate_output: string;
  question?: string | null;
  config: EvaluationConfig;
  created_at: Timestamp;
  started_at?: Timestamp | null;
  completed_at?: Timestamp | null;
  run_id?: Id | null;
  epoch: string;
  last_seq: number;
  result?: AuditResult | null;
  claims: ClaimView[];
  judges: JudgeReport[];
  error?: RunError | null;
  name?: string | null;
  /** Sorted. */
  tags?: string[];
  notes?: string | null;
}

/** How many claims have each label. */
export interface ClaimTotals {
  supported: number;
  refuted: number;
  not_enough_info: number;
}

/** What is left out stays; null takes a name or notes away. */
export interface Annotate {
  /** 1..200 characters. */
  name?: string | null;
  /** All of them: up to 20 of up to 50 characters. */
  tags?: string[];
  /** 1..10,000 characters. */
  notes?: string | null;
}

/** What the owner has added to an evaluation. */
export interface Annotations {
  name: string | null;
  tags: string[];
  notes: string | null;
}

/** A tag, and how many evaluations have it. */
export interface Tag {
  tag: string;
  evaluations: number;
}

/** A run of an evaluation. */
export interface Run {
  id: Id;
  status: Status;
  started_at: Timestamp;
  completed_at: Timestamp | null;
  probability: number | null;
  consensus_score: number | null;
  hallucination_score: number | null;
  claims: ClaimTotals | null;
  error: string | null;
}

export interface RunPage {
  /** The newest first. */
  items: Run[];
  next_cursor: Id | null;
}

/** An evaluation in a list: previews of 160 characters for the texts. */
export interface EvaluationSummary {
  id: Id;
  status: Status;
  source_preview: string;
  candidate_preview: string;
  question?: string | null;
  config: EvaluationConfig;
  created_at: Timestamp;
  started_at?: Timestamp | null;
  completed_at?: Timestamp | null;
  run_id?: Id | null;
  consensus_score?: number | null;
  hallucination_score?: number | null;
  /** That all of the output holds. */
  probability?: number | null;
  claims?: ClaimTotals | null;
  /** US dollars. */
  cost_usd?: number | null;
  name?: string | null;
  /** Sorted. */
  tags?: string[];
  epoch: string;
  last_seq: number;
}

export type SortKey = "created_at" | "consensus_score" | "hallucination_score" | "probability";
export type Order = "desc" | "asc";

export interface ListQuery {
  /** 1..100, 20 if absent. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string;
  status?: Status;
  /** Text in source, candidate, question, name, notes or a tag. */
  q?: string;
  tag?: string;
  min_score?: number;
  max_score?: number;
  created_after?: Timestamp;
  created_before?: Timestamp;
  sort?: SortKey;
  order?: Order;
}

export interface EvaluationList {
  items: EvaluationSummary[];
  next_cursor?: string | null;
}

/** A stretch of a session's log. */
export interface EventsPage {
  epoch: string;
  events: SessionEvent[];
  last_seq: number;
}

export interface Started {
  session_id: Id;
  run_id: Id;
  status: Status;
  websocket_url: string;
}

export interface Cancelling {
  session_id: Id;
  run_id: Id;
}

/** What a run will take at most. */
export interface Estimate {
  judges: JudgeEstimate[];
  calls: number;
  prompt_tokens: number;
  max_completion_tokens: number;
  cost_usd?: number | null;
  /** Whether every budget and context window has room for it. */
  fits: boolean;
  reasons: string[];
}

export interface JudgeEstimate {
  judge_name: string;
  model: string;
  calls: number;
  prompt_tokens: number;
  max_completion_tokens: number;
  cost_usd?: number | null;
}

export interface JudgeInfo {
  name: string;
  kind: string;
  model: string;
  offline: boolean;
  /** What it does, in one plain line. */
  description: string;
  /** Of its circuit. */
  state: "closed" | "open" | "half_open";
  /** Whether it is asked where nobody names judges. */
  default?: boolean;
}

export type Theme = "system" | "light" | "dark";

/** What is left out is the server's to choose. */
export interface Preferences extends ConfigRequest {
  /** `system` if absent. */
  theme?: Theme;
}

export interface UsageDay {
  /** UTC, `YYYY-MM-DD`. */
  day: string;
  calls: number;
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd: number;
}

/** Absent or null: no such limit. */
export interface Budget {
  run_tokens?: number | null;
  run_usd?: number | null;
  user_day_tokens?: number | null;
  user_day_usd?: number | null;
  left_today_tokens?: number | null;
  left_today_usd?: number | null;
  /** Of the API key that was asked about. */
  key_day_tokens?: number | null;
  key_day_usd?: number | null;
  key_left_today_tokens?: number | null;
  key_left_today_usd?: number | null;
}

export interface UsageReport {
  items: UsageDay[];
  today: UsageDay;
  budget: Budget;
}

/** How many evaluations were made, and how they ended. */
export interface EvaluationCounts {
  total: number;
  completed: number;
  failed: number;
  cancelled: number;
}

export interface DayFigures {
  day: string;
  evaluations: number;
  mean_consensus_score?: number | null;
  mean_hallucination_score?: number | null;
  mean_probability?: number | null;
  claims?: ClaimTotals;
}

/** How often two judges label a claim differently. */
export interface Disagreement {
  judges: [string, string];
  claims: number;
  disagreed: number;
  share?: number | null;
}

export interface JudgeDay {
  day: string;
  results: number;
  mean_score?: number | null;
}

export interface Statistics {
  days: number;
  /** First and last day, UTC, `YYYY-MM-DD`. */
  from: string;
  to: string;
  evaluations: EvaluationCounts;
  mean_consensus_score?: number | null;
  mean_hallucination_score?: number | null;
  mean_probability?: number | null;
  claims?: ClaimTotals;
  /** Days with evaluations, the oldest first. */
  by_day: DayFigures[];
  by_judge: JudgeFigures[];
  /** How many of the newest evaluations with a result the next two look at. */
  compared?: number;
  disagreements: Disagreement[];
  mean_agreement?: number | null;
}

export interface JudgeFigures {
  judge_name: string;
  kind: string;
  results: number;
  completed: number;
  failed: number;
  abstained: number;
  mean_score?: number | null;
  mean_confidence?: number | null;
  mean_response_time_ms?: number | null;
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd?: number | null;
  by_day: JudgeDay[];
}

/** What a key may do; each holds the ones before it. */
export type Scope = "read" | "audit" | "manage";

export interface CreateKey {
  name: string;
  scopes: Scope[];
  /** Without it the key lasts until it is revoked. */
  expires_in_s?: number;
  /** The networks that it may come from, such as `192.0.2.0/24`; without any from anywhere. */
  addresses?: string[];
  /** US dollars that what it starts may cost on one day (UTC), within the account's budget. */
  day_usd?: number;
  /** Tokens that what it starts may use on one day (UTC). */
  day_tokens?: number;
  /** Requests a minute with it: calls, opened connections, and commands of the socket. */
  per_minute?: number;
}

export interface ApiKey {
  id: Id;
  name: string;
  /** How it begins. */
  prefix: string;
  scopes: Scope[];
  addresses: string[];
  created_at: Timestamp;
  expires_at?: Timestamp | null;
  /** To the minute. */
  last_used_at?: Timestamp | null;
  /** Null: what the account has. */
  day_usd?: number | null;
  day_tokens?: number | null;
  /** Null: what the account's limits allow. */
  per_minute?: number | null;
}

/** `key` is told only when the key is made. */
export interface NewApiKey extends ApiKey {
  key: string;
}

export interface Share {
  id: Id;
  created_at: Timestamp;
  expires_at: Timestamp;
  /** Whether it shows what was found in the owner's collections. */
  show_documents: boolean;
}

/** `url` is told only when the share is made. */
export interface NewShare extends Share {
  url: string;
}

/** What a share link shows: nothing says whose it is. */
export type SharedEvaluation = Pick<
  Evaluation,
  | "status"
  | "source_text"
  | "sources"
  | "candidate_output"
  | "question"
  | "config"
  | "created_at"
  | "started_at"
  | "completed_at"
  | "result"
  | "claims"
  | "judges"
> & {
  /** True where documents of the owner's took part that the link does not show, nor words that may quote them. */
  documents_withheld: boolean;
};

/** Exactly one of `label` and `score`. */
export interface NewFeedback {
  /** Null: the whole. */
  claim_id: Id | null;
  label?: Label;
  score?: number;
  /** Up to 4,000 characters. */
  comment?: string;
}

export interface Feedback {
  id: Id;
  claim_id: Id | null;
  label: Label | null;
  score: number | null;
  comment: string | null;
  created_at: Timestamp;
}

export interface FeedbackPage {
  items: Feedback[];
  /** Null on the last page. */
  next_cursor: Id | null;
}

export type ExportFormat = "json" | "csv" | "html" | "pdf";

/** RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  errors?: FieldError[];
  run_id?: Id | null;
}

export interface FieldError {
  /** JSON pointer into the body, such as `/config/judges/0`. */
  pointer: string;
  detail: string;
}

/** Documents of a user's own. */
export interface Collection {
  id: Id;
  name: string;
  created_at: Timestamp;
  documents: number;
  passages: number;
  chars: number;
}

export interface CollectionDocument {
  id: Id;
  collection_id: Id;
  name: string;
  media_type: string;
  chars: number;
  passages: number;
  created_at: Timestamp;
}

export interface CollectionDocumentText extends CollectionDocument {
  text: string;
}

/** A passage that a search found, the best first. */
export interface FoundPassage {
  document_id: Id;
  document_name: string;
  text: string;
  /** In the document's text. */
  span: Span;
  score: number;
}

export type DocumentMediaType = "text/plain" | "text/markdown" | "text/html" | "application/pdf";

export interface PageQuery {
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string;
}

export interface PageOf<Item> {
  items: Item[];
  next_cursor?: string | null;
}
