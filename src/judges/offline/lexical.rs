//! Offline judge `lexical`: measures how much of each claim's wording the best evidence has, and
//! how much the source lacks altogether.

use super::compared::{comparisons, pin, weight};
use crate::domain::claim::Claim;
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::verdict::Label;
use crate::evidence::wording::Wording;
use crate::judges::opinions::{Opinion, sum_up};
use crate::judges::{Answer, Case};

/// Weight of word pairs relative to single words.
const PAIRS: f64 = 0.2;
/// Minimum support of a claim that counts as supported.
const HOLDS: f64 = 0.62;
/// Coverage that a faithful paraphrase reaches; more does not increase the support.
const FULL: f64 = 0.85;
/// Share of new information that does not reduce the support.
const FREE: f64 = 0.12;
/// Share of new information from which the support is zero.
const ALL: f64 = 0.7;
/// Increase of the share of new information for each name that the source lacks.
const NAME: f64 = 0.15;
/// Share of new information from which a claim counts as invented.
const INVENTED: f64 = 0.4;

/// Precision of the claim's content words and word pairs against its evidence, as in ROUGE-1 and
/// ROUGE-2 (Lin 2004), with synonyms and word weights. The share of new information limits the
/// support.
pub(crate) fn judge(case: &Case) -> Answer {
    let mut opinions = Vec::new();
    let mut issues = Vec::new();
    for (at, comparison) in comparisons(case).enumerate() {
        let wording = &comparison.wording;
        let Some(worded) = support(wording) else {
            continue;
        };
        let names = &wording.unknown_names;
        let novelty = NAME
            .mul_add(names.len().min(2) as f64, wording.novelty)
            .min(1.0);
        let support = worded.min(1.0 - ((novelty - FREE) / (ALL - FREE)).clamp(0.0, 1.0));
        let label = if support >= HOLDS {
            Label::Supported
        } else {
            Label::NotEnoughInfo
        };
        opinions.push(Opinion {
            at,
            support,
            label,
            confidence: confidence(label, ((support - HOLDS).abs() / HOLDS).min(1.0)),
            weight: weight(&comparison),
            probability: None,
        });
        let claim = &case.claims()[at];
        if novelty >= INVENTED {
            issues.push(invented(claim, wording, novelty));
            continue;
        }
        if worded < HOLDS {
            issues.push(issue(claim, wording, worded));
        }
        issues.extend(names.iter().map(|(range, name)| Issue {
            kind: IssueType::Hallucination,
            severity: Severity::Medium,
            description: format!("\"{name}\" does not appear in the source"),
            span: Some(pin(claim, range.clone())),
            unmatched_quote: None,
        }));
    }
    sum_up(
        case,
        &opinions,
        issues,
        "wording",
        "no claim holds a content word",
    )
}

/// Returns the issue of a claim with mostly new information.
fn invented(claim: &Claim, wording: &Wording, novelty: f64) -> Issue {
    Issue {
        kind: IssueType::Hallucination,
        severity: if novelty >= ALL {
            Severity::High
        } else {
            Severity::Medium
        },
        description: format!(
            "{} % of what this says is not in the source",
            (wording.novelty * 100.0).round()
        ),
        span: Some(claim.span),
        unmatched_quote: None,
    }
}

/// Missing words are stronger evidence than present ones: a changed number or a "not" leaves the
/// wording as it is.
fn confidence(label: Label, distance: f64) -> f64 {
    match label {
        Label::Supported => 0.35 + 0.3 * distance,
        Label::Refuted | Label::NotEnoughInfo => 0.45 + 0.45 * distance,
    }
}

/// Returns the support, 0..1, or `None` for a claim without content words.
fn support(wording: &Wording) -> Option<f64> {
    let words = wording.coverage;
    let pairs = wording.pairs.unwrap_or(words);
    let support = ((PAIRS * pairs + (1.0 - PAIRS) * words) / FULL).min(1.0);
    wording.informative.then_some(support)
}

/// Returns an issue that points at the longest run of words that the evidence lacks.
fn issue(claim: &Claim, wording: &Wording, support: f64) -> Issue {
    let list = wording
        .missing
        .iter()
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
        span: wording
            .longest_gap
            .clone()
            .map(|range| pin(claim, range))
            .or(Some(claim.span)),
        unmatched_quote: None,
    }
}
