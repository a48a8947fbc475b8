//! The result of an audit as one sentence, for the command line, reports and the page.

use super::result::{AuditResult, Outcome};

/// Returns the sentence for a result, which depends on the labels of its claims.
pub(crate) fn answer(result: &AuditResult) -> String {
    let claims = &result.claims;
    if result.outcome == Outcome::NothingToCheck || claims.total == 0 {
        return match result.outcome_reason.as_deref() {
            Some("abstained") => {
                "There is nothing to check: the output says that the source does not tell."
            }
            _ => {
                "There is nothing to check: the output states nothing that a source could bear out."
            }
        }
        .to_owned();
    }
    sentence(claims.total, claims.refuted, claims.not_enough_info)
}

/// Returns the sentence for these numbers of claims; `contradicted` and `unsupported` are disjoint.
fn sentence(total: usize, contradicted: usize, unsupported: usize) -> String {
    let of = |part: usize| {
        let ending = if total == 1 { "" } else { "s" };
        format!("{part} of {total} claim{ending}")
    };
    let are = if unsupported == 1 { "is" } else { "are" };
    match (contradicted, unsupported) {
        (0, 0) if total == 1 => "The one claim is supported by the source.".to_owned(),
        (0, 0) => format!("All {total} claims are supported by the source."),
        (0, _) => format!("{} {are} not supported by the source.", of(unsupported)),
        (contradicted, unsupported) => {
            let verb = if contradicted == 1 {
                "contradicts"
            } else {
                "contradict"
            };
            let first = format!("{} {verb} the source", of(contradicted));
            if unsupported == 0 {
                format!("{first}.")
            } else {
                format!("{first}; {unsupported} {are} not supported.")
            }
        }
    }
}

#[cfg(test)]
#[path = "tests/answer.rs"]
mod tests;
