//! Opinions of local judges on single claims, and their aggregation into one assessment.

use super::{Answer, Assessment, Case};
use crate::domain::issue::Issue;
use crate::domain::verdict::{ClaimLabel, Label, Probabilities};

/// Bounds of the probability of SUPPORTED, so that it agrees with the label: the minimum for a
/// supported claim, and the maxima for the other labels.
const HELD_FROM: f64 = 0.6;
const OPEN_UP_TO: f64 = 0.39;
const REFUTED_UP_TO: f64 = 0.2;
/// Share of the remaining probability that the label itself gets if it is not SUPPORTED.
const OWN_SHARE: f64 = 0.85;
/// Maximum number of issues of an assessment, which limits its size; labels are given for all
/// claims.
const LISTED: usize = 200;
/// Maximum number of issues that the reasoning quotes.
const NAMED: usize = 4;

/// The opinion of a judge on one claim.
pub(super) struct Opinion {
    /// Index of the claim in the case.
    pub(super) at: usize,
    /// The degree to which the source supports the claim, 0..1.
    pub(super) support: f64,
    pub(super) label: Label,
    /// The confidence in the label, 0..1.
    pub(super) confidence: f64,
    /// The claim's share of the candidate, in arbitrary units.
    pub(super) weight: f64,
    /// The probability of each label, if the judge computes it itself.
    pub(super) probability: Option<Probabilities>,
}

impl Opinion {
    /// Returns the probability of each label: that of the judge, or one derived from its support
    /// within the bounds of its label.
    fn chances(&self) -> Probabilities {
        if let Some(own) = self.probability {
            return own;
        }
        let support = self.support.clamp(0.0, 1.0);
        let supported = match self.label {
            Label::Supported => {
                (1.0 - HELD_FROM).mul_add((support - 0.5).max(0.0) * 2.0, HELD_FROM)
            }
            Label::NotEnoughInfo => support.min(OPEN_UP_TO),
            Label::Refuted => support.min(REFUTED_UP_TO),
        };
        let rest = 1.0 - supported;
        let (refuted, not_enough_info) = match self.label {
            Label::Supported => (rest / 2.0, rest / 2.0),
            Label::Refuted => (rest * OWN_SHARE, rest * (1.0 - OWN_SHARE)),
            Label::NotEnoughInfo => (rest * (1.0 - OWN_SHARE), rest * OWN_SHARE),
        };
        Probabilities {
            supported,
            refuted,
            not_enough_info,
        }
    }
}

/// Aggregates opinions on single claims into one assessment; abstains if there are none.
pub(super) fn sum_up(
    case: &Case,
    opinions: &[Opinion],
    mut issues: Vec<Issue>,
    subject: &str,
    nothing: &str,
) -> Answer {
    if opinions.is_empty() {
        let reason = if case.claims().is_empty() {
            "the candidate holds no claim"
        } else {
            nothing
        };
        return Answer::Abstained(reason.to_owned());
    }
    let total: f64 = opinions.iter().map(|opinion| opinion.weight).sum();
    let mean = |value: &dyn Fn(&Opinion) -> f64| {
        opinions
            .iter()
            .map(|opinion| value(opinion) * opinion.weight)
            .sum::<f64>()
            / total
    };
    let chances: Vec<Probabilities> = opinions.iter().map(Opinion::chances).collect();
    let supported: f64 = chances.iter().map(|chance| chance.supported).sum();
    // Each claim has the same weight: the score is the expected share of supported claims.
    let score = supported / opinions.len() as f64 * 100.0;
    let held = opinions
        .iter()
        .filter(|opinion| opinion.label == Label::Supported)
        .count();
    let mut reasoning = format!(
        "{held} of {} claims hold by their {subject}",
        opinions.len()
    );
    for (place, issue) in issues.iter().take(NAMED).enumerate() {
        reasoning.push_str(if place == 0 { ": " } else { "; " });
        reasoning.push_str(&issue.description);
    }
    if issues.len() > NAMED {
        reasoning.push_str(&format!("; and {} more", issues.len() - NAMED));
    }
    if issues.len() > LISTED {
        reasoning.push_str(&format!(", of which the first {LISTED} in all are listed"));
        issues.truncate(LISTED);
    }
    Answer::Scored(Assessment {
        score: score.clamp(0.0, 100.0),
        confidence: mean(&|opinion| opinion.confidence).clamp(0.0, 1.0),
        reasoning,
        issues,
        claim_labels: opinions
            .iter()
            .zip(chances)
            .map(|(opinion, probability)| ClaimLabel {
                claim_id: case.claims()[opinion.at].id,
                label: opinion.label,
                confidence: opinion.confidence.clamp(0.0, 1.0),
                probability: Some(probability),
            })
            .collect(),
    })
}
