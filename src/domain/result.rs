//! The result of an audit. The meaning of each figure is defined in `figures`;
//! this is its structure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calibration::Calibrated;
use super::citation::CitationFindings;
use super::claim::Span;
use super::injection::{InjectionFindings, OfflineComparison};
use super::issue::IssueType;
use super::report::Usage;
use super::settings::AggregationStrategy;

/// The result of a run. A figure that is undefined is null; where there are several possible reasons, another field
/// names the one that applies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditResult {
    /// Tells if the output contained any claim to check.
    #[serde(default)]
    pub outcome: Outcome,
    /// The reason why there was nothing to check: `abstained` if the output says that the source does not give the
    /// answer, `no_claim` if it states nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome_reason: Option<String>,
    /// The probability that the source supports every claim of the output; null if there is no claim.
    #[serde(default)]
    pub faithfulness: Option<Faithfulness>,
    /// The judges' scores combined, 0..100; null if there was nothing to check.
    pub consensus_score: Option<f64>,
    /// The hallucination score, from 0 (every claim holds) to 100 (none does); null if there was nothing to check.
    pub hallucination_score: Option<f64>,
    /// The components of the hallucination score, each 0..1; null if there was nothing to check.
    pub hallucination_components: Option<HallucinationComponents>,
    /// The share of each kind of issue in the weight of all flagged issues. The shares sum to 1; empty without issues.
    pub hallucination_breakdown: BTreeMap<IssueType, f64>,
    /// The 95 % confidence interval of the consensus score. Judges that see the same evidence count as fewer than they
    /// are.
    pub confidence_interval: Option<ConfidenceInterval>,
    /// The reason why there is no interval: `fewer_than_3_judges`, `dependent_judges` if the judges are worth fewer
    /// than two independent ones, or `nothing_to_check`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_interval_reason: Option<String>,
    /// The agreement of the scores (r*wg), 0..1; null for fewer than two judges.
    pub inter_judge_agreement: Option<f64>,
    /// The agreement of the judges on the labels of the claims.
    pub agreement: Agreement,
    /// Descriptive statistics of the scores; null if there was nothing to check.
    pub statistics: Option<Statistics>,
    /// The mean of the judges' confidences, 0..1; null if there was nothing to check.
    pub mean_confidence: Option<f64>,
    /// The number of claims for each label that the panel decided on.
    pub claims: ClaimCounts,
    /// The parts of the output that make no statement which a source could support, in the order of the output.
    #[serde(default)]
    pub non_claims: Vec<NonClaim>,
    /// The number of judges that were asked, that gave a score, and that failed.
    pub judges: JudgeCounts,
    /// The method by which the scores were combined.
    pub aggregation_strategy: AggregationStrategy,
    /// How reliable the verdicts are, given their calibrated confidence and the judges that failed.
    pub reliability: Reliability,
    /// The rules that lowered `reliability`: `verdict_confidence_below_0.75`, `verdict_confidence_below_0.9`,
    /// `half_of_judges_failed`, `judge_failed`, `fewer_than_2_judges`, `no_claims`.
    pub reliability_reasons: Vec<String>,
    /// The sum of the usage that judges report: no tokens if only judges in the program were asked. Absent in results
    /// of earlier versions where none reported any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The passages of the texts that address the judges; absent if none was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injection: Option<InjectionFindings>,
    /// The citations of the output compared with the sources that they name, and its quotations; absent if there are
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citations: Option<CitationFindings>,
    /// The language models' scores compared with those of the offline judges; absent unless a language model
    /// completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline_comparison: Option<OfflineComparison>,
    /// The effect of the operator's calibration; absent if none is configured for these judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibrated>,
}

/// Tells if the output contained any claim to check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The output holds claims, and they were checked.
    #[default]
    Checked,
    /// The output holds no claim.
    NothingToCheck,
}

impl Outcome {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checked => "checked",
            Self::NothingToCheck => "nothing_to_check",
        }
    }
}

/// The probability that the source supports every claim of the output, and if the output is flagged because of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Faithfulness {
    /// The calibrated probability that the source supports every claim, 0..1.
    pub probability: f64,
    /// True where `probability` is below `threshold`.
    pub flagged: bool,
    /// The threshold, 0..1: an output with a lower probability is flagged.
    pub threshold: f64,
    /// The basis of the calibration: `built-in/1`, or the name of the operator's calibration.
    pub basis: String,
    /// A confidence interval of the probability; absent in results of earlier versions, and with a calibration of an
    /// earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<ProbabilityInterval>,
}

/// A confidence interval of a probability, given how well its calibration is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProbabilityInterval {
    /// The confidence level, which is 0.95.
    pub level: f64,
    /// The lower bound, 0..1.
    pub lower: f64,
    /// The upper bound, 0..1.
    pub upper: f64,
    /// The source of the uncertainty. `texts`: outputs with the same probability are supported more often in some
    /// kinds of text than in others, as measured on several sets of labelled texts. `labels`: the limited number of
    /// labels in the operator's calibration.
    pub method: String,
}

/// A part of the output that makes no statement which a source could support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NonClaim {
    /// The position of the part in the output.
    pub span: Span,
    /// The kind of the part: `heading`, `question`, `courtesy`, `announcement`, `opinion`, `abstention`, `fragment`
    /// and others.
    pub reason: String,
}

/// The four components of the hallucination score, each 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HallucinationComponents {
    /// The component of the consensus: (100 − consensus) / 100.
    pub inverse_consensus: f64,
    /// The component of the verdicts: (refuted + ½ not_enough_info) / total; null without verified claims.
    pub verification: Option<f64>,
    /// The component of the flagged issues: the mean over the judges of 1 − Π(1 − w), where w is the weight of an
    /// issue.
    pub issues: f64,
    /// The component of the confidence: 1 − mean confidence.
    pub confidence: f64,
}

/// A confidence interval of the consensus score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConfidenceInterval {
    /// The confidence level, which is 0.95.
    pub level: f64,
    /// The lower bound, 0..100.
    pub lower: f64,
    /// The upper bound, 0..100.
    pub upper: f64,
    /// The method: `student_t` or `bootstrap`.
    pub method: String,
    /// The number of judges.
    pub n: usize,
    /// The effective number of independent judges (Kish 1965); absent in results of the first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_effective: Option<f64>,
}

/// The agreement of the judges on the claims that they labelled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Agreement {
    /// The mean pairwise agreement, 0..1.
    pub raw: Option<f64>,
    /// Fleiss' kappa (Fleiss 1971), at most 1.
    pub fleiss_kappa: Option<f64>,
    /// Krippendorff's alpha for nominal data with missing labels (Krippendorff 2004), at most 1.
    pub krippendorff_alpha: Option<f64>,
    /// Gwet's AC1 (Gwet 2008), at most 1.
    pub gwet_ac1: Option<f64>,
    /// The number of claims that the figures are based on.
    pub items: usize,
    /// The number of judges that the figures are based on.
    pub raters: usize,
    /// The interpretation of alpha on the scale of Landis and Koch.
    pub interpretation: Option<String>,
    /// The reason why figures are null: `fewer_than_2_raters`, `no_items`, `one_category`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined_because: Option<String>,
}

/// Descriptive statistics of the scores of the judges that completed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statistics {
    /// The sample variance; null for fewer than two judges.
    pub variance: Option<f64>,
    /// The sample standard deviation; null for fewer than two judges.
    pub standard_deviation: Option<f64>,
    /// The arithmetic mean.
    pub mean: f64,
    /// The median.
    pub median: f64,
    /// The lowest score.
    pub min: f64,
    /// The highest score.
    pub max: f64,
    /// The first quartile (Hyndman and Fan's type 7).
    pub q1: f64,
    /// The third quartile (Hyndman and Fan's type 7).
    pub q3: f64,
}

/// The number of claims for each label.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimCounts {
    /// The number of claims with a verdict.
    pub total: usize,
    /// The number of claims that are supported.
    pub supported: usize,
    /// The number of claims that are refuted.
    pub refuted: usize,
    /// The number of claims that are neither supported nor refuted.
    pub not_enough_info: usize,
    /// The 95 % Wilson interval of supported / total; null without claims.
    pub supported_interval: Option<Proportion>,
}

/// A confidence interval of a share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Proportion {
    /// The lower bound, 0..1.
    pub lower: f64,
    /// The upper bound, 0..1.
    pub upper: f64,
}

/// The number of judges by outcome. Judges that are in `requested` and in neither of the others abstained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JudgeCounts {
    /// The number of judges that were asked.
    pub requested: usize,
    /// The number of judges that gave a score.
    pub completed: usize,
    /// The number of judges without a usable answer.
    pub failed: usize,
}

/// How reliable the figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reliability {
    /// Nothing is known that lowers the reliability.
    High,
    /// Use the figures with care.
    Medium,
    /// Do not rely on the figures.
    Low,
    /// Too little is known to tell.
    Unknown,
}

impl Reliability {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Unknown => "unknown",
        }
    }
}
