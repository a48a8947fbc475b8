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

/// The result of a run. A figure that is undefined is null, and a field beside it says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditResult {
    /// Whether there was anything to check.
    #[serde(default)]
    pub outcome: Outcome,
    /// Why there was nothing to check: `abstained` where the output says that the source does not tell,
    /// `no_claim` where it states nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome_reason: Option<String>,
    /// Whether the source supports every claim of the output; null where there is none.
    #[serde(default)]
    pub faithfulness: Option<Faithfulness>,
    /// The judges' scores made one, 0..100; null where there was nothing to check.
    pub consensus_score: Option<f64>,
    /// 0 (all holds) .. 100 (nothing does); null where there was nothing to check.
    pub hallucination_score: Option<f64>,
    /// The parts of the hallucination score, each 0..1; null where there was nothing to check.
    pub hallucination_components: Option<HallucinationComponents>,
    /// Each issue type's share of the weight of all flagged issues; sums to 1, or is empty.
    pub hallucination_breakdown: BTreeMap<IssueType, f64>,
    /// 95 % interval of the consensus; judges that see the same evidence count as fewer than they are.
    pub confidence_interval: Option<ConfidenceInterval>,
    /// Why there is no interval: `fewer_than_3_judges`, `dependent_judges` where they are worth fewer than two
    /// that err apart, `nothing_to_check`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_interval_reason: Option<String>,
    /// r*wg of the scores, 0..1; null for fewer than two judges.
    pub inter_judge_agreement: Option<f64>,
    /// Agreement over the claims' labels.
    pub agreement: Agreement,
    /// Spread of the scores; null where there was nothing to check.
    pub statistics: Option<Statistics>,
    /// Mean of the judges' confidences; null where there was nothing to check.
    pub mean_confidence: Option<f64>,
    /// How the panel decided the claims.
    pub claims: ClaimCounts,
    /// Parts of the output that state nothing which a source could bear out, in its order.
    #[serde(default)]
    pub non_claims: Vec<NonClaim>,
    /// How many judges were asked, answered and failed.
    pub judges: JudgeCounts,
    /// How scores became one.
    pub aggregation_strategy: AggregationStrategy,
    /// How far the verdicts carry, by their calibrated confidence and by what failed.
    pub reliability: Reliability,
    /// Each rule that lowered it: `verdict_confidence_below_0.75`, `verdict_confidence_below_0.9`,
    /// `half_of_judges_failed`, `judge_failed`, `fewer_than_2_judges`, `no_claims`.
    pub reliability_reasons: Vec<String>,
    /// Sum over the judges that report usage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Passages of the texts that speak to whoever judges them, where any were found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injection: Option<InjectionFindings>,
    /// The output's citations beside the sources that they name, and its quotations; left out where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citations: Option<CitationFindings>,
    /// The language models beside the offline judges, where a language model completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline_comparison: Option<OfflineComparison>,
    /// The score calibrated to labels of the operator's own, where a calibration for these judges is
    /// configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibrated>,
}

/// Whether there was anything to check.
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

/// Whether the source supports every claim of the output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Faithfulness {
    /// The calibrated probability that it does, 0..1.
    pub probability: f64,
    /// True where `probability` is below `threshold`.
    pub flagged: bool,
    /// Below it an output is flagged, 0..1.
    pub threshold: f64,
    /// What the probability was calibrated on: `built-in/1`, or the name of the operator's calibration.
    pub basis: String,
    /// How sure the probability itself is; absent in results of earlier versions, and where a calibration of an
    /// earlier version gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<ProbabilityInterval>,
}

/// Where a probability lies, as far as its calibration can tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProbabilityInterval {
    /// How often such intervals have the true share in them: 0.95.
    pub level: f64,
    /// The lower end, 0..1.
    pub lower: f64,
    /// The upper end, 0..1.
    pub upper: f64,
    /// `texts`: how far kinds of text differ in how often outputs with this probability hold, as measured between
    /// sets of labelled texts. `labels`: how far the labels of the operator's calibration settle it.
    pub method: String,
}

/// A part of the output that states nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NonClaim {
    /// Where it stands in the output.
    pub span: Span,
    /// What it is instead: `heading`, `question`, `courtesy`, `announcement`, `opinion`, `abstention`,
    /// `fragment` and the like.
    pub reason: String,
}

/// The four parts of the hallucination score, each 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HallucinationComponents {
    /// (100 − consensus) / 100.
    pub inverse_consensus: f64,
    /// (refuted + ½ not_enough_info) / total; null without verified claims.
    pub verification: Option<f64>,
    /// Mean over the judges of 1 − Π(1 − w).
    pub issues: f64,
    /// 1 − mean confidence.
    pub confidence: f64,
}

/// An interval of the consensus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConfidenceInterval {
    /// 0.95.
    pub level: f64,
    /// 0..100.
    pub lower: f64,
    /// 0..100.
    pub upper: f64,
    /// `student_t` or `bootstrap`.
    pub method: String,
    /// Number of judges.
    pub n: usize,
    /// How many independent judges they are worth (Kish 1965); absent in results of the first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_effective: Option<f64>,
}

/// Agreement of the judges over the claims that they labelled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Agreement {
    /// Mean pairwise agreement.
    pub raw: Option<f64>,
    /// Fleiss 1971.
    pub fleiss_kappa: Option<f64>,
    /// Krippendorff 2004, nominal, missing labels allowed.
    pub krippendorff_alpha: Option<f64>,
    /// Gwet 2008.
    pub gwet_ac1: Option<f64>,
    /// Claims that count.
    pub items: usize,
    /// Judges that count.
    pub raters: usize,
    /// Landis & Koch's word for alpha.
    pub interpretation: Option<String>,
    /// Why figures are null: `fewer_than_2_raters`, `no_items`, `one_category`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined_because: Option<String>,
}

/// Spread of the scores of the judges that completed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statistics {
    /// Sample variance; null for fewer than two judges.
    pub variance: Option<f64>,
    /// Its root.
    pub standard_deviation: Option<f64>,
    /// Arithmetic mean.
    pub mean: f64,
    /// Middle score.
    pub median: f64,
    /// Lowest.
    pub min: f64,
    /// Highest.
    pub max: f64,
    /// First quartile, Hyndman-Fan type 7.
    pub q1: f64,
    /// Third quartile, Hyndman-Fan type 7.
    pub q3: f64,
}

/// How the claims were decided.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimCounts {
    /// Claims with a verdict.
    pub total: usize,
    /// Of these, supported.
    pub supported: usize,
    /// Of these, refuted.
    pub refuted: usize,
    /// Of these, neither.
    pub not_enough_info: usize,
    /// Wilson 95 % interval of supported / total; null without claims.
    pub supported_interval: Option<Proportion>,
}

/// An interval of a share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Proportion {
    /// 0..1.
    pub lower: f64,
    /// 0..1.
    pub upper: f64,
}

/// How many judges were asked, and how that ended. `requested` less the other two abstained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JudgeCounts {
    /// Asked.
    pub requested: usize,
    /// Gave a score.
    pub completed: usize,
    /// Gave no usable answer.
    pub failed: usize,
}

/// How far the figures carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reliability {
    /// Nothing speaks against them.
    High,
    /// With care.
    Medium,
    /// Not to be relied on.
    Low,
    /// Too little to tell.
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
