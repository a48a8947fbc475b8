//! Offline judge `neural`: evaluates each claim with the model in the binary, beside the nearest
//! sentences of the source.

use super::compared::{comparisons, weight};
use crate::domain::claim::Claim;
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::verdict::{Label, Probabilities};
use crate::judges::opinions::{Opinion, sum_up};
use crate::judges::{Answer, Case};

/// Maximum number of characters of the sentence that an issue quotes.
const QUOTED: usize = 160;

/// Probabilities of a claim that stands verbatim in the source; a heading above it may still
/// reverse its meaning.
const VERBATIM: [f64; 3] = [0.998, 0.001, 0.001];

/// Labels the claims that the model evaluated, which are those of an English output with an English
/// source.
pub(crate) fn judge(case: &Case) -> Answer {
    let mut opinions = Vec::new();
    let mut issues = Vec::new();
    for (at, comparison) in comparisons(case).enumerate() {
        let Some(view) = &comparison.neural else {
            continue;
        };
        // A claim that stands verbatim in the source needs no model.
        let [supported, refuted, not_enough_info] = if comparison.verbatim {
            VERBATIM
        } else {
            view.probabilities
        };
        let own = Probabilities::normalised(supported, refuted, not_enough_info);
        let (label, confidence) = (own.label(), own.confidence());
        opinions.push(Opinion {
            at,
            support: own.supported,
            label,
            confidence,
            weight: weight(&comparison),
            probability: Some(own),
        });
        let index = case.index();
        let sentence = &index.text()[index.range(view.moved_most)];
        issues.extend(issue(&case.claims()[at], label, confidence, sentence));
    }
    sum_up(
        case,
        &opinions,
        issues,
        "sense",
        "the model in the program reads English only, or is switched off",
    )
}

/// Returns the issue of a claim, with the sentence on which its label rests.
fn issue(claim: &Claim, label: Label, confidence: f64, sentence: &str) -> Option<Issue> {
    let (kind, severity, reads) = match label {
        Label::Supported => return None,
        Label::Refuted => (
            IssueType::FactualError,
            Severity::High,
            "reads a contradiction",
        ),
        Label::NotEnoughInfo => (
            IssueType::UnsupportedClaim,
            Severity::Medium,
            "finds nothing that says this",
        ),
    };
    let mut quote: String = sentence.chars().take(QUOTED).collect();
    if quote.len() < sentence.len() {
        quote.push('…');
    }
    Some(Issue {
        kind,
        severity,
        description: format!("the model {reads} ({confidence:.2}), mostly by \"{quote}\""),
        span: Some(claim.span),
        unmatched_quote: None,
    })
}
