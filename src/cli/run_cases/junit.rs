//! Writes a run as a JUnit report, with one test case for each item.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::record::{Outcome, Record};
use crate::domain::verdict::Label;

/// Maximum number of claims in the description of one failure.
const LISTED: usize = 20;
/// Maximum number of failures with a description; further ones have only a message.
const IN_FULL: usize = 2_000;

/// The test cases of a run, collected as the results arrive.
pub(super) struct Junit {
    /// The position in the input, the file and the test case. Results arrive in any order.
    cases: Vec<(usize, String, TestCase)>,
    told: usize,
}

impl Junit {
    pub(super) const fn new() -> Self {
        Self {
            cases: Vec::new(),
            told: 0,
        }
    }

    pub(super) fn add(&mut self, at: usize, record: &Record) {
        let mut status = match record.outcome {
            Outcome::Passed => TestCaseStatus::success(),
            Outcome::NothingToCheck => {
                let mut skipped = TestCaseStatus::skipped();
                skipped.set_message("it states nothing that can be checked");
                skipped
            }
            Outcome::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
            Outcome::Errored => TestCaseStatus::non_success(NonSuccessKind::Error),
        };
        match record.outcome {
            Outcome::Failed => {
                let probability = record.probability.unwrap_or_default();
                status.set_type("unfaithful");
                status.set_message(format!(
                    "the chance that the source supports all of it is {probability:.2}, below {:.2}",
                    record.threshold
                ));
                self.told += 1;
                if self.told <= IN_FULL {
                    status.set_description(allowed(&faults(record)));
                }
            }
            Outcome::Errored => {
                status.set_type("not_heard");
                status.set_message(allowed(record.error.as_deref().unwrap_or_default()));
            }
            Outcome::Passed | Outcome::NothingToCheck => {}
        }
        let file = allowed(&record.file);
        let mut case = TestCase::new(allowed(&record.id), status);
        case.set_classname(file.clone());
        case.set_time(Duration::from_millis(record.took_ms));
        if let Some(line) = record.line {
            case.extra.insert("line".into(), line.to_string().into());
        }
        case.extra.insert("file".into(), file.clone().into());
        self.cases.push((at, file, case));
    }

    /// Returns the report, with one suite for each file.
    ///
    /// # Errors
    /// The report can't be written as XML.
    pub(super) fn finish(mut self) -> anyhow::Result<String> {
        self.cases.sort_by_key(|(at, ..)| *at);
        let mut report = Report::new("judge-auditor");
        let mut suites: Vec<(String, TestSuite)> = Vec::new();
        for (_, file, case) in self.cases {
            match suites.iter_mut().find(|(name, _)| *name == file) {
                Some((_, suite)) => {
                    suite.add_test_case(case);
                }
                None => {
                    let mut suite = TestSuite::new(file.clone());
                    suite.add_test_case(case);
                    suites.push((file, suite));
                }
            }
        }
        report.add_test_suites(suites.into_iter().map(|(_, suite)| suite));
        Ok(report.to_string()?)
    }
}

/// Replaces the characters that XML 1.0 forbids, not even as references.
fn allowed(text: &str) -> String {
    let is_forbidden = |c: char| match c {
        '\t' | '\n' | '\r' => false,
        other => other < ' ' || matches!(other, '\u{fffe}' | '\u{ffff}'),
    };
    text.replace(is_forbidden, "\u{fffd}")
}

/// Lists the claims that the source does not support, with the reasons.
fn faults(record: &Record) -> String {
    let mut lines = Vec::new();
    let wrong = record
        .claims
        .iter()
        .filter(|claim| claim.label != Label::Supported);
    for claim in wrong.clone().take(LISTED) {
        lines.push(format!("{}: {}", claim.label.as_str(), claim.text));
        lines.push(format!("    {}", claim.reasoning));
    }
    let more = wrong.count().saturating_sub(LISTED);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

#[cfg(test)]
#[path = "tests/junit.rs"]
mod tests;
