// What an audit is made of: claims, judges, figures. Shared by REST and the socket.

/** UUID. */
export type Id = string;
/** RFC 3339, UTC, milliseconds. */
export type Timestamp = string;

/** Half-open, in UTF-16 code units: `text.slice(span.start, span.end)`. */
export interface Span {
  start: number;
  end: number;
}

export type Status = "pending" | "in_progress" | "completed" | "failed" | "cancelled";
export type Label = "SUPPORTED" | "REFUTED" | "NOT_ENOUGH_INFO";
export type ClaimType =
  | "factual"
  | "numerical"
  | "temporal"
  | "quotation"
  | "comparative"
  | "causal";
export type Severity = "low" | "medium" | "high" | "critical";
export type Reliability = "high" | "medium" | "low" | "unknown";
export type IssueType =
  | "factual_error"
  | "hallucination"
  | "unsupported_claim"
  | "temporal_inconsistency"
  | "numerical_error"
  | "bias"
  | "injection_suspected"
  | "citation_unknown"
  | "citation_mismatch"
  | "quote_stitched";
export type AggregationStrategy =
  | "weighted_average"
  | "mean"
  | "median"
  | "trimmed_mean"
  | "majority_vote";
export type JudgeStatus =
  | "completed"
  | "abstained"
  | "failed"
  | "timeout"
  | "rate_limited"
  | "unavailable";
/** Why a judge gave no usable answer. */
export type Failure =
  | "refused"
  | "malformed"
  | "truncated"
  | "timeout"
  | "rate_limited"
  | "quota"
  | "auth"
  | "overloaded"
  | "transport"
  | "rejected"
  | "budget"
  | "circuit_open"
  | "quarantined"
  | "cancelled"
  | "internal";
/** What went wrong in a run. */
export type RunErrorType =
  | "judge_timeout"
  | "judge_error"
  | "judge_rate_limited"
  | "retrieval_error"
  | "verification_error"
  | "all_judges_failed"
  | "storage_error"
  | "internal";

/** A statement of the candidate output; `span` lies in the candidate. */
export interface Claim {
  id: Id;
  index: number;
  text: string;
  type: ClaimType;
  span: Span;
}

/** Where a passage of a collection is from. */
export interface DocumentPlace {
  collection_id: Id;
  document_id: Id;
}

/** A passage that speaks for or against a claim. */
export interface Evidence {
  text: string;
  /** In the evaluation's source, or in the document that it comes from. */
  span: Span;
  /** `source_text`, the name of one of several sources, or the document's name. */
  source: string;
  /** Where it comes from a collection. */
  document?: DocumentPlace | null;
}

export interface Issue {
  type: IssueType;
  severity: Severity;
  description: string;
  /** In the candidate. */
  span?: Span | null;
  unmatched_quote?: string | null;
}

/** How likely each label is; the three sum to 1. */
export interface Probabilities {
  supported: number;
  refuted: number;
  not_enough_info: number;
}

export interface ClaimLabel {
  claim_id: Id;
  label: Label;
  confidence: number;
  probability?: Probabilities | null;
}

/** What one judge said of one claim. */
export interface JudgeOpinion {
  judge_name: string;
  label: Label;
  confidence: number;
  probability?: Probabilities | null;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd?: number | null;
}

/** Which prompt was sent. */
export interface PromptStamp {
  version: string;
  sha256: string;
}

/** The quotations of an answer, and how many of them the texts do not hold. */
export interface QuoteCheck {
  given: number;
  missing: number;
  lowered: number;
}

/** Scores with and without the sentences that speak to the judge. */
export interface SecondLook {
  with: number;
  without?: number | null;
  left_out: number;
}

/** The scores of a judge that was asked several times. */
export interface Repeats {
  scores: (number | null)[];
  standard_deviation?: number | null;
}

/** How a language model's answer came about. */
export interface JudgeDetails {
  prompt?: PromptStamp | null;
  quotes?: QuoteCheck | null;
  repaired?: boolean;
  second_look?: SecondLook | null;
  repeats?: Repeats | null;
  /** The age of the oldest answer that was not asked for again. */
  cached_age_ms?: number | null;
  /** The model that the provider says has answered. */
  answered_by?: string | null;
  /** Claims that it was to label and did not; absent where there is none. */
  unlabelled?: number;
  /** Its provider did not count tokens: `usage` is an estimate. */
  usage_estimated?: boolean;
}

/** What one judge said, or why it said nothing. */
export interface JudgeReport {
  judge_name: string;
  kind: string;
  model: string;
  status: JudgeStatus;
  score?: number | null;
  confidence?: number | null;
  reasoning: string;
  flagged_issues: Issue[];
  claim_verdicts: ClaimLabel[];
  response_time_ms: number;
  attempts: number;
  usage?: Usage | null;
  error?: string | null;
  failure?: Failure | null;
  details?: JudgeDetails | null;
}

export interface RunError {
  /** Whether the run ended with it. */
  fatal: boolean;
  error_type: RunErrorType;
  message: string;
  recovery_suggestions: string[];
  details?: Record<string, unknown> | null;
}

export interface ConfidenceInterval {
  level: number;
  lower: number;
  upper: number;
  method: string;
  n: number;
  /** How many independent judges they are worth. */
  n_effective?: number | null;
}

export interface Agreement {
  raw?: number | null;
  fleiss_kappa?: number | null;
  krippendorff_alpha?: number | null;
  gwet_ac1?: number | null;
  items: number;
  raters: number;
  interpretation?: string | null;
  undefined_because?: string | null;
}

export interface ScoreStatistics {
  variance?: number | null;
  standard_deviation?: number | null;
  mean: number;
  median: number;
  min: number;
  max: number;
  q1: number;
  q3: number;
}

/** Shares 0..1 that the hallucination score is made of; `verification` is null without claims. */
export interface HallucinationComponents {
  inverse_consensus: number;
  verification?: number | null;
  issues: number;
  confidence: number;
}

export type InjectionPlace = "candidate" | "source" | "question" | "document";
export type InjectionKind =
  | "instruction_to_evaluator"
  | "persuasion"
  | "fake_completion"
  | "our_schema"
  | "role_tags"
  | "hidden_text"
  | "encoded_run"
  | "disguised";

export interface InjectionSign {
  place: InjectionPlace;
  kind: InjectionKind;
  span: Span;
  excerpt: string;
  /** Its name, where the place is one. */
  document?: string | null;
}

export interface InjectionFindings {
  signs: InjectionSign[];
  total: number;
}

/** The language models' mean beside that of the offline judges. */
export interface OfflineComparison {
  offline_mean: number;
  model_mean: number;
  gap: number;
  large: boolean;
  offline_judges: number;
  run_for_comparison: boolean;
  note?: string | null;
}

/** What a calibration to the operator's own labels makes of a result: `faithfulness` is the calibrated one then. */
export interface Calibrated {
  name: string;
  /** Labels that it was fitted on. */
  labels: number;
  created_at: Timestamp;
  hash: string;
  /** Before the calibration: the probability that the source supports every claim, 0..1. */
  raw_probability?: number | null;
  raw_hallucination_score: number;
  /** The chance in percent that not all is supported, by the labels. */
  hallucination_score: number;
  threshold: number;
  /** At the threshold or over it. */
  flagged: boolean;
}

/** Whether there was anything to check: an output may hold no claim. */
export type Outcome = "checked" | "nothing_to_check";

/** Whether the source supports every claim of the output. */
export interface Faithfulness {
  /** The calibrated probability that it does, 0..1. */
  probability: number;
  /** `probability` is below `threshold`. */
  flagged: boolean;
  threshold: number;
  /** What it was calibrated on. */
  basis: string;
  /** How sure the probability itself is; absent in results of earlier versions. */
  interval?: ProbabilityInterval | null;
}

/** Where a probability lies, as far as its calibration can tell. */
export interface ProbabilityInterval {
  /** 0.95. */
  level: number;
  lower: number;
  upper: number;
  /** `texts`: how far kinds of text differ. `labels`: how far the labels of the operator's calibration settle it. */
  method: string;
}

/** A part of the output that states nothing. */
export interface NonClaim {
  /** In the candidate. */
  span: Span;
  /** What it is instead, such as `heading`, `question`, `courtesy`, `abstention`. */
  reason: string;
}

/** A citation, and what the source that it names says of the claim by itself. */
export interface CheckedCitation {
  claim_id?: Id | null;
  /** In the candidate. */
  span: Span;
  /** Null where it names none. */
  source?: string | null;
  label?: Label | null;
  confidence?: number | null;
}

export interface CitationFindings {
  items: CheckedCitation[];
  total: number;
  issues: Issue[];
}

/** A share's interval, 0..1. */
export interface Proportion {
  lower: number;
  upper: number;
}

export interface ClaimCounts {
  total: number;
  supported: number;
  refuted: number;
  not_enough_info: number;
  supported_interval?: Proportion | null;
}

export interface JudgeCounts {
  requested: number;
  completed: number;
  failed: number;
}

/** All figures of a run. */
export interface AuditResult {
  /** Absent in results of the first release: `checked`. */
  outcome?: Outcome;
  /** Why there was nothing to check: `abstained` or `no_claim`. */
  outcome_reason?: string | null;
  faithfulness?: Faithfulness | null;
  /** Null, as the other figures of the scores, where there was nothing to check. */
  consensus_score?: number | null;
  hallucination_score?: number | null;
  hallucination_components?: HallucinationComponents | null;
  hallucination_breakdown: Partial<Record<IssueType, number>>;
  confidence_interval?: ConfidenceInterval | null;
  confidence_interval_reason?: string | null;
  inter_judge_agreement?: number | null;
  agreement: Agreement;
  statistics?: ScoreStatistics | null;
  mean_confidence?: number | null;
  claims: ClaimCounts;
  non_claims?: NonClaim[];
  judges: JudgeCounts;
  aggregation_strategy: AggregationStrategy;
  reliability: Reliability;
  reliability_reasons: string[];
  /** No tokens where only judges in the program were asked; absent in results of earlier versions. */
  usage?: Usage | null;
  injection?: InjectionFindings | null;
  /** The output's citations and quotations, where there are any. */
  citations?: CitationFindings | null;
  offline_comparison?: OfflineComparison | null;
  /** Where the server has a calibration for these judges; `hallucination_score` is the raw one. */
  calibration?: Calibrated | null;
}
