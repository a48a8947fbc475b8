//! The results of tools: evaluations of bounded size, without the parts that are of no use to a
//! model.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::citation::Citation;
use crate::domain::claim::Span;
use crate::domain::event::RunError;
use crate::domain::ids::{CollectionId, SessionId};
use crate::domain::issue::Issue;
use crate::domain::report::{JudgeReport, JudgeStatus};
use crate::domain::result::{Faithfulness, Outcome, Reliability};
use crate::domain::run::Status;
use crate::domain::verdict::{Evidence, Label, Probabilities, Verdict};
use crate::protocol::rest::{ClaimView, EvaluationView, HitView};

/// Maximum number of claims in a result; supported claims are left out first.
const MAX_CLAIMS: usize = 200;
/// Maximum number of issues in a result.
const MAX_ISSUES: usize = 200;

/// The answer of `audit` and `get_evaluation`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditAnswer {
    /// The evaluation's id, for `get_evaluation`.
    pub evaluation_id: SessionId,
    /// The state of the audit; there is a result once it is `completed`.
    pub status: Status,
    /// The result in words.
    pub summary: String,
    /// The recommended next step; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// Tells if the output contained any claim to check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The probability that the source supports every claim of the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faithfulness: Option<Faithfulness>,
    /// The hallucination score, from 0 (every claim holds) to 100 (none does).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hallucination_score: Option<f64>,
    /// The judges' scores combined, 0..100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consensus_score: Option<f64>,
    /// How reliable the verdicts are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
    /// The claims of the output, in its order.
    pub claims: Vec<ClaimAnswer>,
    /// The number of claims that were left out of `claims` to keep the answer short, supported ones first.
    pub claims_left_out: usize,
    /// The faults found in citations and quotations, and the faults that the judges found.
    pub issues: Vec<Issue>,
    /// The judges that were asked.
    pub judges: Vec<JudgeAnswer>,
    /// The error that ended the audit; left out unless it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
}

/// A claim of the output with its verdict.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClaimAnswer {
    /// The text of the claim as it stands in the output.
    pub text: String,
    /// The position of the claim in the output, in UTF-16 code units.
    pub span: Span,
    /// The verdict; left out until there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// The probability of `label`, 0..1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The passages that the verdict is based on, the best first.
    pub evidence: Vec<Evidence>,
    /// The reasons for the verdict in words: what is missing, contradicted or confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// The citations of the claim in the output.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<Citation>,
}

/// A judge with its answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JudgeAnswer {
    /// The judge's name.
    pub name: String,
    /// The outcome of asking the judge.
    pub status: JudgeStatus,
    /// The judge's score, 0..100; left out if it gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The error in words; left out unless the judge failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The answer of `check_claims`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckClaimsAnswer {
    /// True where the source supports every claim.
    pub all_supported: bool,
    /// The claims in the order of the request.
    pub claims: Vec<CheckedClaim>,
}

/// A claim with the verifier's verdict.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckedClaim {
    /// The text of the claim, as sent.
    pub text: String,
    /// The verdict.
    pub label: Label,
    /// The probability of `label`, 0..1.
    pub confidence: f64,
    /// The probability of each label.
    pub probability: Probabilities,
    /// The passages that the verdict is based on, the best first.
    pub evidence: Vec<Evidence>,
    /// The reasons for the verdict in words: what is missing, contradicted or confirmed.
    pub reasoning: String,
}

/// The answer of `search_collection`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchCollectionAnswer {
    /// The collection's id, which `audit` takes as `collection_id`.
    pub collection_id: CollectionId,
    /// The passages found, the best first.
    pub passages: Vec<HitView>,
}

impl From<EvaluationView> for AuditAnswer {
    fn from(evaluation: EvaluationView) -> Self {
        let summary = summary(&evaluation);
        let next_step = next_step(&evaluation);
        let cited = evaluation.result.as_ref();
        let cited = cited.and_then(|result| result.citations.as_ref());
        let cited = cited.into_iter().flat_map(|found| found.issues.iter());
        let judged = evaluation.judges.iter();
        let judged = judged.flat_map(|judge| judge.flagged_issues.iter());
        let issues = cited.chain(judged).take(MAX_ISSUES).cloned().collect();
        let result = evaluation.result.as_ref();
        let (claims, claims_left_out) = bounded(evaluation.claims);
        Self {
            evaluation_id: evaluation.id,
            status: evaluation.status,
            summary,
            next_step,
            outcome: result.map(|result| result.outcome),
            hallucination_score: result.and_then(|result| result.hallucination_score),
            consensus_score: result.and_then(|result| result.consensus_score),
            reliability: result.map(|result| result.reliability),
            faithfulness: evaluation.result.and_then(|result| result.faithfulness),
            claims,
            claims_left_out,
            issues,
            judges: evaluation.judges.into_iter().map(judge).collect(),
            error: evaluation.error,
        }
    }
}

impl CheckClaimsAnswer {
    pub(super) fn of(verdicts: Vec<Verdict>) -> Self {
        Self {
            all_supported: verdicts
                .iter()
                .all(|verdict| verdict.label == Label::Supported),
            claims: verdicts.into_iter().map(checked).collect(),
        }
    }
}

fn checked(verdict: Verdict) -> CheckedClaim {
    CheckedClaim {
        text: verdict.claim.text,
        label: verdict.label,
        confidence: verdict.confidence,
        probability: verdict.probability,
        evidence: verdict.evidence,
        reasoning: verdict.reasoning,
    }
}

/// Returns at most [`MAX_CLAIMS`] claims in the output's order, and the number of claims that are
/// left out.
fn bounded(claims: Vec<ClaimView>) -> (Vec<ClaimAnswer>, usize) {
    let left_out = claims.len().saturating_sub(MAX_CLAIMS);
    let supported = claims
        .iter()
        .filter(|claim| claim.label == Some(Label::Supported));
    let mut spare = left_out.min(supported.count());
    let mut kept = Vec::with_capacity(claims.len() - left_out);
    for claim in claims {
        if spare > 0 && claim.label == Some(Label::Supported) {
            spare -= 1;
        } else if kept.len() < MAX_CLAIMS {
            kept.push(claim_answer(claim));
        }
    }
    (kept, left_out)
}

fn claim_answer(claim: ClaimView) -> ClaimAnswer {
    ClaimAnswer {
        text: claim.claim.text,
        span: claim.claim.span,
        label: claim.label,
        confidence: claim.confidence,
        evidence: claim.evidence,
        reasoning: claim.reasoning,
        citations: claim.citations,
    }
}

fn judge(report: JudgeReport) -> JudgeAnswer {
    JudgeAnswer {
        name: report.judge_name,
        status: report.status,
        score: report.score,
        error: report.error,
    }
}

fn summary(evaluation: &EvaluationView) -> String {
    match (evaluation.status, &evaluation.result, &evaluation.error) {
        (Status::Completed, Some(result), _) if result.outcome == Outcome::NothingToCheck => {
            "The output states nothing that a source could support or contradict.".to_owned()
        }
        (Status::Completed, Some(result), _) => {
            let claims = &result.claims;
            let figures = format!(
                "{} of {} claims are supported, {} are contradicted, and for {} the source does not tell.",
                claims.supported, claims.total, claims.refuted, claims.not_enough_info
            );
            match &result.faithfulness {
                Some(faithfulness) => format!(
                    "{figures} The chance that the source supports all of it is {:.0} %, which is {} the \
                     threshold of {:.0} %.",
                    faithfulness.probability * 100.0,
                    if faithfulness.flagged {
                        "below"
                    } else {
                        "not below"
                    },
                    faithfulness.threshold * 100.0
                ),
                None => figures,
            }
        }
        (Status::Failed, _, Some(error)) => format!("The audit failed: {}", error.message),
        (Status::Cancelled, ..) => "The audit was cancelled.".to_owned(),
        (Status::Pending, ..) => "The audit was not started.".to_owned(),
        (Status::InProgress, ..) => "The audit is under way.".to_owned(),
        (Status::Completed | Status::Failed, ..) => {
            "The audit has ended without a result.".to_owned()
        }
    }
}

fn next_step(evaluation: &EvaluationView) -> Option<String> {
    match (evaluation.status, &evaluation.error) {
        (Status::InProgress, _) => Some(format!(
            "Call get_evaluation with evaluation_id \"{}\" in a few seconds.",
            evaluation.id
        )),
        (Status::Failed, Some(error)) if !error.recovery_suggestions.is_empty() => {
            Some(error.recovery_suggestions.join("; "))
        }
        (Status::Failed | Status::Cancelled | Status::Pending, _) => {
            Some("Call audit again.".to_owned())
        }
        (Status::Completed, _) => None,
    }
}

#[cfg(test)]
#[path = "tests/answers.rs"]
mod tests;
