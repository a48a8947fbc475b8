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
    """What an owner has added to an evaluation."""

    name: str | None = None
    """What to call it."""
    notes: str | None = None
    """In words."""
    tags: list[str]
    """Sorted."""


CancelReason = Literal["user", "deadline", "deleted"] | str
"""Why a run was cancelled."""


class Cancelled(Model):
    """`evaluation_cancelled`."""

    reason: CancelReason
    """Why."""


Id = str


class Cancelling(Model):
    """Answer to a cancel."""

    run_id: Id
    """The run that is being ended."""
    session_id: Id
    """The evaluation."""


JudgeStatus = Literal["completed", "abstained", "failed", "timeout", "rate_limited", "unavailable"] | str
"""How asking a judge ended; only `Completed` carries a score."""


class CheckedJudge(Model):
    """What came of asking one judge."""

    error: str | None = None
    """What went wrong, for a failure."""
    name: str
    """The configured name."""
    response_time_ms: int
    """From asking to answering."""
    score: float | None = None
    """0 (nothing holds) .. 100 (all does); null unless completed."""
    status: JudgeStatus
    """How it ended; `timeout` where it was not heard in time."""


class Span(Model):
    """A half-open range of a stored text, counted in UTF-16 code units, as a browser's `slice` counts."""

    end: int
    """One past the last code unit."""
    start: int
    """First code unit."""


class Citation(Model):
    """A citation of a claim."""

    source: str | None = None
    """The source that it names; null where it names none."""
    span: Span
    """Where the mark stands in the output."""


ClaimType = Literal["factual", "numerical", "temporal", "quotation", "comparative", "causal"] | str
"""What a claim mainly rests on."""


class Claim(Model):
    """One claim of a run."""

    id: Id
    """Unique among all runs."""
    index: int
    """Place in the candidate, from 0."""
    span: Span
    """Where it stands in the candidate."""
    text: str
    """Exactly the candidate's text at `span`."""
    type: ClaimType
    """What it mainly rests on."""


class DocumentPlace(Model):
    """A document of a collection."""

    collection_id: Id
    """The collection."""
    document_id: Id
    """The document."""


class Evidence(Model):
    """A passage that a verdict rests on."""

    document: DocumentPlace | None = None
    """The document, where it came from a collection."""
    source: str
    """`SOURCE_TEXT`, the name of one of several sources, or the name of the document it came from."""
    span: Span
    """Where it stands in the text that `source` names."""
    text: str
    """Exactly the text at `span`."""


Label = Literal["SUPPORTED", "REFUTED", "NOT_ENOUGH_INFO"] | str
"""The three verdicts of claim verification (the names are those of the FEVER task)."""


class Probabilities(Model):
    """How likely each label is, by all that is known; the three sum to 1."""

    not_enough_info: float
    """That it does neither, 0..1."""
    refuted: float
    """That the evidence contradicts the claim, 0..1."""
    supported: float
    """That the evidence entails the claim, 0..1."""


class JudgeOpinion(Model):
    """What one judge said of one claim."""

    confidence: float
    """0..1."""
    judge_name: str
    """The judge's configured name."""
    label: Label
    """Its label."""
    probability: Probabilities | None = None
    """How likely each label is to the judge, where it says so."""


class ClaimView(Claim):
    """A claim with its verdict, once there is one."""

    citations: list[Citation] | None = None
    """What the output cites for it, once the run is complete and where several sources were sent."""
    confidence: float | None = None
    """The probability of `label`, 0..1."""
    evidence: list[Evidence]
    """Best first."""
    label: Label | None = None
    """What was decided: the panel's label once the run is complete, the verifier's before; null while
    there is none.
    """
    probability: Probabilities | None = None
    """How likely each label is; null while the claim is not decided."""
    reasoning: str | None = None
    """In words."""
    verifier_label: Label | None = None
    """What the verifier decided, before the judges were heard."""
    views: list[JudgeOpinion]
    """What each judge with a view of the claim said, in the order of `judges`."""


class ProbabilityInterval(Model):
    """Where a probability lies, as far as its calibration can tell."""

    level: float
    """How often such intervals have the true share in them: 0.95."""
    lower: float
    """The lower end, 0..1."""
    method: str
    """`texts`: how far kinds of text differ in how often outputs with this probability hold, as measured
    between sets of labelled texts. `labels`: how far the labels of the operator's calibration settle
    it.
    """
    upper: float
    """The upper end, 0..1."""


class Faithfulness(Model):
    """Whether the source supports every claim of the output."""

    basis: str
    """What the probability was calibrated on: `built-in/1`, or the name of the operator's calibration."""
    flagged: bool
    """True where `probability` is below `threshold`."""
    interval: ProbabilityInterval | None = None
    """How sure the probability itself is; absent in results of earlier versions, and where a calibration
    of an earlier version gave it.
    """
    probability: float
    """The calibrated probability that it does, 0..1."""
    threshold: float
    """Below it an output is flagged, 0..1."""


GuardReason = Literal["below_threshold", "not_heard", "no_score"] | str
"""Why an answer is flagged."""


GuardVerdict = Literal["pass", "flag", "nothing_to_check"] | str
"""What to do with an answer."""


class NonClaim(Model):
    """A part of the output that states nothing."""

    reason: str
    """What it is instead: `heading`, `question`, `courtesy`, `announcement`, `opinion`, `abstention`,
    `fragment` and the like.
    """
    span: Span
    """Where it stands in the output."""


class StampedJudge(Model):
    """One judge, as it judged."""

    answered_by: str | None = None
    """The model that the provider says has answered; absent where it did not answer, or does not say."""
    kind: str
    """`openai`, or the kind of an offline judge."""
    model: str
    """The model's name, as it is configured; for an offline judge its kind and version."""
    name: str
    """The configured name."""
    rubric: str | None = None
    """Version of the rubric that a language model was given."""


class PanelStamp(Model):
    """The panel that a result is from."""

    calibration: str | None = None
    """The operator's calibration, by its hash; absent where none was used."""
    fingerprint: str
    """A digest of all that follows: the same for the same panel."""
    judges: list[StampedJudge]
    """In the order of their names."""
    neural: bool
    """Whether the model in the program was used."""
    release: str
    """The auditor's version."""


class CheckView(Model):
    """What is known of an answer when its time is over."""

    claims: list[ClaimView]
    """The claims with what was decided of them; empty where they were not all verified in time."""
    evaluation_id: Id | None = None
    """The evaluation that it is kept as; absent without `keep`, and where it could not be stored within
    the time: it is stored then all the same, and listed.
    """
    faithfulness: Faithfulness | None = None
    """Whether the source supports every claim, by those who were heard; null without a claim, and where
    too little was heard to tell.
    """
    judges: list[CheckedJudge]
    """The judges that were asked, in the order in which they were named."""
    missing: list[str]
    """Names of the judges without an answer: out of time, or failed."""
    non_claims: list[NonClaim]
    """Parts of the output that state nothing which a source could bear out."""
    outcome_reason: str | None = None
    """Why there is nothing to check: `abstained` where the output says that the source does not tell,
    `no_claim` where it states nothing.
    """
    panel: PanelStamp
    """Which panel it was."""
    reasons: list[GuardReason]
    """Why it is flagged; empty where it is not."""
    threshold: float
    """Below this chance an answer is flagged, 0..1."""
    took_ms: int
    """How long it took."""
    verdict: GuardVerdict
    """What to do with the answer. It passes only where everybody was heard who had to be."""


class Verdict(Model):
    """The verifier's decision on one claim."""

    claim: Claim
    """The claim that was decided."""
    confidence: float
    """The probability of `label`, 0..1."""
    evidence: list[Evidence]
    """Best first; empty where the source holds nothing on the subject."""
    label: Label
    """What was decided: the label of `probability`."""
    probability: Probabilities | None = None
    """How likely each label is."""
    reasoning: str
    """What is missing, contradicted or matched, in words."""


class ClaimDecided(Verdict):
    """`claim_verdict`."""

    completed: int
    """Claims decided so far, this one included."""
    total: int
    """Claims in all."""


class ClaimRevised(Model):
    """`claim_revised`: the panel has decided a claim otherwise than the verifier. Comes before
    `evaluation_complete`; a claim without one keeps the label of its `claim_verdict`.
    """

    claim_id: Id
    """The claim."""
    confidence: float
    """The probability of `label`, 0..1."""
    index: int
    """Its place in the candidate, from 0."""
    label: Label
    """The final label."""
    previous_label: Label
    """The verifier's label, as `claim_verdict` told it."""
    probability: Probabilities
    """How likely each label is."""
    views: list[JudgeOpinion]
    """What each judge with a view of the claim said, by name."""


class CollectionView(Model):
    """A collection."""

    chars: int
    """Characters of all documents."""
    created_at: datetime
    """When it was made."""
    documents: int
    """Its documents."""
    id: Id
    """Its id; an evaluation's `config.collection_id`."""
    name: str
    """As sent."""
    passages: int
    """The passages that they were cut into."""


class CollectionsView(Model):
    """A page of the user's collections."""

    items: list[CollectionView]
    """The oldest first."""
    next_cursor: Id | None = None
    """For the next page; null on the last."""


AggregationStrategy = Literal["weighted_average", "mean", "median", "trimmed_mean", "majority_vote"] | str
"""How the judges' scores become one."""


class Agreement(Model):
    """Agreement of the judges over the claims that they labelled."""

    fleiss_kappa: float | None = None
    """Fleiss 1971."""
    gwet_ac1: float | None = None
    """Gwet 2008."""
    interpretation: str | None = None
    """Landis & Koch's word for alpha."""
    items: int
    """Claims that count."""
    krippendorff_alpha: float | None = None
    """Krippendorff 2004, nominal, missing labels allowed."""
    raters: int
    """Judges that count."""
    raw: float | None = None
    """Mean pairwise agreement."""
    undefined_because: str | None = None
    """Why figures are null: `fewer_than_2_raters`, `no_items`, `one_category`."""


class Calibrated(Model):
    """What a calibration makes of a result. `faithfulness` is the calibrated one then; the hallucination
    score stays what it is.
    """

    created_at: str
    """When it was fitted."""
    flagged: bool
    """True at the threshold or over it."""
    hallucination_score: float
    """The chance in percent that not all is supported, by the labels."""
    hash: str
    """SHA-256 of its figures."""
    labels: int
    """Labels that it was fitted on."""
    name: str
    """The calibration's name."""
    raw_hallucination_score: float
    """The result's hallucination score, as the panel gave it, 0..100."""
    raw_probability: float | None = None
    """The probability that the source supports every claim, before the calibration; absent in results of
    the first release.
    """
    threshold: float
    """From which such chance an output is flagged: `faithfulness.threshold`, seen from the other side."""


class CheckedCitation(Model):
    """A citation, and what the source that it names says of the claim."""

    claim_id: Id | None = None
    """The claim that it stands at; null where it stands at none."""
    confidence: float | None = None
    """The probability of `label`, 0..1."""
    label: Label | None = None
    """What that source alone says of the claim; null where that was not compared."""
    source: str | None = None
    """The source that it names; null where it names none."""
    span: Span
    """Where the mark stands in the output."""


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
"""What kind of fault."""


Severity = Literal["low", "medium", "high", "critical"] | str
"""How bad it is."""


class Issue(Model):
    """One flagged fault."""

    description: str
    """What is wrong, in words."""
    severity: Severity
    """How bad."""
    span: Span | None = None
    """Where in the candidate, if it can be pinned down."""
    type: IssueType
    """What kind."""
    unmatched_quote: str | None = None
    """What the judge quoted, where the candidate holds no such passage."""


class CitationFindings(Model):
    """The citations and the quotations of an output."""

    issues: list[Issue]
    """What is wrong with them: `citation_unknown`, `citation_mismatch`, `quote_stitched`."""
    items: list[CheckedCitation]
    """The citations in the output's order, the first thousand of them."""
    total: int
    """All citations."""


class Proportion(Model):
    """An interval of a share."""

    lower: float
    """0..1."""
    upper: float
    """0..1."""


class ClaimCounts(Model):
    """How the claims were decided."""

    not_enough_info: int
    """Of these, neither."""
    refuted: int
    """Of these, refuted."""
    supported: int
    """Of these, supported."""
    supported_interval: Proportion | None = None
    """Wilson 95 % interval of supported / total; null without claims."""
    total: int
    """Claims with a verdict."""


class ConfidenceInterval(Model):
    """An interval of the consensus."""

    level: float
    """0.95."""
    lower: float
    """0..100."""
    method: str
    """`student_t` or `bootstrap`."""
    n: int
    """Number of judges."""
    n_effective: float | None = None
    """How many independent judges they are worth (Kish 1965); absent in results of the first release."""
    upper: float
    """0..100."""


class HallucinationComponents(Model):
    """The four parts of the hallucination score, each 0..1."""

    confidence: float
    """1 − mean confidence."""
    inverse_consensus: float
    """(100 − consensus) / 100."""
    issues: float
    """Mean over the judges of 1 − Π(1 − w)."""
    verification: float | None = None
    """(refuted + ½ not_enough_info) / total; null without verified claims."""


Place = Literal["candidate", "source", "question", "document"] | str
"""Which text."""


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
"""What gives a passage away."""


class InjectionSign(Model):
    """One suspicious passage."""

    document: str | None = None
    """The document's name, where it is one."""
    excerpt: str
    """What stands there: at most 100 characters, those that can't be seen left out or spelt out."""
    kind: SignKind
    """What gives it away."""
    place: Place
    """Which text."""
    span: Span
    """Where in that text, in UTF-16 code units."""


class InjectionFindings(Model):
    """What speaks to the judges in the texts of a run."""

    signs: list[InjectionSign]
    """In the order candidate, source, question, and there from the beginning; the first 50."""
    total: int
    """All that were found."""


class JudgeCounts(Model):
    """How many judges were asked, and how that ended. `requested` less the other two abstained."""

    completed: int
    """Gave a score."""
    failed: int
    """Gave no usable answer."""
    requested: int
    """Asked."""


class OfflineComparison(Model):
    """The language models beside the offline judges, which can't be talked to."""

    gap: float
    """`model_mean` less `offline_mean`."""
    large: bool
    """True from 30 points on, in either direction."""
    model_mean: float
    """Mean score of the language models that completed, 0..100."""
    note: str | None = None
    """The same in words, where the gap is large."""
    offline_judges: int
    """How many offline judges it rests on."""
    offline_mean: float
    """Mean score of the offline judges, 0..100."""
    run_for_comparison: bool
    """True where they were run for the comparison alone, and count in no other figure."""


Outcome = Literal["checked", "nothing_to_check"] | str
"""Whether there was anything to check."""


Reliability = Literal["high", "medium", "low", "unknown"] | str
"""How far the figures carry."""


class Statistics(Model):
    """Spread of the scores of the judges that completed."""

    max: float
    """Highest."""
    mean: float
    """Arithmetic mean."""
    median: float
    """Middle score."""
    min: float
    """Lowest."""
    q1: float
    """First quartile, Hyndman-Fan type 7."""
    q3: float
    """Third quartile, Hyndman-Fan type 7."""
    standard_deviation: float | None = None
    """Its root."""
    variance: float | None = None
    """Sample variance; null for fewer than two judges."""


class Usage(Model):
    """What calls to a language model used."""

    completion_tokens: int
    """Tokens received."""
    cost_usd: float | None = None
    """Price in US dollars, where one is known."""
    prompt_tokens: int
    """Tokens sent."""


class AuditResult(Model):
    """The result of a run. A figure that is undefined is null, and a field beside it says why."""

    aggregation_strategy: AggregationStrategy
    """How scores became one."""
    agreement: Agreement
    """Agreement over the claims' labels."""
    calibration: Calibrated | None = None
    """The score calibrated to labels of the operator's own, where a calibration for these judges is
    configured.
    """
    citations: CitationFindings | None = None
    """The output's citations beside the sources that they name, and its quotations; left out where there
    are none.
    """
    claims: ClaimCounts
    """How the panel decided the claims."""
    confidence_interval: ConfidenceInterval | None = None
    """95 % interval of the consensus; judges that see the same evidence count as fewer than they are."""
    confidence_interval_reason: str | None = None
    """Why there is no interval: `fewer_than_3_judges`, `dependent_judges` where they are worth fewer than
    two that err apart, `nothing_to_check`.
    """
    consensus_score: float | None = None
    """The judges' scores made one, 0..100; null where there was nothing to check."""
    faithfulness: Faithfulness | None = None
    """Whether the source supports every claim of the output; null where there is none."""
    hallucination_breakdown: dict[str, float]
    """Each issue type's share of the weight of all flagged issues; sums to 1, or is empty."""
    hallucination_components: HallucinationComponents | None = None
    """The parts of the hallucination score, each 0..1; null where there was nothing to check."""
    hallucination_score: float | None = None
    """0 (all holds) .. 100 (nothing does); null where there was nothing to check."""
    injection: InjectionFindings | None = None
    """Passages of the texts that speak to whoever judges them, where any were found."""
    inter_judge_agreement: float | None = None
    """r*wg of the scores, 0..1; null for fewer than two judges."""
    judges: JudgeCounts
    """How many judges were asked, answered and failed."""
    mean_confidence: float | None = None
    """Mean of the judges' confidences; null where there was nothing to check."""
    non_claims: list[NonClaim] | None = None
    """Parts of the output that state nothing which a source could bear out, in its order."""
    offline_comparison: OfflineComparison | None = None
    """The language models beside the offline judges, where a language model completed."""
    outcome: Outcome | None = None
    """Whether there was anything to check."""
    outcome_reason: str | None = None
    """Why there was nothing to check: `abstained` where the output says that the source does not tell,
    `no_claim` where it states nothing.
    """
    reliability: Reliability
    """How far the verdicts carry, by their calibrated confidence and by what failed."""
    reliability_reasons: list[str]
    """Each rule that lowered it: `verdict_confidence_below_0.75`, `verdict_confidence_below_0.9`,
    `half_of_judges_failed`, `judge_failed`, `fewer_than_2_judges`, `no_claims`.
    """
    statistics: Statistics | None = None
    """Spread of the scores; null where there was nothing to check."""
    usage: Usage | None = None
    """Sum over the judges that report usage."""


class Completed(Model):
    """`evaluation_complete`."""

    degraded: bool
    """True where a judge failed or verification could not be done."""
    processing_time_ms: int
    """From start to end, waits included."""
    result: AuditResult
    """All figures."""


class ConfigRequest(TypedDict, total=False):
    """Settings of a new evaluation."""

    aggregation_strategy: AggregationStrategy | None
    """How the scores become one."""
    collection_id: Id | None
    """A collection of the user's to retrieve from; turns retrieval on. Null: none, whatever is preferred."""
    deadline_ms: int | None
    """How long a run may take."""
    enable_retrieval: bool | None
    """Whether the judges see the best passages of the source instead of all of it."""
    judges: list[str] | None
    """Names of judges, as `GET /judges` lists them."""
    quorum: int | None
    """How many judges have to give a score for there to be a result; at most as many as are asked."""


class DocumentView(Model):
    """A document without its text."""

    chars: int
    """Characters (Unicode scalar values) of its text."""
    collection_id: Id
    """Where it is."""
    created_at: datetime
    """When it was added."""
    id: Id
    """Its id."""
    media_type: str
    """What it was sent as."""
    name: str
    """What evidence calls it."""
    passages: int
    """The passages that it was cut into."""


class DocumentTextView(DocumentView):
    """A document with its text."""

    text: str
    """What spans of its evidence point into: plain text as sent, of other kinds what was read out of them."""


class DocumentsView(Model):
    """A page of a collection's documents."""

    items: list[DocumentView]
    """The oldest first."""
    next_cursor: Id | None = None
    """For the next page; null on the last."""


class JudgeEstimate(Model):
    """What one judge will take for an evaluation."""

    calls: int
    """Requests, unless one fails or is repaired; 0 for an offline judge."""
    cost_usd: float | None = None
    """In US dollars, at most; null where the model has no price."""
    judge_name: str
    """The configured name."""
    max_completion_tokens: int
    """Tokens received, at most."""
    model: str
    """The model's name."""
    prompt_tokens: int
    """Tokens sent, estimated from the prompt's characters."""


class EstimateView(Model):
    """What a run of an evaluation will take at most."""

    calls: int
    """Requests of all."""
    cost_usd: float | None = None
    """In US dollars, at most; null where a model has no price."""
    fits: bool
    """Whether the budgets bear all of it now."""
    judges: list[JudgeEstimate]
    """Each judge of the evaluation."""
    max_completion_tokens: int
    """Tokens received by all, at most."""
    prompt_tokens: int
    """Tokens sent by all."""
    reasons: list[str]
    """Which budgets do not."""


class EvaluationConfig(Model):
    """The settings of one evaluation, complete: what the request left out is filled in."""

    aggregation_strategy: AggregationStrategy
    """How scores become one."""
    collection_id: Id | None = None
    """The collection whose passages count beside the source; none: the source alone."""
    deadline_ms: int
    """How long a run may take."""
    enable_retrieval: bool
    """Whether the judges see the best passages of the source instead of all of it."""
    judges: list[str]
    """Names of the judges to ask; at least one."""
    quorum: int | None = None
    """How many judges have to give a score for there to be a result."""


class ClaimLabel(Model):
    """A judge's own label for one claim."""

    claim_id: Id
    """The claim."""
    confidence: float
    """0..1."""
    label: Label
    """The judge's label."""
    probability: Probabilities | None = None
    """How likely each label is to the judge, where it says so."""


class PromptStamp(Model):
    """Which prompt."""

    sha256: str
    """SHA-256 of all that was sent, in hex."""
    version: str
    """Version of the rubric: the built-in one's, or a template file's name."""


class QuoteCheck(Model):
    """Passages that a judge quoted, looked up in the text that they are said to be from."""

    given: int
    """Quotes given."""
    lowered: int
    """Labels that became NOT_ENOUGH_INFO, because what they quote is not in the source."""
    missing: int
    """Of these, not found."""


class Repeats(Model):
    """Repeated askings of one judge."""

    scores: list[float | None]
    """Each score, in the order of asking; null for an asking that failed."""
    standard_deviation: float | None = None
    """Sample standard deviation; null for fewer than two scores."""


class SecondLook(Model):
    """An asking without the sentences that speak to the judge."""

    left_out: int
    """Sentences left out."""
    with_: float = Field(alias="with")
    """Score of the whole."""
    without: float | None = None
    """Score without them; null where that asking failed."""


class Details(Model):
    """What is kept of a language model's answer beside the answer; a part without content is absent."""

    answered_by: str | None = None
    """The model that the provider says has answered, which may be a dated version of the configured one;
    absent where it does not say.
    """
    cached_age_ms: int | None = None
    """Set where an answer was not asked for again: the age of the oldest one used."""
    prompt: PromptStamp | None = None
    """What it was asked."""
    quotes: QuoteCheck | None = None
    """What became of the passages that it quoted."""
    repaired: bool | None = None
    """True where its first answer could not be used, and a second was asked for."""
    repeats: Repeats | None = None
    """Its own spread, where it was asked repeatedly."""
    second_look: SecondLook | None = None
    """The second asking, without the suspicious sentences."""
    unlabelled: int | None = None
    """Claims that it was to label and did not, or not so that it can be read; absent where there is none."""
    usage_estimated: bool | None = None
    """True where its provider did not count tokens, and `usage` is the auditor's estimate."""


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
"""Why there is no score, finer than `JudgeStatus`."""


class JudgeReport(Model):
    """The whole outcome of asking one judge in one run."""

    attempts: int
    """How many times it was asked."""
    claim_verdicts: list[ClaimLabel]
    """Its labels, for the claims it has an opinion on."""
    confidence: float | None = None
    """0..1; null unless completed."""
    details: Details | None = None
    """How a language model's answer came about."""
    error: str | None = None
    """What went wrong, for a failure."""
    failure: Failure | None = None
    """Its kind, finer than `status`."""
    flagged_issues: list[Issue]
    """Faults it found."""
    judge_name: str
    """The configured name."""
    kind: str
    """`openai`, or the kind of an offline judge."""
    model: str
    """The model's name; for an offline judge its kind and version."""
    reasoning: str
    """Why, in the judge's words; why not, where there is no score."""
    response_time_ms: int
    """From asking to answering, all attempts and waits included."""
    score: float | None = None
    """The share of the claims that hold in its view, 0 (none) .. 100 (all); null unless completed."""
    status: JudgeStatus
    """How it ended."""
    usage: Usage | None = None
    """What it used, where a provider says so."""


class NamedSource(Model):
    """One of several sources."""

    name: str
    """What evidence and citations call it; unique in its evaluation."""
    span: Span
    """Where it stands in `source_text`."""


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
"""What kind of thing went wrong in a run."""


class RunError(Model):
    """`evaluation_error`."""

    details: dict[str, Any] | None = None
    """Machine-readable facts, such as the judge's name."""
    error_type: ErrorType
    """What kind."""
    fatal: bool
    """Whether the run ended with it."""
    message: str
    """What happened."""
    recovery_suggestions: list[str]
    """What a person can do about it."""


Status = Literal["pending", "in_progress", "completed", "failed", "cancelled"] | str
"""Where an evaluation stands; a run has the same states without `Pending`."""


class EvaluationView(Model):
    """An evaluation, whole."""

    candidate_output: str
    """As sent."""
    claims: list[ClaimView]
    """The last run's claims."""
    completed_at: datetime | None = None
    """When its last run ended."""
    config: EvaluationConfig
    """Complete: what was left out is filled in."""
    created_at: datetime
    """When it was made."""
    epoch: str
    """Its log's incarnation."""
    error: RunError | None = None
    """What ended the last run, if it failed."""
    id: Id
    """Its id, which is its session's id on the socket."""
    judges: list[JudgeReport]
    """The last run's judges, in the order in which they were heard."""
    last_seq: int
    """Its log's end when this was read."""
    name: str | None = None
    """What its owner calls it."""
    notes: str | None = None
    """Its owner's."""
    question: str | None = None
    """As sent."""
    result: AuditResult | None = None
    """All figures, if the last run completed."""
    run_id: Id | None = None
    """Its last run."""
    source_text: str
    """As sent; several sources one after another."""
    sources: list[NamedSource] | None = None
    """Where several sources were sent: what each is called, and where it stands in `source_text`. A span
    of evidence counts within the source that it names.
    """
    started_at: datetime | None = None
    """When its last run started."""
    status: Status
    """Where it stands."""
    tags: list[str]
    """Its owner's, sorted."""


class FeedbackView(Model):
    """One opinion."""

    claim_id: Id | None = None
    """The claim that it is about; null: the whole."""
    comment: str | None = None
    """As sent."""
    created_at: datetime
    """When it was given."""
    id: Id
    """Its id."""
    label: Label | None = None
    """What should have been decided."""
    score: float | None = None
    """0..100."""


class FeedbackListView(Model):
    """A page of what is said of an evaluation."""

    items: list[FeedbackView]
    """The oldest first."""
    next_cursor: Id | None = None
    """For the next page; null on the last."""


class JudgeView(Model):
    """A configured judge."""

    default: bool
    """Whether it is asked where nobody names judges."""
    description: str
    """What it does, in one plain line."""
    kind: str
    """`openai`, or the kind of an offline judge."""
    model: str
    """The model's name."""
    name: str
    """What evaluations ask for."""
    offline: bool
    """True where nothing leaves the machine."""
    state: str
    """State of its circuit: `closed` (calls go through), `open` or `half_open`."""


class JudgesView(Model):
    """All configured judges."""

    items: list[JudgeView]
    """In the configuration's order."""


Scope = Literal["read", "audit", "manage"] | str
"""What a key may do. Each scope holds the ones before it."""


class KeyView(Model):
    """A key, without its text."""

    addresses: list[str]
    """The networks that it may come from; none: it may come from anywhere."""
    created_at: datetime
    """When it was made."""
    day_tokens: int | None = None
    """Tokens that what it starts may use on one day (UTC); null: as many as the account has."""
    day_usd: float | None = None
    """US dollars that what it starts may cost on one day (UTC); null: as much as the account has."""
    expires_at: datetime | None = None
    """From when on it is not taken; null: it is taken until it is revoked."""
    id: Id
    """Revokes it."""
    last_used_at: datetime | None = None
    """When it was last used, to the minute; null: never."""
    name: str
    """What its owner calls it."""
    prefix: str
    """How it begins, so that you know it again."""
    scopes: list[Scope]
    """What it may do."""


class KeysView(Model):
    """The user's keys that were not revoked."""

    items: list[KeyView]
    """The oldest first."""


class ClaimTotals(Model):
    """How many claims have each label."""

    not_enough_info: int
    """Neither."""
    refuted: int
    """Refuted."""
    supported: int
    """Supported."""


class SummaryView(Model):
    """An evaluation in a list."""

    candidate_preview: str
    """The first 160 characters of the candidate."""
    claims: ClaimTotals | None = None
    """How the claims of the last run were decided, if it completed."""
    completed_at: datetime | None = None
    """When its last run ended."""
    config: EvaluationConfig
    """Its settings."""
    consensus_score: float | None = None
    """Of the last run, if it completed."""
    cost_usd: float | None = None
    """In US dollars; of the last run, if it completed and its judges have a price."""
    created_at: datetime
    """When it was made."""
    epoch: str
    """Its log's incarnation."""
    hallucination_score: float | None = None
    """Of the last run, if it completed."""
    id: Id
    """Its id."""
    last_seq: int
    """Its log's end."""
    name: str | None = None
    """What its owner calls it."""
    probability: float | None = None
    """That all of the output holds, 0..1; of the last run, if it completed and there was anything to
    check.
    """
    question: str | None = None
    """As sent."""
    run_id: Id | None = None
    """Its last run."""
    source_preview: str
    """The first 160 characters of the source."""
    started_at: datetime | None = None
    """When its last run started."""
    status: Status
    """Where it stands."""
    tags: list[str]
    """Its owner's, sorted."""


class ListView(Model):
    """A page of a list."""

    items: list[SummaryView]
    """The evaluations, in the order asked for."""
    next_cursor: str | None = None
    """For the next page; null on the last."""


class NewKeyView(KeyView):
    """A new key, the only time that it is told."""

    key: str
    """The key itself, for `Authorization: Bearer`."""


class NewShareView(Model):
    """A new link, the only time that it is told."""

    created_at: datetime
    """When it was made."""
    expires_at: datetime
    """From when on it leads nowhere."""
    id: Id
    """Takes it back."""
    show_documents: bool
    """Whether it shows what was found in collections."""
    url: str
    """The path of the page; with `Accept: application/json`, and below the base, the result itself."""


Theme = Literal["system", "light", "dark"] | str
"""The colours of the page."""


class Preferences(TypedDict, total=False):
    """A user's preferences. What is left out is the server's to choose."""

    aggregation_strategy: AggregationStrategy | None
    """As in an evaluation's `config`."""
    collection_id: Id | None
    """As in an evaluation's `config`."""
    deadline_ms: int | None
    """As in an evaluation's `config`."""
    enable_retrieval: bool | None
    """As in an evaluation's `config`."""
    judges: list[str] | None
    """As in an evaluation's `config`."""
    quorum: int | None
    """As in an evaluation's `config`; one with fewer judges needs all of them."""
    theme: Theme
    """The page's colours."""


Stage = Literal["queued", "claim_extraction", "retrieval", "verification", "judging", "aggregation"] | str
"""What a run is doing."""


class Progress(Model):
    """`evaluation_progress`."""

    message: str
    """For people."""
    progress: float
    """Of the whole run, 0..100; never falls."""
    stage: Stage
    """What the run is doing."""
    stage_progress: float
    """Of this stage, 0..100."""


class RunView(Model):
    """A run of an evaluation, with the figures of its result."""

    claims: ClaimTotals | None = None
    """How its claims were decided, if it completed."""
    completed_at: datetime | None = None
    """When it ended."""
    consensus_score: float | None = None
    """0..100, if it completed."""
    error: str | None = None
    """What ended it, if it failed."""
    hallucination_score: float | None = None
    """0..100, if it completed."""
    id: Id
    """Its id."""
    probability: float | None = None
    """That all of the output holds, 0..1, if it completed and there was anything to check."""
    started_at: datetime
    """When it started."""
    status: Status
    """Where it stands."""


class RunsView(Model):
    """A page of an evaluation's runs."""

    items: list[RunView]
    """The newest first."""
    next_cursor: Id | None = None
    """For the next page; null on the last."""


class HitView(Model):
    """A passage that was found."""

    document_id: Id
    """Its document."""
    document_name: str
    """The document's name."""
    score: float
    """Over 0; compares only within one answer."""
    span: Span
    """Where it stands in the document."""
    text: str
    """Exactly the document's text at `span`."""


class SearchView(Model):
    """What was found."""

    items: list[HitView]
    """The best first."""


NotRecovered = Literal["epoch_mismatch", "too_far_behind", "future_position"] | str
"""Why a join brings no replay."""


class SessionJoined(Model):
    """`session_joined`."""

    epoch: str
    """The log's incarnation."""
    last_seq: int
    """The log's end at this moment."""
    members: int
    """Connections in the session, this one included."""
    reason: NotRecovered | None = None
    """Why not, where a position was given."""
    recovered: bool
    """Whether everything missed follows."""
    session_id: Id
    """Which session."""
    status: Status
    """Where its evaluation stands."""


class SharedView(Model):
    """An evaluation as whoever has a link sees it: nothing says whose it is."""

    candidate_output: str
    """As sent."""
    claims: list[ClaimView]
    """The last run's claims."""
    completed_at: datetime | None = None
    """When its last run ended."""
    config: EvaluationConfig
    """Its settings."""
    created_at: datetime
    """When it was made."""
    documents_withheld: bool
    """True where documents of the owner's took part that the link does not show: neither evidence from
    them nor the words of judges and rules, which may quote them.
    """
    judges: list[JudgeReport]
    """The last run's judges, in the order in which they were heard."""
    question: str | None = None
    """As sent."""
    result: AuditResult | None = None
    """All figures, if the last run completed."""
    source_text: str
    """As sent; several sources one after another."""
    sources: list[NamedSource] | None = None
    """Where several sources were sent: what each is called, and where it stands in `source_text`."""
    started_at: datetime | None = None
    """When its last run started."""
    status: Status
    """Where it stands."""


class ShareView(Model):
    """A link, without its token."""

    created_at: datetime
    """When it was made."""
    expires_at: datetime
    """From when on it leads nowhere."""
    id: Id
    """Takes it back."""
    show_documents: bool
    """Whether it shows what was found in collections."""


class SharesView(Model):
    """The links of an evaluation that lead to it."""

    items: list[ShareView]
    """The oldest first."""


class Started(Model):
    """Answer to a start."""

    run_id: Id
    """Its run."""
    session_id: Id
    """The evaluation."""
    status: Status
    """`in_progress`."""
    websocket_url: str
    """Where its events can be watched."""


class DayFigures(Model):
    """The evaluations of one day."""

    claims: ClaimTotals
    """How their claims were decided."""
    day: str
    """UTC, `YYYY-MM-DD`."""
    evaluations: int
    """How many were made."""
    mean_consensus_score: float | None = None
    """Of those that have one, 0..100."""
    mean_hallucination_score: float | None = None
    """Of those that have one, 0..100."""
    mean_probability: float | None = None
    """That all of an output holds, 0..1; of those that have one."""


class Disagreement(Model):
    """How often two judges differ."""

    claims: int
    """Claims that both labelled."""
    disagreed: int
    """With different labels."""
    judges: list[str]
    """Their names, in order."""
    share: float
    """`disagreed` of `claims`, 0..1."""


class EvaluationCounts(Model):
    """Evaluations by state; those that wait or run are only in `total`."""

    cancelled: int
    """Ended by their user or a deadline."""
    completed: int
    """With a result."""
    failed: int
    """Ended by an error."""
    total: int
    """All of them."""


class JudgeDay(Model):
    """What one judge said on one day."""

    day: str
    """UTC, `YYYY-MM-DD`: when the evaluations were made."""
    mean_score: float | None = None
    """0..100."""
    results: int
    """How often it was heard."""


class JudgeFigures(Model):
    """What one judge said."""

    abstained: int
    """With nothing to say."""
    by_day: list[JudgeDay]
    """Days on which it was heard, the oldest first."""
    completed: int
    """With a score."""
    completion_tokens: int
    """Tokens received."""
    cost_usd: float | None = None
    """In US dollars; null where nothing has a price."""
    failed: int
    """Without a usable answer, whatever the reason."""
    judge_name: str
    """Its name."""
    kind: str
    """Its kind."""
    mean_confidence: float | None = None
    """0..1."""
    mean_response_time_ms: float | None = None
    """Of all its results, milliseconds."""
    mean_score: float | None = None
    """0..100."""
    prompt_tokens: int
    """Tokens sent."""
    results: int
    """How often it was heard."""


class StatisticsView(Model):
    """The evaluations made on the last days, by the state of each one's last run."""

    by_day: list[DayFigures]
    """Days with evaluations, the oldest first."""
    by_judge: list[JudgeFigures]
    """Judges that were heard, by name."""
    claims: ClaimTotals
    """How their claims were decided."""
    compared: int
    """How many of the newest evaluations with a result `disagreements` and `mean_agreement` look at."""
    days: int
    """How many days, today (UTC) included."""
    disagreements: list[Disagreement]
    """Each two judges that labelled the same claims."""
    evaluations: EvaluationCounts
    """How many there are."""
    from_: str = Field(alias="from")
    """The first of them, `YYYY-MM-DD`."""
    mean_agreement: float | None = None
    """Of `inter_judge_agreement` where it is defined."""
    mean_consensus_score: float | None = None
    """Of those that have one, 0..100."""
    mean_hallucination_score: float | None = None
    """Of those that have one, 0..100."""
    mean_probability: float | None = None
    """That all of an output holds, 0..1; of those that have one."""
    to: str
    """Today, `YYYY-MM-DD`."""


class TagView(Model):
    """A tag of a user's."""

    evaluations: int
    """How many evaluations have it."""
    tag: str
    """As given."""


class TagsView(Model):
    """The user's tags."""

    items: list[TagView]
    """Sorted; the first 1,000."""


class Tokens(Model):
    """An access token and the refresh token that renews it."""

    access_token: str
    """A JWT."""
    expires_in: int
    """Seconds until the access token ends."""
    refresh_token: str | None = None
    """Good for one use. Absent where it was asked for as a cookie."""
    token_type: str
    """`bearer`."""


class BudgetView(Model):
    """A budget; what is null is not bounded."""

    key_day_tokens: int | None = None
    """Of the key's day, sent and received."""
    key_day_usd: float | None = None
    """Of the day of the API key that was asked about, in US dollars; null without one."""
    key_left_today_tokens: int | None = None
    """What is left of `key_day_tokens`."""
    key_left_today_usd: float | None = None
    """What is left of `key_day_usd`."""
    left_today_tokens: int | None = None
    """What is left of `user_day_tokens`."""
    left_today_usd: float | None = None
    """What is left of `user_day_usd`."""
    run_tokens: int | None = None
    """Of one run, sent and received."""
    run_usd: float | None = None
    """Of one run, in US dollars."""
    user_day_tokens: int | None = None
    """Of a user's day, sent and received."""
    user_day_usd: float | None = None
    """Of a user's day, in US dollars."""


class DayView(Model):
    """What a user's language-model judges used on one day."""

    calls: int
    """Requests to language models."""
    completion_tokens: int
    """Tokens received."""
    cost_usd: float
    """In US dollars, of the models that have a price."""
    day: str
    """UTC, `YYYY-MM-DD`."""
    prompt_tokens: int
    """Tokens sent."""


class UsageView(Model):
    """What a user's language-model judges used, by day. It outlives the evaluations."""

    budget: BudgetView
    """What the operator allows."""
    items: list[DayView]
    """The days with any use, the newest first."""
    today: DayView
    """Today, UTC."""


class UserView(Model):
    """An account."""

    created_at: datetime
    """When it was made."""
    email: str
    """Its email address."""
    id: Id
    """Its id."""
    username: str
    """The name to log in with."""


class WelcomeHeartbeat(Model):
    """The heartbeat of `welcome`."""

    interval_ms: int
    """How often the server pings."""
    timeout_ms: int
    """How long it waits for any sign of life."""


class WelcomeLimits(Model):
    """The limits of `welcome`."""

    commands_per_second: int
    """Steady rate of commands."""
    max_message_bytes: int
    """Longest message, in bytes."""
    max_sessions: int
    """Sessions a connection may join."""
    replay: int
    """Events that a join replays at most."""


class WelcomeReconnect(Model):
    """The back-off that `welcome` asks for."""

    jitter: str
    """`full`: a random wait between 0 and the current bound."""
    max_ms: int
    """Longest wait."""
    min_ms: int
    """Shortest wait."""


class WelcomeUser(Model):
    """The user part of `welcome`."""

    id: Id
    """Account."""
    username: str
    """Its name."""


class Welcome(Model):
    """`welcome`."""

    connection_id: Id
    """Names this connection in logs."""
    heartbeat: WelcomeHeartbeat
    """How liveness is checked."""
    limits: WelcomeLimits
    """What the client has to keep to."""
    reconnect: WelcomeReconnect
    """How to come back."""
    server_time: datetime
    """The server's clock."""
    token_expires_at: datetime | None = None
    """When the token or the API key ends; null for a key that lasts until it is revoked."""
    user: WelcomeUser
    """Who the server takes the client for."""


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
    """The log's incarnation."""
    events: list[SessionEvent]
    """In order."""
    last_seq: int
    """The log's end."""


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
