"""What the server answers and sends, made of its OpenAPI and AsyncAPI documents by tools/make_models.py.

Members that a later release adds are kept, and so are values of a list that this one does not know.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from typing_extensions import TypedDict


class Model(BaseModel):
    """Can be read by the names of its members, and not be changed."""

    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=(), populate_by_name=True)


class AnnotationsView(Model):
    """The name, the tags and the notes that the owner gave an evaluation."""

    name: str | None = None
    """The evaluation's name."""
    notes: str | None = None
    """Notes in free text."""
    tags: list[str]
    """The tags, sorted."""


CancelReason = Literal["user", "deadline", "deleted"] | str
"""The reason why a run was cancelled."""


class Cancelled(Model):
    """`evaluation_cancelled`."""

    reason: CancelReason
    """The reason why the run was cancelled."""


Id = str


class Cancelling(Model):
    """The answer to a cancellation."""

    run_id: Id
    """The id of the run that is being cancelled."""
    session_id: Id
    """The id of the evaluation."""


JudgeStatus = Literal["completed", "abstained", "failed", "timeout", "rate_limited", "unavailable"] | str
"""The outcome of asking a judge; only `completed` comes with a score."""


class CheckedJudge(Model):
    """The outcome of asking one judge."""

    error: str | None = None
    """The error in words; null unless the judge failed."""
    name: str
    """The judge's configured name."""
    response_time_ms: int
    """The time from the request to the answer in milliseconds."""
    score: float | None = None
    """The judge's score, from 0 (no claim holds) to 100 (all hold); null unless the judge completed."""
    status: JudgeStatus
    """The outcome; `timeout` if the judge did not answer in time."""


class Span(Model):
    """A half-open range of a stored text, counted in UTF-16 code units, as a browser's `slice` counts."""

    end: int
    """The position after the last code unit."""
    start: int
    """The position of the first code unit."""


class Citation(Model):
    """A citation of a claim."""

    source: str | None = None
    """The name of the cited source; null if the mark names none of the sources."""
    span: Span
    """The position of the citation's mark in the output."""


ClaimType = Literal["factual", "numerical", "temporal", "quotation", "comparative", "causal"] | str
"""The kind of fact that a claim mainly rests on."""


class Claim(Model):
    """One claim of a run: a part of the output that can be checked."""

    id: Id
    """The claim's id, unique among the claims of all runs."""
    index: int
    """The claim's position in the order of the output, from 0."""
    span: Span
    """The position of the claim in the output."""
    text: str
    """The text of the output at `span`, unchanged."""
    type: ClaimType
    """The kind of fact that the claim mainly rests on."""


class DocumentPlace(Model):
    """A document of a collection."""

    collection_id: Id
    """The id of the collection."""
    document_id: Id
    """The id of the document."""


class Evidence(Model):
    """A passage on which a verdict is based."""

    document: DocumentPlace | None = None
    """The document that the passage is from; absent unless it is from a collection."""
    source: str
    """`source_text` for the evaluation's own source, otherwise the name of one of several sources or of a
    document.
    """
    span: Span
    """The position of the passage in the text that `source` names."""
    text: str
    """The text at `span`, unchanged."""


Label = Literal["SUPPORTED", "REFUTED", "NOT_ENOUGH_INFO"] | str
"""The verdict on a claim; the names are those of the FEVER task."""


class Probabilities(Model):
    """The probability of each label; the three sum to 1."""

    not_enough_info: float
    """The probability that the evidence does neither, 0..1."""
    refuted: float
    """The probability that the evidence contradicts the claim, 0..1."""
    supported: float
    """The probability that the evidence supports the claim, 0..1."""


class JudgeOpinion(Model):
    """The label of one judge for one claim."""

    confidence: float
    """The judge's confidence in its label, 0..1."""
    judge_name: str
    """The judge's configured name."""
    label: Label
    """The judge's label."""
    probability: Probabilities | None = None
    """The judge's probability of each label; absent if the judge gives none."""


class ClaimView(Claim):
    """A claim with its verdict, if there is one yet."""

    citations: list[Citation] | None = None
    """The citations of the claim in the output; filled once the run is complete, if several sources were
    sent.
    """
    confidence: float | None = None
    """The probability of `label`, 0..1."""
    evidence: list[Evidence]
    """The passages that the verdict is based on, the best first."""
    label: Label | None = None
    """The verdict: the panel's once the run is complete, before that the verifier's; null if there is none
    yet.
    """
    probability: Probabilities | None = None
    """The probability of each label; null until the claim is decided."""
    reasoning: str | None = None
    """The reasons for the verdict in words."""
    verifier_label: Label | None = None
    """The verifier's label, from before the judges were heard."""
    views: list[JudgeOpinion]
    """The labels of the judges that have an opinion on the claim, in the order of `judges`."""


class ProbabilityInterval(Model):
    """A confidence interval of a probability, given how well its calibration is known."""

    level: float
    """The confidence level, which is 0.95."""
    lower: float
    """The lower bound, 0..1."""
    method: str
    """The source of the uncertainty. `texts`: outputs with the same probability are supported more often
    in some kinds of text than in others, as measured on several sets of labelled texts. `labels`: the
    limited number of labels in the operator's calibration.
    """
    upper: float
    """The upper bound, 0..1."""


class Faithfulness(Model):
    """The probability that the source supports every claim of the output, and if the output is flagged
    because of it.
    """

    basis: str
    """The basis of the calibration: `built-in/1`, or the name of the operator's calibration."""
    flagged: bool
    """True where `probability` is below `threshold`."""
    interval: ProbabilityInterval | None = None
    """A confidence interval of the probability; absent in results of earlier versions, and with a
    calibration of an earlier version.
    """
    probability: float
    """The calibrated probability that the source supports every claim, 0..1."""
    threshold: float
    """The threshold, 0..1: an output with a lower probability is flagged."""


GuardReason = Literal["below_threshold", "not_heard", "no_score"] | str
"""The reason why an answer is flagged."""


GuardVerdict = Literal["pass", "flag", "nothing_to_check"] | str
"""The recommendation on what to do with an answer."""


class NonClaim(Model):
    """A part of the output that makes no statement which a source could support."""

    reason: str
    """The kind of the part: `heading`, `question`, `courtesy`, `announcement`, `opinion`, `abstention`,
    `fragment` and others.
    """
    span: Span
    """The position of the part in the output."""


class StampedJudge(Model):
    """A judge as it was configured when it judged."""

    answered_by: str | None = None
    """The model that the provider says has answered; absent where it did not answer, or does not say."""
    kind: str
    """`openai`, or the kind of an offline judge."""
    model: str
    """The model's name, as it is configured; for an offline judge its kind and version."""
    name: str
    """The judge's configured name."""
    rubric: str | None = None
    """Version of the rubric that a language model was given."""


class PanelStamp(Model):
    """The panel that a result is from."""

    calibration: str | None = None
    """The hash of the operator's calibration; absent if none was used."""
    fingerprint: str
    """A digest of all the other fields: equal panels have equal fingerprints."""
    judges: list[StampedJudge]
    """The judges, sorted by name."""
    neural: bool
    """True if the model in the program was used."""
    release: str
    """The auditor's version."""


class CheckView(Model):
    """The findings about an answer when the time limit has passed, or before if all is known."""

    claims: list[ClaimView]
    """The claims with their verdicts; empty if not all of them were verified in time."""
    evaluation_id: Id | None = None
    """The id of the stored evaluation; absent without `keep`. It is absent too if the evaluation could not
    be stored within the time limit: it is stored afterwards, and appears in lists.
    """
    faithfulness: Faithfulness | None = None
    """The probability that the source supports every claim, by those who were heard; null without a claim,
    and if too little was heard to tell.
    """
    judges: list[CheckedJudge]
    """The judges that were asked, in the order in which they were named."""
    missing: list[str]
    """The names of the judges without an answer, because they failed or were out of time."""
    non_claims: list[NonClaim]
    """The parts of the output that make no statement which a source could support."""
    outcome_reason: str | None = None
    """The reason why there was nothing to check: `abstained` if the output says that the source does not
    give the answer, `no_claim` if it states nothing.
    """
    panel: PanelStamp
    """The panel that gave the result."""
    reasons: list[GuardReason]
    """The reasons why the answer is flagged; empty if it is not."""
    threshold: float
    """The threshold that was used, 0..1."""
    took_ms: int
    """The duration of the check in milliseconds."""
    verdict: GuardVerdict
    """The recommendation on what to do with the answer. It passes only if everyone who had to be heard was
    heard.
    """


class Verdict(Model):
    """The verifier's decision on one claim."""

    claim: Claim
    """The claim that was decided."""
    confidence: float
    """The probability of `label`, 0..1."""
    evidence: list[Evidence]
    """The passages that the verdict is based on, the best first; empty if the source does not cover the
    subject.
    """
    label: Label
    """The verdict, derived from `probability`."""
    probability: Probabilities | None = None
    """The probability of each label."""
    reasoning: str
    """The reasons for the verdict in words: what is missing, contradicted or confirmed."""


class ClaimDecided(Verdict):
    """`claim_verdict`."""

    completed: int
    """The number of claims decided so far, this one included."""
    total: int
    """The number of claims of the run."""


class ClaimRevised(Model):
    """`claim_revised`: the panel has decided a claim otherwise than the verifier. Comes before
    `evaluation_complete`; a claim without one keeps the label of its `claim_verdict`.
    """

    claim_id: Id
    """The id of the claim."""
    confidence: float
    """The probability of `label`, 0..1."""
    index: int
    """The claim's position in the order of the output, from 0."""
    label: Label
    """The panel's final label."""
    previous_label: Label
    """The verifier's label, as the `claim_verdict` event gave it."""
    probability: Probabilities
    """The probability of each label."""
    views: list[JudgeOpinion]
    """The label of each judge that has an opinion on the claim, by the judges' names."""


class CollectionView(Model):
    """A collection of documents."""

    chars: int
    """The number of characters (Unicode scalar values) of all documents."""
    created_at: datetime
    """The time at which the collection was created."""
    documents: int
    """The number of documents."""
    id: Id
    """The collection's id, for `config.collection_id` of an evaluation."""
    name: str
    """The collection's name."""
    passages: int
    """The number of passages that the documents were split into."""


class CollectionsView(Model):
    """A page of the user's collections."""

    items: list[CollectionView]
    """The collections, the oldest first."""
    next_cursor: Id | None = None
    """The cursor of the next page; null on the last page."""


AggregationStrategy = Literal["weighted_average", "mean", "median", "trimmed_mean", "majority_vote"] | str
"""The method by which the judges' scores are combined."""


class Agreement(Model):
    """The agreement of the judges on the claims that they labelled."""

    fleiss_kappa: float | None = None
    """Fleiss' kappa (Fleiss 1971), at most 1."""
    gwet_ac1: float | None = None
    """Gwet's AC1 (Gwet 2008), at most 1."""
    interpretation: str | None = None
    """The interpretation of alpha on the scale of Landis and Koch."""
    items: int
    """The number of claims that the figures are based on."""
    krippendorff_alpha: float | None = None
    """Krippendorff's alpha for nominal data with missing labels (Krippendorff 2004), at most 1."""
    raters: int
    """The number of judges that the figures are based on."""
    raw: float | None = None
    """The mean pairwise agreement, 0..1."""
    undefined_because: str | None = None
    """The reason why figures are null: `fewer_than_2_raters`, `no_items`, `one_category`."""


class Calibrated(Model):
    """The effect of the operator's calibration on a result. `faithfulness` is the calibrated one then; the
    hallucination score is not changed.
    """

    created_at: str
    """When the calibration was fitted."""
    flagged: bool
    """True if `hallucination_score` is at or over the threshold."""
    hallucination_score: float
    """The probability, in percent, that the source does not support the whole output, according to the
    labels.
    """
    hash: str
    """The SHA-256 of the calibration's figures."""
    labels: int
    """The number of labels that the calibration was fitted on."""
    name: str
    """The name of the calibration."""
    raw_hallucination_score: float
    """The result's hallucination score as the panel gave it, 0..100."""
    raw_probability: float | None = None
    """The probability that the source supports every claim, before the calibration; absent in results of
    the first release.
    """
    threshold: float
    """The threshold for `hallucination_score`, in percent: 100 × (1 − `faithfulness.threshold`). An output
    at or over it is flagged.
    """


class CheckedCitation(Model):
    """A citation, and the verdict on its claim by the cited source alone."""

    claim_id: Id | None = None
    """The claim that the citation belongs to; null if it belongs to none."""
    confidence: float | None = None
    """The probability of `label`, 0..1."""
    label: Label | None = None
    """The verdict on the claim by that source alone; null if the two were not compared."""
    source: str | None = None
    """The name of the cited source; null if the mark names none of the sources."""
    span: Span
    """The position of the citation's mark in the output."""


IssueType = (
    Literal[
        "factual_error",
        "hallucination",
        "unsupported_claim",
        "temporal_inconsistency",
        "numerical_error",
        "bias",
        "injection_suspected",
        "citation_unknown",
        "citation_mismatch",
        "quote_stitched",
    ]
    | str
)
"""The kind of a fault in the output."""


Severity = Literal["low", "medium", "high", "critical"] | str
"""How serious a fault is."""


class Issue(Model):
    """One flagged fault."""

    description: str
    """The fault in words."""
    severity: Severity
    """How serious the fault is."""
    span: Span | None = None
    """The position of the fault in the output, if it is known."""
    type: IssueType
    """The kind of fault."""
    unmatched_quote: str | None = None
    """The passage that the judge quoted, if the output does not contain it."""


class CitationFindings(Model):
    """The citations and the quotations of an output."""

    issues: list[Issue]
    """The faults found in citations and quotations: `citation_unknown`, `citation_mismatch` or
    `quote_stitched`.
    """
    items: list[CheckedCitation]
    """The first 1,000 citations, in the order of the output."""
    total: int
    """The number of all citations, those beyond the first 1,000 included."""


class Proportion(Model):
    """A confidence interval of a share."""

    lower: float
    """The lower bound, 0..1."""
    upper: float
    """The upper bound, 0..1."""


class ClaimCounts(Model):
    """The number of claims for each label."""

    not_enough_info: int
    """The number of claims that are neither supported nor refuted."""
    refuted: int
    """The number of claims that are refuted."""
    supported: int
    """The number of claims that are supported."""
    supported_interval: Proportion | None = None
    """The 95 % Wilson interval of supported / total; null without claims."""
    total: int
    """The number of claims with a verdict."""


class ConfidenceInterval(Model):
    """A confidence interval of the consensus score."""

    level: float
    """The confidence level, which is 0.95."""
    lower: float
    """The lower bound, 0..100."""
    method: str
    """The method: `student_t` or `bootstrap`."""
    n: int
    """The number of judges."""
    n_effective: float | None = None
    """The effective number of independent judges (Kish 1965); absent in results of the first release."""
    upper: float
    """The upper bound, 0..100."""


class HallucinationComponents(Model):
    """The four components of the hallucination score, each 0..1."""

    confidence: float
    """The component of the confidence: 1 − mean confidence."""
    inverse_consensus: float
    """The component of the consensus: (100 − consensus) / 100."""
    issues: float
    """The component of the flagged issues: the mean over the judges of 1 − Π(1 − w), where w is the weight
    of an issue.
    """
    verification: float | None = None
    """The component of the verdicts: (refuted + ½ not_enough_info) / total; null without verified claims."""


Place = Literal["candidate", "source", "question", "document"] | str
"""The text that a passage was found in."""


SignKind = (
    Literal[
        "instruction_to_evaluator",
        "persuasion",
        "fake_completion",
        "our_schema",
        "role_tags",
        "hidden_text",
        "encoded_run",
        "disguised",
    ]
    | str
)
"""The kind of sign by which a suspicious passage was found."""


class InjectionSign(Model):
    """One suspicious passage."""

    document: str | None = None
    """The name of the document; absent unless the passage is in one."""
    excerpt: str
    """The passage itself, at most 100 characters; invisible characters are left out or spelt out."""
    kind: SignKind
    """The kind of sign by which it was found."""
    place: Place
    """The text that the passage was found in."""
    span: Span
    """The position of the passage in that text, in UTF-16 code units."""


class InjectionFindings(Model):
    """The passages in the texts of a run that address the judges."""

    signs: list[InjectionSign]
    """The first 50 passages, in the order candidate, source, question, and within a text in its order."""
    total: int
    """The number of all passages found."""


class JudgeCounts(Model):
    """The number of judges by outcome. Judges that are in `requested` and in neither of the others
    abstained.
    """

    completed: int
    """The number of judges that gave a score."""
    failed: int
    """The number of judges without a usable answer."""
    requested: int
    """The number of judges that were asked."""


class OfflineComparison(Model):
    """The language models' scores compared with those of the offline judges, which instructions in the
    texts cannot influence.
    """

    gap: float
    """`model_mean` minus `offline_mean`."""
    large: bool
    """True if the gap is at least 30 points, in either direction."""
    model_mean: float
    """The mean score of the language models that completed, 0..100."""
    note: str | None = None
    """The comparison in words; absent unless the gap is large."""
    offline_judges: int
    """The number of offline judges in the comparison."""
    offline_mean: float
    """The mean score of the offline judges, 0..100."""
    run_for_comparison: bool
    """True if the offline judges were run for this comparison only and count in no other figure."""


Outcome = Literal["checked", "nothing_to_check"] | str
"""Tells if the output contained any claim to check."""


Reliability = Literal["high", "medium", "low", "unknown"] | str
"""How reliable the figures are."""


class Statistics(Model):
    """Descriptive statistics of the scores of the judges that completed."""

    max: float
    """The highest score."""
    mean: float
    """The arithmetic mean."""
    median: float
    """The median."""
    min: float
    """The lowest score."""
    q1: float
    """The first quartile (Hyndman and Fan's type 7)."""
    q3: float
    """The third quartile (Hyndman and Fan's type 7)."""
    standard_deviation: float | None = None
    """The sample standard deviation; null for fewer than two judges."""
    variance: float | None = None
    """The sample variance; null for fewer than two judges."""


class Usage(Model):
    """The tokens and the price of requests to a language model."""

    completion_tokens: int
    """The number of tokens received."""
    cost_usd: float | None = None
    """The price in US dollars; null if no price is configured."""
    prompt_tokens: int
    """The number of tokens sent."""


class AuditResult(Model):
    """The result of a run. A figure that is undefined is null; where there are several possible reasons,
    another field names the one that applies.
    """

    aggregation_strategy: AggregationStrategy
    """The method by which the scores were combined."""
    agreement: Agreement
    """The agreement of the judges on the labels of the claims."""
    calibration: Calibrated | None = None
    """The effect of the operator's calibration; absent if none is configured for these judges."""
    citations: CitationFindings | None = None
    """The citations of the output compared with the sources that they name, and its quotations; absent if
    there are none.
    """
    claims: ClaimCounts
    """The number of claims for each label that the panel decided on."""
    confidence_interval: ConfidenceInterval | None = None
    """The 95 % confidence interval of the consensus score. Judges that see the same evidence count as
    fewer than they are.
    """
    confidence_interval_reason: str | None = None
    """The reason why there is no interval: `fewer_than_3_judges`, `dependent_judges` if the judges are
    worth fewer than two independent ones, or `nothing_to_check`.
    """
    consensus_score: float | None = None
    """The judges' scores combined, 0..100; null if there was nothing to check."""
    faithfulness: Faithfulness | None = None
    """The probability that the source supports every claim of the output; null if there is no claim."""
    hallucination_breakdown: dict[str, float]
    """The share of each kind of issue in the weight of all flagged issues. The shares sum to 1; empty
    without issues.
    """
    hallucination_components: HallucinationComponents | None = None
    """The components of the hallucination score, each 0..1; null if there was nothing to check."""
    hallucination_score: float | None = None
    """The hallucination score, from 0 (every claim holds) to 100 (none does); null if there was nothing to
    check.
    """
    injection: InjectionFindings | None = None
    """The passages of the texts that address the judges; absent if none was found."""
    inter_judge_agreement: float | None = None
    """The agreement of the scores (r*wg), 0..1; null for fewer than two judges."""
    judges: JudgeCounts
    """The number of judges that were asked, that gave a score, and that failed."""
    mean_confidence: float | None = None
    """The mean of the judges' confidences, 0..1; null if there was nothing to check."""
    non_claims: list[NonClaim] | None = None
    """The parts of the output that make no statement which a source could support, in the order of the
    output.
    """
    offline_comparison: OfflineComparison | None = None
    """The language models' scores compared with those of the offline judges; absent unless a language
    model completed.
    """
    outcome: Outcome | None = None
    """Tells if the output contained any claim to check."""
    outcome_reason: str | None = None
    """The reason why there was nothing to check: `abstained` if the output says that the source does not
    give the answer, `no_claim` if it states nothing.
    """
    reliability: Reliability
    """How reliable the verdicts are, given their calibrated confidence and the judges that failed."""
    reliability_reasons: list[str]
    """The rules that lowered `reliability`: `verdict_confidence_below_0.75`,
    `verdict_confidence_below_0.9`, `half_of_judges_failed`, `judge_failed`, `fewer_than_2_judges`,
    `no_claims`.
    """
    statistics: Statistics | None = None
    """Descriptive statistics of the scores; null if there was nothing to check."""
    usage: Usage | None = None
    """The sum of the usage that judges report: no tokens if only judges in the program were asked. Absent
    in results of earlier versions where none reported any.
    """


class Completed(Model):
    """`evaluation_complete`."""

    degraded: bool
    """True if a judge failed or the verification could not be completed."""
    processing_time_ms: int
    """The time from the start to the end of the run in milliseconds, waits included."""
    result: AuditResult
    """The result with all figures."""


class ConfigRequest(TypedDict, total=False):
    """The settings of a new evaluation."""

    aggregation_strategy: AggregationStrategy | None
    """The method by which the judges' scores are combined."""
    collection_id: Id | None
    """One of the user's collections to retrieve passages from, which turns retrieval on. Null uses none,
    even if one is preferred.
    """
    deadline_ms: int | None
    """The time limit of a run, in milliseconds."""
    enable_retrieval: bool | None
    """True if the judges get the best passages of the source instead of all of it."""
    judges: list[str] | None
    """The names of the judges to ask, as `GET /judges` lists them."""
    quorum: int | None
    """The minimum number of judges with a score, at most the number of judges that are asked. With fewer
    the run fails.
    """


class DocumentView(Model):
    """A document without its text."""

    chars: int
    """The number of characters (Unicode scalar values) of its text."""
    collection_id: Id
    """The id of its collection."""
    created_at: datetime
    """The time at which the document was added."""
    id: Id
    """The document's id."""
    media_type: str
    """The media type of the upload."""
    name: str
    """The name by which evidence refers to the document."""
    passages: int
    """The number of passages that the document was split into."""


class DocumentTextView(DocumentView):
    """A document with its text."""

    text: str
    """The text that the spans of evidence refer to: plain text as it was sent, or the text extracted from
    other types of file.
    """


class DocumentsView(Model):
    """A page of a collection's documents."""

    items: list[DocumentView]
    """The documents, the oldest first."""
    next_cursor: Id | None = None
    """The cursor of the next page; null on the last page."""


class JudgeEstimate(Model):
    """The estimated usage of one judge in an evaluation."""

    calls: int
    """The number of requests if none fails or is repaired; 0 for an offline judge."""
    cost_usd: float | None = None
    """The maximum cost in US dollars; null if the model has no price."""
    judge_name: str
    """The judge's configured name."""
    max_completion_tokens: int
    """The maximum number of tokens received."""
    model: str
    """The name of the model."""
    prompt_tokens: int
    """The number of tokens sent, estimated from the characters of the prompt."""


class EstimateView(Model):
    """The estimated maximum usage of a run of an evaluation."""

    calls: int
    """The number of requests of all judges."""
    cost_usd: float | None = None
    """The maximum cost in US dollars; null if a model has no price."""
    fits: bool
    """True if the budgets allow the run now."""
    judges: list[JudgeEstimate]
    """The estimate of each judge of the evaluation."""
    max_completion_tokens: int
    """The maximum number of tokens that all judges receive."""
    prompt_tokens: int
    """The number of tokens that all judges send."""
    reasons: list[str]
    """The budgets that do not allow it."""


class EvaluationConfig(Model):
    """The settings of one evaluation, complete: what the request left out is filled in."""

    aggregation_strategy: AggregationStrategy
    """The method by which the scores are combined."""
    collection_id: Id | None = None
    """The collection whose passages count in addition to the source; null for the source alone."""
    deadline_ms: int
    """The time limit of a run, in milliseconds."""
    enable_retrieval: bool
    """True if the judges get the best passages of the source instead of all of it."""
    judges: list[str]
    """The names of the judges to ask; at least one."""
    quorum: int | None = None
    """The minimum number of judges with a score; with fewer the run fails."""


class ClaimLabel(Model):
    """A judge's own label for one claim."""

    claim_id: Id
    """The id of the claim."""
    confidence: float
    """The judge's confidence in its label, 0..1."""
    label: Label
    """The judge's label."""
    probability: Probabilities | None = None
    """The judge's probability of each label; absent if the judge gives none."""


class PromptStamp(Model):
    """The prompt of a judge."""

    sha256: str
    """The SHA-256 of everything that was sent, in hexadecimal."""
    version: str
    """The version of the rubric: the built-in one's, or the name of a template file."""


class QuoteCheck(Model):
    """The passages that a judge quoted, looked up in the text that the judge says they are from."""

    given: int
    """The number of passages quoted."""
    lowered: int
    """The number of labels that were lowered to NOT_ENOUGH_INFO because the passage quoted for them is not
    in the source.
    """
    missing: int
    """The number of quoted passages that were not found."""


class Repeats(Model):
    """The scores of a judge that was asked several times."""

    scores: list[float | None]
    """The scores in the order of the requests, 0..100; null for a request that failed."""
    standard_deviation: float | None = None
    """The sample standard deviation of the scores; null for fewer than two."""


class SecondLook(Model):
    """The scores of a judge with and without the sentences of the output that speak to the judge."""

    left_out: int
    """The number of sentences left out."""
    with_: float = Field(alias="with")
    """The score of the whole output, 0..100."""
    without: float | None = None
    """The score without those sentences, 0..100; null if that request failed."""


class Details(Model):
    """How a language model's answer came about. Parts that do not apply are absent."""

    answered_by: str | None = None
    """The model that the provider says has answered, which may be a dated version of the configured one;
    absent where it does not say.
    """
    cached_age_ms: int | None = None
    """The age of the oldest cached answer that was used, in milliseconds; absent if no answer came from
    the cache.
    """
    prompt: PromptStamp | None = None
    """The prompt that the judge was given."""
    quotes: QuoteCheck | None = None
    """The passages that the judge quoted, and how many of them were found."""
    repaired: bool | None = None
    """True if the first answer could not be used, so that a second was requested."""
    repeats: Repeats | None = None
    """The spread of the judge's scores, if it was asked several times."""
    second_look: SecondLook | None = None
    """The second request, without the suspicious sentences."""
    unlabelled: int | None = None
    """The number of claims for which the judge gave no readable label although it was asked to; absent if
    there is none.
    """
    usage_estimated: bool | None = None
    """True if the provider did not count tokens, so that `usage` is the auditor's estimate."""


Failure = (
    Literal[
        "refused",
        "malformed",
        "truncated",
        "timeout",
        "rate_limited",
        "quota",
        "auth",
        "overloaded",
        "transport",
        "rejected",
        "budget",
        "circuit_open",
        "quarantined",
        "cancelled",
        "internal",
    ]
    | str
)
"""The reason why there is no score; more precise than `JudgeStatus`."""


class JudgeReport(Model):
    """The outcome of asking one judge in one run."""

    attempts: int
    """The number of requests, retries included."""
    claim_verdicts: list[ClaimLabel]
    """The judge's labels of the claims that it has an opinion on."""
    confidence: float | None = None
    """The judge's confidence in its score, 0..1; null unless the judge completed."""
    details: Details | None = None
    """How a language model's answer came about; absent for other judges."""
    error: str | None = None
    """The error in words; absent unless the judge failed."""
    failure: Failure | None = None
    """The reason for the failure, more precise than `status`; absent unless the judge failed."""
    flagged_issues: list[Issue]
    """The faults that the judge found."""
    judge_name: str
    """The judge's configured name."""
    kind: str
    """`openai`, or the kind of an offline judge."""
    model: str
    """The model's name; for an offline judge its kind and version."""
    reasoning: str
    """The reasons for the score in the judge's words, or the reason why there is no score."""
    response_time_ms: int
    """The time from the request to the answer in milliseconds, all attempts and waits included."""
    score: float | None = None
    """The percentage of the claims that hold according to the judge, from 0 (none) to 100 (all); null
    unless the judge completed.
    """
    status: JudgeStatus
    """The outcome of asking the judge."""
    usage: Usage | None = None
    """The tokens and the price, if the provider reports tokens."""


class NamedSource(Model):
    """One of several sources of an evaluation."""

    name: str
    """The name by which evidence and citations refer to the source; unique in its evaluation."""
    span: Span
    """The position of the source in `source_text`."""


ErrorType = (
    Literal[
        "judge_timeout",
        "judge_error",
        "judge_rate_limited",
        "retrieval_error",
        "verification_error",
        "all_judges_failed",
        "storage_error",
        "internal",
    ]
    | str
)
"""The kind of error in a run."""


class RunError(Model):
    """`evaluation_error`."""

    details: dict[str, Any] | None = None
    """Machine-readable facts about the error, such as the judge's name."""
    error_type: ErrorType
    """The kind of error."""
    fatal: bool
    """True if the error ended the run."""
    message: str
    """The error in words, for display."""
    recovery_suggestions: list[str]
    """Suggestions of what a person can do about the error."""


Status = Literal["pending", "in_progress", "completed", "failed", "cancelled"] | str
"""The state of an evaluation; a run has the same states without `pending`."""


class EvaluationView(Model):
    """An evaluation with all its data."""

    candidate_output: str
    """The model's output, as sent."""
    claims: list[ClaimView]
    """The claims of the last run."""
    completed_at: datetime | None = None
    """The time at which its last run ended."""
    config: EvaluationConfig
    """The complete settings, defaults included."""
    created_at: datetime
    """The time at which the evaluation was created."""
    epoch: str
    """The epoch of its log: it changes when earlier sequence numbers are no longer valid."""
    error: RunError | None = None
    """The error that ended the last run; null unless it failed."""
    id: Id
    """The evaluation's id, which is also the id of its session on the socket."""
    judges: list[JudgeReport]
    """The judges of the last run, in the order of their answers."""
    last_seq: int
    """The sequence number of the last event in its log when the evaluation was read."""
    name: str | None = None
    """The name that the owner gave the evaluation."""
    notes: str | None = None
    """The owner's notes."""
    question: str | None = None
    """The question, as sent."""
    result: AuditResult | None = None
    """The result with all figures; null unless the last run completed."""
    run_id: Id | None = None
    """The id of its last run."""
    source_text: str
    """The source, as sent; several sources follow one another."""
    sources: list[NamedSource] | None = None
    """The names of several sources, and their positions in `source_text`. A span of evidence is relative
    to the source that the evidence names.
    """
    started_at: datetime | None = None
    """The time at which its last run started."""
    status: Status
    """The state of the evaluation."""
    tags: list[str]
    """The owner's tags, sorted."""


class FeedbackView(Model):
    """A person's feedback."""

    claim_id: Id | None = None
    """The id of the claim that the feedback is about; null for the whole output."""
    comment: str | None = None
    """The comment, as sent."""
    created_at: datetime
    """The time at which the feedback was given."""
    id: Id
    """The feedback's id."""
    label: Label | None = None
    """The label that would be right."""
    score: float | None = None
    """The score for how much of the output is true, from 0 (nothing) to 100 (all)."""


class FeedbackListView(Model):
    """A page of the feedback on an evaluation."""

    items: list[FeedbackView]
    """The feedback, the oldest first."""
    next_cursor: Id | None = None
    """The cursor of the next page; null on the last page."""


class JudgeView(Model):
    """A configured judge."""

    default: bool
    """True if the judge is asked when a request names no judges."""
    description: str
    """The judge's method in one line of plain language."""
    kind: str
    """`openai`, or the kind of an offline judge."""
    model: str
    """The name of the model."""
    name: str
    """The name by which evaluations ask for the judge."""
    offline: bool
    """True if the judge sends nothing to other machines."""
    state: str
    """The state of the judge's circuit breaker: `closed` (requests go through), `open` or `half_open`."""


class JudgesView(Model):
    """All configured judges."""

    items: list[JudgeView]
    """The judges, in the order of the configuration."""


Scope = Literal["read", "audit", "manage"] | str
"""The scope of an API key. Each scope includes the ones before it."""


class KeyView(Model):
    """An API key without its secret text."""

    addresses: list[str]
    """The networks that requests with the key may come from; empty allows any."""
    created_at: datetime
    """The time at which the key was created."""
    day_tokens: int | None = None
    """The daily budget (UTC) in tokens of what the key starts; null for the account's budget only."""
    day_usd: float | None = None
    """The daily budget (UTC) in US dollars of what the key starts; null for the account's budget only."""
    expires_at: datetime | None = None
    """The time at which the key expires; null if it is valid until it is revoked."""
    id: Id
    """The key's id, by which it is revoked."""
    last_used_at: datetime | None = None
    """The time at which the key was last used, to the minute; null if it was never used."""
    name: str
    """The key's name."""
    per_minute: int | None = None
    """The number of requests per minute with the key; null for the account's limits only."""
    prefix: str
    """The beginning of the key, by which its owner recognizes it."""
    scopes: list[Scope]
    """The scopes of the key."""


class KeysView(Model):
    """The account's API keys that are not revoked."""

    items: list[KeyView]
    """The keys, the oldest first."""


class ClaimTotals(Model):
    """The number of claims for each label."""

    not_enough_info: int
    """The number of claims that are neither."""
    refuted: int
    """The number of claims that are refuted."""
    supported: int
    """The number of claims that are supported."""


class SummaryView(Model):
    """An evaluation as lists show it."""

    candidate_preview: str
    """The first 160 characters of the output."""
    claims: ClaimTotals | None = None
    """The number of claims for each label in the last run; null unless it completed."""
    completed_at: datetime | None = None
    """The time at which its last run ended."""
    config: EvaluationConfig
    """The complete settings, defaults included."""
    consensus_score: float | None = None
    """The consensus score of the last run, 0..100; null unless it completed."""
    cost_usd: float | None = None
    """The cost of the last run in US dollars; null unless it completed and its judges have a price."""
    created_at: datetime
    """The time at which the evaluation was created."""
    epoch: str
    """The epoch of its log."""
    hallucination_score: float | None = None
    """The hallucination score of the last run, 0..100; null unless it completed."""
    id: Id
    """The evaluation's id."""
    last_seq: int
    """The sequence number of the last event in its log."""
    name: str | None = None
    """The name that the owner gave the evaluation."""
    probability: float | None = None
    """The probability that the source supports the whole output, 0..1; null unless the last run completed
    and there was anything to check.
    """
    question: str | None = None
    """The question, as sent."""
    run_id: Id | None = None
    """The id of its last run."""
    source_preview: str
    """The first 160 characters of the source."""
    started_at: datetime | None = None
    """The time at which its last run started."""
    status: Status
    """The state of the evaluation."""
    tags: list[str]
    """The owner's tags, sorted."""


class ListView(Model):
    """A page of a list of evaluations."""

    items: list[SummaryView]
    """The evaluations, in the requested order."""
    next_cursor: str | None = None
    """The cursor of the next page; null on the last page."""


class NewKeyView(KeyView):
    """A new key with its text, which is returned only once."""

    key: str
    """The key itself, for the header `Authorization: Bearer`."""


class NewShareView(Model):
    """A new link with its token, which is returned only once."""

    created_at: datetime
    """The time at which the link was created."""
    expires_at: datetime
    """The time at which the link expires."""
    id: Id
    """The link's id, by which it is revoked."""
    show_documents: bool
    """True if the link shows what was found in collections."""
    url: str
    """The path of the page. With `Accept: application/json`, and below the base path of the API, it is the
    result itself.
    """


Theme = Literal["system", "light", "dark"] | str
"""The colour scheme of the web page."""


class Preferences(TypedDict, total=False):
    """A user's preferences. The server chooses what is left out."""

    aggregation_strategy: AggregationStrategy | None
    """The method by which scores are combined, as in an evaluation's `config`."""
    collection_id: Id | None
    """The id of a collection, as in an evaluation's `config`."""
    deadline_ms: int | None
    """The time limit of a run in milliseconds, as in an evaluation's `config`."""
    enable_retrieval: bool | None
    """True for retrieval, as in an evaluation's `config`."""
    judges: list[str] | None
    """The names of the judges, as in an evaluation's `config`."""
    quorum: int | None
    """The minimum number of judges with a score, as in an evaluation's `config`. An evaluation with fewer
    judges needs all of them.
    """
    theme: Theme
    """The colour scheme of the web page."""


Stage = Literal["queued", "claim_extraction", "retrieval", "verification", "judging", "aggregation"] | str
"""The stage that a run is at."""


class Progress(Model):
    """`evaluation_progress`."""

    message: str
    """The progress in words, for display."""
    progress: float
    """The progress of the whole run in percent, 0..100; it never falls."""
    stage: Stage
    """The stage that the run is at."""
    stage_progress: float
    """The progress of this stage in percent, 0..100."""


class RunView(Model):
    """A run of an evaluation, with the figures of its result."""

    claims: ClaimTotals | None = None
    """The number of claims for each label; null unless the run completed."""
    completed_at: datetime | None = None
    """The time at which the run ended."""
    consensus_score: float | None = None
    """The consensus score, 0..100; null unless the run completed."""
    error: str | None = None
    """The error that ended the run; null unless it failed."""
    hallucination_score: float | None = None
    """The hallucination score, 0..100; null unless the run completed."""
    id: Id
    """The run's id."""
    probability: float | None = None
    """The probability that the source supports the whole output, 0..1; null unless the run completed and
    there was anything to check.
    """
    started_at: datetime
    """The time at which the run started."""
    status: Status
    """The state of the run."""


class RunsView(Model):
    """A page of an evaluation's runs."""

    items: list[RunView]
    """The runs, the newest first."""
    next_cursor: Id | None = None
    """The cursor of the next page; null on the last page."""


class HitView(Model):
    """A passage that a search found."""

    document_id: Id
    """The id of the document."""
    document_name: str
    """The name of the document."""
    score: float
    """The relevance, greater than 0; scores are comparable within one answer only."""
    span: Span
    """The position of the passage in the document."""
    text: str
    """The text of the document at `span`, unchanged."""


class SearchView(Model):
    """The result of a search."""

    items: list[HitView]
    """The passages found, the best first."""


NotRecovered = Literal["epoch_mismatch", "too_far_behind", "future_position"] | str
"""The reason why a join replays nothing."""


class SessionJoined(Model):
    """The data of `session_joined`."""

    epoch: str
    """The epoch of the log: it changes when earlier sequence numbers are no longer valid."""
    last_seq: int
    """The sequence number of the last event in the log."""
    members: int
    """The number of connections in the session, this one included."""
    reason: NotRecovered | None = None
    """The reason why they do not; only if a position was given."""
    recovered: bool
    """True if all missed events follow."""
    session_id: Id
    """The id of the session."""
    status: Status
    """The state of the evaluation."""


class SharedView(Model):
    """An evaluation as a link shows it, without its owner."""

    candidate_output: str
    """The model's output, as sent."""
    claims: list[ClaimView]
    """The claims of the last run."""
    completed_at: datetime | None = None
    """The time at which its last run ended."""
    config: EvaluationConfig
    """The complete settings, defaults included."""
    created_at: datetime
    """The time at which the evaluation was created."""
    documents_withheld: bool
    """True if the owner's documents were used and the link does not show them: evidence from them is left
    out, and so are the words of judges and rules, which may quote them.
    """
    judges: list[JudgeReport]
    """The judges of the last run, in the order of their answers."""
    question: str | None = None
    """The question, as sent."""
    result: AuditResult | None = None
    """The result with all figures; null unless the last run completed."""
    source_text: str
    """The source, as sent; several sources follow one another."""
    sources: list[NamedSource] | None = None
    """The names of several sources, and their positions in `source_text`."""
    started_at: datetime | None = None
    """The time at which its last run started."""
    status: Status
    """The state of the evaluation."""


class ShareView(Model):
    """A link without its token."""

    created_at: datetime
    """The time at which the link was created."""
    expires_at: datetime
    """The time at which the link expires."""
    id: Id
    """The link's id, by which it is revoked."""
    show_documents: bool
    """True if the link shows what was found in collections."""


class SharesView(Model):
    """The links to an evaluation that are valid."""

    items: list[ShareView]
    """The links, the oldest first."""


class Started(Model):
    """The answer to a start."""

    run_id: Id
    """The id of the run."""
    session_id: Id
    """The id of the evaluation."""
    status: Status
    """The state of the evaluation, which is `in_progress`."""
    websocket_url: str
    """The path of the WebSocket on which the events can be followed."""


class DayFigures(Model):
    """The figures of one day."""

    claims: ClaimTotals
    """The number of their claims for each label."""
    day: str
    """The day in UTC, `YYYY-MM-DD`."""
    evaluations: int
    """The number of evaluations that were created."""
    mean_consensus_score: float | None = None
    """The mean consensus score of the evaluations that have one, 0..100."""
    mean_hallucination_score: float | None = None
    """The mean hallucination score of the evaluations that have one, 0..100."""
    mean_probability: float | None = None
    """The mean probability that the source supports the whole output, 0..1, over the evaluations that have
    one.
    """


class Disagreement(Model):
    """The disagreements of two judges."""

    claims: int
    """The number of claims that both labelled."""
    disagreed: int
    """The number of these claims with different labels."""
    judges: list[str]
    """The names of the two judges, sorted."""
    share: float
    """The share of these claims with different labels, 0..1."""


class EvaluationCounts(Model):
    """The number of evaluations by state. Those that wait or run are counted only in `total`."""

    cancelled: int
    """The number of evaluations that their user or a time limit ended."""
    completed: int
    """The number of evaluations with a result."""
    failed: int
    """The number of evaluations that an error ended."""
    total: int
    """The number of all evaluations."""


class JudgeDay(Model):
    """The figures of one judge on one day."""

    day: str
    """The day in UTC, `YYYY-MM-DD`, on which the evaluations were created."""
    mean_score: float | None = None
    """Its mean score, 0..100."""
    results: int
    """The number of times that the judge was asked."""


class JudgeFigures(Model):
    """The figures of one judge."""

    abstained: int
    """The number of times that it abstained."""
    by_day: list[JudgeDay]
    """The figures of each day on which it was asked, the oldest first."""
    completed: int
    """The number of times that it gave a score."""
    completion_tokens: int
    """The number of tokens received."""
    cost_usd: float | None = None
    """The cost in US dollars; null if nothing has a price."""
    failed: int
    """The number of times that it gave no usable answer, for any reason."""
    judge_name: str
    """The judge's name."""
    kind: str
    """The judge's kind."""
    mean_confidence: float | None = None
    """Its mean confidence, 0..1."""
    mean_response_time_ms: float | None = None
    """The mean response time of all its results in milliseconds."""
    mean_score: float | None = None
    """Its mean score, 0..100."""
    prompt_tokens: int
    """The number of tokens sent."""
    results: int
    """The number of times that the judge was asked."""


class StatisticsView(Model):
    """Statistics of the evaluations created in the last days; each counts with its last run."""

    by_day: list[DayFigures]
    """The figures of each day with evaluations, the oldest first."""
    by_judge: list[JudgeFigures]
    """The figures of each judge that was asked, by name."""
    claims: ClaimTotals
    """The number of their claims for each label."""
    compared: int
    """The number of the newest evaluations with a result that `disagreements` and `mean_agreement` are
    based on.
    """
    days: int
    """The number of days, today (UTC) included."""
    disagreements: list[Disagreement]
    """The disagreements of each two judges that labelled the same claims."""
    evaluations: EvaluationCounts
    """The number of evaluations by state."""
    from_: str = Field(alias="from")
    """The first day, `YYYY-MM-DD`."""
    mean_agreement: float | None = None
    """The mean of `inter_judge_agreement`, over the evaluations for which it is defined."""
    mean_consensus_score: float | None = None
    """The mean consensus score of the evaluations that have one, 0..100."""
    mean_hallucination_score: float | None = None
    """The mean hallucination score of the evaluations that have one, 0..100."""
    mean_probability: float | None = None
    """The mean probability that the source supports the whole output, 0..1, over the evaluations that have
    one.
    """
    to: str
    """The last day, which is today, `YYYY-MM-DD`."""


class TagView(Model):
    """A tag that a user has given."""

    evaluations: int
    """The number of evaluations with this tag."""
    tag: str
    """The tag, as given."""


class TagsView(Model):
    """All tags that the user has given."""

    items: list[TagView]
    """The first 1,000 tags, sorted."""


class Tokens(Model):
    """An access token, and the refresh token that renews it."""

    access_token: str
    """The access token (a JWT)."""
    expires_in: int
    """The lifetime of the access token in seconds."""
    refresh_token: str | None = None
    """The refresh token, which can be used once; absent if it is set as a cookie."""
    token_type: str
    """`bearer`."""


class BudgetView(Model):
    """The budgets; null means unlimited."""

    key_day_tokens: int | None = None
    """The daily budget of the API key, in tokens sent and received; null without one."""
    key_day_usd: float | None = None
    """The daily budget of the API key in the query, in US dollars; null without one."""
    key_left_today_tokens: int | None = None
    """The rest of `key_day_tokens` for today."""
    key_left_today_usd: float | None = None
    """The rest of `key_day_usd` for today."""
    left_today_tokens: int | None = None
    """The rest of `user_day_tokens` for today."""
    left_today_usd: float | None = None
    """The rest of `user_day_usd` for today."""
    run_tokens: int | None = None
    """The budget of one run, in tokens sent and received."""
    run_usd: float | None = None
    """The budget of one run, in US dollars."""
    user_day_tokens: int | None = None
    """A user's daily budget, in tokens sent and received."""
    user_day_usd: float | None = None
    """A user's daily budget, in US dollars."""


class DayView(Model):
    """The usage of a user's language models on one day."""

    calls: int
    """The number of requests to language models."""
    completion_tokens: int
    """The number of tokens received."""
    cost_usd: float
    """The cost in US dollars of the models that have a price."""
    day: str
    """The day in UTC, `YYYY-MM-DD`."""
    prompt_tokens: int
    """The number of tokens sent."""


class UsageView(Model):
    """The usage of a user's language models by day, which is kept when evaluations are deleted."""

    budget: BudgetView
    """The budgets that the operator has set."""
    items: list[DayView]
    """The days with any usage, the newest first."""
    today: DayView
    """The usage of today (UTC)."""


class UserView(Model):
    """A user account."""

    created_at: datetime
    """The time at which the account was created."""
    email: str
    """The account's email address."""
    id: Id
    """The account's id."""
    username: str
    """The account's name, which is used to log in."""


class WelcomeHeartbeat(Model):
    """The heartbeat in `welcome`."""

    interval_ms: int
    """The interval of the server's pings, in milliseconds."""
    timeout_ms: int
    """The time without any sign of life after which the connection is closed, in milliseconds."""


class WelcomeLimits(Model):
    """The limits in `welcome`."""

    commands_per_second: int
    """The sustained rate of commands per second."""
    max_message_bytes: int
    """The maximum size of a message, in bytes."""
    max_sessions: int
    """The maximum number of sessions that a connection may join."""
    replay: int
    """The maximum number of events that a join replays."""


class WelcomeReconnect(Model):
    """The delays for reconnecting in `welcome`."""

    jitter: str
    """`full`: the delay is random, between 0 and the current maximum."""
    max_ms: int
    """The maximum delay, in milliseconds."""
    min_ms: int
    """The minimum delay, in milliseconds."""


class WelcomeUser(Model):
    """The user in `welcome`."""

    id: Id
    """The id of the account."""
    username: str
    """The account's name."""


class Welcome(Model):
    """The data of `welcome`."""

    connection_id: Id
    """The id of this connection in the server's log."""
    heartbeat: WelcomeHeartbeat
    """The heartbeat of this connection."""
    limits: WelcomeLimits
    """The limits of this connection."""
    reconnect: WelcomeReconnect
    """The delays for reconnecting."""
    server_time: datetime
    """The time of the server's clock."""
    token_expires_at: datetime | None = None
    """The expiry of the token or the API key; null for a key that is valid until it is revoked."""
    user: WelcomeUser
    """The authenticated user."""


class Event(Model):
    """One of a session's log."""

    session_id: Id
    run_id: Id
    epoch: str
    """The log's incarnation, when this was written."""
    seq: int = Field(ge=1)
    """Its place in the log."""
    ts: datetime


class ClaimRevisedEvent(Event):
    type: Literal["claim_revised"]
    data: ClaimRevised


class ClaimVerdictEvent(Event):
    type: Literal["claim_verdict"]
    data: ClaimDecided


class EvaluationCancelledEvent(Event):
    type: Literal["evaluation_cancelled"]
    data: Cancelled


class EvaluationCompleteEvent(Event):
    type: Literal["evaluation_complete"]
    data: Completed


class EvaluationErrorEvent(Event):
    type: Literal["evaluation_error"]
    data: RunError


class EvaluationProgressEvent(Event):
    type: Literal["evaluation_progress"]
    data: Progress


class JudgeResultEvent(Event):
    type: Literal["judge_result"]
    data: JudgeReport


class UnknownEvent(Event):
    """Of a kind that this release does not know. It has its place in the log all the same."""

    type: str
    data: dict[str, Any]


EVENTS: Final[dict[str, type[Event]]] = {
    "claim_revised": ClaimRevisedEvent,
    "claim_verdict": ClaimVerdictEvent,
    "evaluation_cancelled": EvaluationCancelledEvent,
    "evaluation_complete": EvaluationCompleteEvent,
    "evaluation_error": EvaluationErrorEvent,
    "evaluation_progress": EvaluationProgressEvent,
    "judge_result": JudgeResultEvent,
}


def _tag(event: Any) -> str:
    kind = event.get("type") if isinstance(event, dict) else getattr(event, "type", None)
    return kind if kind in EVENTS else "unknown"


SessionEvent = Annotated[
    Annotated[ClaimRevisedEvent, Tag("claim_revised")]
    | Annotated[ClaimVerdictEvent, Tag("claim_verdict")]
    | Annotated[EvaluationCancelledEvent, Tag("evaluation_cancelled")]
    | Annotated[EvaluationCompleteEvent, Tag("evaluation_complete")]
    | Annotated[EvaluationErrorEvent, Tag("evaluation_error")]
    | Annotated[EvaluationProgressEvent, Tag("evaluation_progress")]
    | Annotated[JudgeResultEvent, Tag("judge_result")]
    | Annotated[UnknownEvent, Tag("unknown")],
    Discriminator(_tag),
]


class EventsPage(Model):
    """A page of a session's log. The events are the same bytes that the socket sends."""

    epoch: str
    """The epoch of the log: it changes when earlier sequence numbers are no longer valid."""
    events: list[SessionEvent]
    """The events in the order of their sequence numbers."""
    last_seq: int
    """The sequence number of the last event in the log."""


SERVER_CODES: Final = frozenset(
    {
        "bad_request",
        "unknown_type",
        "validation",
        "payload_too_large",
        "unauthenticated",
        "invalid_credentials",
        "registration_closed",
        "username_taken",
        "email_taken",
        "forbidden",
        "not_found",
        "not_joined",
        "evaluation_in_progress",
        "not_running",
        "limit_exceeded",
        "token_expired",
        "rate_limited",
        "overloaded",
        "draining",
        "internal",
    }
)


CONTROLS: Final = frozenset({"token_expiring", "drain", "session_closed", "heartbeat"})
