//! Offline judge `facts`: compares numbers, dates and names with the source.

use super::compared::{comparisons, pinned, weight};
use crate::domain::issue::{IssueType, Severity};
use crate::domain::verdict::Label;
use crate::evidence::finding::{Aspect, Finding};
use crate::judges::opinions::{Opinion, sum_up};
use crate::judges::{Answer, Case};

/// Support of a claim with a fact that the source contradicts.
const CONTRADICTED: f64 = 0.05;
/// Reduction of the support for facts that the source lacks, multiplied by their share of the
/// claim's facts.
const MISSING: f64 = 0.75;

/// Labels only claims that contain a number, a date or a name.
pub(crate) fn judge(case: &Case) -> Answer {
    let mut opinions = Vec::new();
    let mut issues = Vec::new();
    for (at, comparison) in comparisons(case).enumerate() {
        let checked = &comparison.facts;
        if checked.features == 0 {
            continue;
        }
        let share = checked.findings.len() as f64 / checked.features as f64;
        let (support, label, confidence) = if checked.against() {
            (
                CONTRADICTED,
                Label::Refuted,
                0.55 + 0.35 * comparison.wording.coverage,
            )
        } else if share > 0.0 {
            (
                1.0 - MISSING * share.max(0.5),
                Label::NotEnoughInfo,
                0.5 + 0.3 * share,
            )
        } else {
            let more = 0.1 * checked.features.min(3) as f64;
            (
                1.0,
                Label::Supported,
                0.5 + more + 0.1 * comparison.wording.coverage,
            )
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
        "numbers, dates and names",
        "no claim holds a number, a date or a name",
    )
}

fn kind(finding: &Finding) -> IssueType {
    match finding.aspect {
        Aspect::Number | Aspect::Unit | Aspect::Period | Aspect::Arithmetic => {
            IssueType::NumericalError
        }
        Aspect::Date => IssueType::TemporalInconsistency,
        _ if finding.against => IssueType::FactualError,
        _ => IssueType::Hallucination,
    }
}

fn severity(finding: &Finding) -> Severity {
    if finding.against {
        Severity::High
    } else {
        Severity::Medium
    }
}
