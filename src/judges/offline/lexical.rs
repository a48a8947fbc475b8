//! How much of each claim's wording the best evidence has.

use std::sync::atomic::AtomicBool;

use super::{Opinion, comparisons, pin, shared, sum_up, weight};
use crate::domain::claim::Claim;
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::verdict::Label;
use crate::evidence::rules::Comparison;
use crate::judges::{Answer, Case};

/// Weight of neighbouring words beside single ones.
const PAIRS: f64 = 0.2;
/// Support from which a claim counts as worded by the source.
const HOLDS: f64 = 0.62;
/// What a faithful paraphrase reaches by its words alone; more is not better.
const FULL: f64 = 0.85;

/// Precision of the claim's content words and word pairs against its evidence, as ROUGE-1 and ROUGE-2
/// (Lin 2004) with synonyms and word weights.
pub fn judge(case: &Case, stop: &AtomicBool) -> Answer {
    let mut opinions = Vec::new();
    let mut issues = Vec::new();
    for (at, comparison) in comparisons(case, stop).enumerate() {
        let Some(support) = support(&comparison) else {
            continue;
        };
        let label = if support >= HOLDS {
            Label::Supported
        } else {
            Label::NotEnoughInfo
        };
        opinions.push(Opinion {
            at,
            support: shared(support, &comparison),
            label,
            confidence: confidence(label, ((support - HOLDS).abs() / HOLDS).min(1.0)),
            weight: weight(&comparison),
        });
        if label != Label::Supported {
            issues.push(issue(&case.claims[at], &comparison, support));
        }
    }
    sum_up(
        case,
        &opinions,
        issues,
        "wording",
        "no claim holds a content word",
    )
}

/// Missing words tell more than present ones: a changed number or a "not" leaves the wording as it is.
fn confidence(label: Label, distance: f64) -> f64 {
    match label {
        Label::Supported => 0.35 + 0.3 * distance,
        Label::Refuted | Label::NotEnoughInfo => 0.45 + 0.45 * distance,
    }
}

/// 0..1; none for a claim without content words.
fn support(comparison: &Comparison<'_>) -> Option<f64> {
    let alignment = &comparison.alignment;
    if alignment.weights.iter().all(|weight| *weight == 0.0) {
        return None;
    }
    let words = alignment.coverage();
    let pairs = alignment.pairs().unwrap_or(words);
    Some(((PAIRS * pairs + (1.0 - PAIRS) * words) / FULL).min(1.0))
}

/// Points at the longest run of words that the evidence does not have.
fn issue(claim: &Claim, comparison: &Comparison<'_>, support: f64) -> Issue {
    let alignment = &comparison.alignment;
    let tokens = &alignment.claim.tokens;
    let mut best: Option<(usize, usize)> = None;
    let mut run: Option<(usize, usize)> = None;
    for at in 0..tokens.len() {
        if alignment.covered[at] && alignment.weights[at] > 0.0 {
            run = None;
        } else if alignment.weights[at] > 0.0 {
            run = Some((run.map_or(at, |(first, _)| first), at));
            if best.is_none_or(|(first, last)| {
                run.is_some_and(|(start, end)| end - start > last - first)
            }) {
                best = run;
            }
        }
    }
    let missing = comparison.missing();
    let list = missing
        .iter()
        .take(5)
        .map(|word| format!("\"{word}\""))
        .collect::<Vec<_>>()
        .join(", ");
    Issue {
        kind: IssueType::UnsupportedClaim,
        severity: match support {
            s if s < 0.25 => Severity::High,
            s if s < 0.45 => Severity::Medium,
            _ => Severity::Low,
        },
        description: format!("the source's best passage does not have {list}"),
        span: best
            .map(|(first, last)| pin(claim, tokens[first].range.start..tokens[last].range.end))
            .or(Some(claim.span)),
        unmatched_quote: None,
    }
}
