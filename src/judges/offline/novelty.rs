//! How much of each claim's information the source does not have at all.

use std::sync::atomic::AtomicBool;

use super::{Opinion, comparisons, pin, shared, sum_up, weight};
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::verdict::Label;
use crate::evidence::rules::Comparison;
use crate::judges::{Answer, Case};

/// Share of new information that any paraphrase may have.
const FREE: f64 = 0.12;
/// Share from which nothing of a claim is taken to rest on the source.
const ALL: f64 = 0.7;
/// What a name that the source does not have adds.
const NAME: f64 = 0.15;
/// Share from which a claim counts as invented.
const INVENTED: f64 = 0.4;

/// Labels every claim with content words.
pub fn judge(case: &Case, stop: &AtomicBool) -> Answer {
    let mut opinions = Vec::new();
    let mut issues = Vec::new();
    for (at, comparison) in comparisons(case, stop).enumerate() {
        let alignment = &comparison.alignment;
        if alignment.weights.iter().all(|weight| *weight == 0.0) {
            continue;
        }
        let names = new_names(&comparison);
        let novelty = NAME
            .mul_add(names.len().min(2) as f64, alignment.novelty())
            .min(1.0);
        let support = 1.0 - ((novelty - FREE) / (ALL - FREE)).clamp(0.0, 1.0);
        let invented = novelty >= INVENTED;
        opinions.push(Opinion {
            at,
            support: shared(support, &comparison),
            label: if invented {
                Label::NotEnoughInfo
            } else {
                Label::Supported
            },
            confidence: confidence(
                invented,
                ((novelty - INVENTED).abs() / (1.0 - INVENTED)).min(1.0),
            ),
            weight: weight(&comparison),
        });
        let claim = &case.claims[at];
        if invented {
            issues.push(Issue {
                kind: IssueType::Hallucination,
                severity: if novelty >= ALL {
                    Severity::High
                } else {
                    Severity::Medium
                },
                description: format!(
                    "{} % of what this says is not in the source",
                    (alignment.novelty() * 100.0).round()
                ),
                span: Some(claim.span),
                unmatched_quote: None,
            });
        } else {
            issues.extend(names.into_iter().map(|range| Issue {
                kind: IssueType::Hallucination,
                severity: Severity::Medium,
                description: format!(
                    "\"{}\" does not appear in the source",
                    &alignment.text[range.clone()]
                ),
                span: Some(pin(claim, range)),
                unmatched_quote: None,
            }));
        }
    }
    sum_up(
        case,
        &opinions,
        issues,
        "information",
        "no claim holds a content word",
    )
}

/// That nothing is new does not make it true: the source may say the opposite in the same words.
fn confidence(invented: bool, distance: f64) -> f64 {
    if invented {
        0.4 + 0.5 * distance
    } else {
        0.35 + 0.3 * distance
    }
}

/// Names of which the source has no word.
fn new_names(comparison: &Comparison<'_>) -> Vec<std::ops::Range<usize>> {
    let alignment = &comparison.alignment;
    alignment
        .claim
        .entities
        .iter()
        .filter(|name| {
            !name.weak
                && name
                    .tokens
                    .clone()
                    .all(|at| !alignment.known[at] || alignment.claim.tokens[at].stop)
        })
        .map(|name| name.range.clone())
        .collect()
}
