//! Offline judge `logic`: compares polarity, antonyms, roles, order, quantifiers and certainty with
//! the aligned sentence.

use super::compared::{comparisons, pinned, weight};
use crate::domain::issue::{IssueType, Severity};
use crate::domain::verdict::Label;
use crate::evidence::finding::{Aspect, Finding};
use crate::judges::opinions::{Opinion, sum_up};
use crate::judges::{Answer, Case};

/// Support of a claim that the source contradicts.
const CONTRADICTED: f64 = 0.03;
/// Support of a claim that exceeds what the source states.
const OVERSTATED: f64 = 0.45;

/// Labels only claims that are aligned to a sentence of the source.
pub(crate) fn judge(case: &Case) -> Answer {
    let mut opinions = Vec::new();
    let mut issues = Vec::new();
    for (at, comparison) in comparisons(case).enumerate() {
        let checked = &comparison.logic;
        if checked.features == 0 {
            continue;
        }
        let coverage = comparison.wording.coverage;
        let (support, label, confidence) = if checked.against() {
            (CONTRADICTED, Label::Refuted, 0.5 + 0.4 * coverage)
        } else if checked.findings.is_empty() {
            // The absence of contradictions is stronger evidence the better the two are aligned.
            (
                0.2f64.mul_add(coverage, 0.8),
                Label::Supported,
                0.2 + 0.35 * coverage,
            )
        } else {
            (OVERSTATED, Label::NotEnoughInfo, 0.3 + 0.3 * coverage)
        };
        opinions.push(Opinion {
            at,
            support,
            label,
            confidence,
            weight: weight(&comparison),
            probability: None,
        });
        issues.extend(pinned(&case.claims()[at], checked, kind, severity));
    }
    sum_up(
        case,
        &opinions,
        issues,
        "logic",
        "no claim is close enough to a sentence of the source",
    )
}

fn kind(finding: &Finding) -> IssueType {
    match finding.aspect {
        Aspect::Order => IssueType::TemporalInconsistency,
        Aspect::Quantity | Aspect::Certainty if !finding.against => IssueType::Bias,
        _ => IssueType::FactualError,
    }
}

fn severity(finding: &Finding) -> Severity {
    match finding.aspect {
        Aspect::Negation => Severity::Critical,
        _ if finding.against => Severity::High,
        _ => Severity::Medium,
    }
}
