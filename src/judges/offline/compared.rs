//! Helpers of the offline judges for claims and their comparison with evidence.

use std::ops::Range;
use std::sync::Arc;

use crate::computing::checkpoint;
use crate::domain::claim::{Claim, Span};
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::evidence::compared::ComparedClaim;
use crate::evidence::finding::{Checked, Finding};
use crate::judges::Case;

/// Compares every claim of a case with its evidence, in order.
pub(super) fn comparisons(case: &Case) -> impl Iterator<Item = Arc<ComparedClaim>> {
    (0..case.claims().len()).map(|at| {
        checkpoint();
        case.compared.get(at)
    })
}

/// Converts the findings on a claim to issues.
pub(super) fn pinned(
    claim: &Claim,
    checked: &Checked,
    kind: fn(&Finding) -> IssueType,
    severity: fn(&Finding) -> Severity,
) -> impl Iterator<Item = Issue> {
    checked.findings.iter().map(move |finding| Issue {
        kind: kind(finding),
        severity: severity(finding),
        description: finding.message.clone(),
        span: Some(pin(claim, finding.range.clone())),
        unmatched_quote: None,
    })
}

/// Returns the span in the candidate for a byte range of a claim's text.
pub(super) fn pin(claim: &Claim, range: Range<usize>) -> Span {
    let units = |end: usize| {
        claim
            .text
            .get(..end)
            .map_or(0, |text| text.encode_utf16().count())
    };
    let start = claim.span.start + units(range.start);
    Span {
        start,
        end: (claim.span.start + units(range.end)).max(start),
    }
}

/// Returns the weight of a claim in a candidate, which grows sublinearly with its number of words.
pub(super) fn weight(comparison: &ComparedClaim) -> f64 {
    (comparison.wording.tokens.max(1) as f64).sqrt()
}
