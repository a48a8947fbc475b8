//! What the offline judges take from a claim's comparison with its evidence.

use std::ops::Range;
use std::sync::Arc;

use crate::computing::checkpoint;
use crate::domain::claim::{Claim, Span};
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::evidence::compared::ComparedClaim;
use crate::evidence::finding::{Checked, Finding};
use crate::judges::Case;

/// Every claim of a case compared with its evidence, in order.
pub(super) fn comparisons(case: &Case) -> impl Iterator<Item = Arc<ComparedClaim>> {
    (0..case.claims().len()).map(|at| {
        checkpoint();
        case.compared.get(at)
    })
}

/// The findings on a claim as issues.
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

/// The span in the candidate of a byte range of a claim's text.
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

/// The weight of a claim in a candidate: its words, damped.
pub(super) fn weight(comparison: &ComparedClaim) -> f64 {
    (comparison.wording.tokens.max(1) as f64).sqrt()
}
