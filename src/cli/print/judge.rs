//! Prints a judge's report: name, score, confidence, issues and time, or the reason for a missing
//! score.

use std::io::{self, Write};

use super::style::Paint;
use super::words::{duration, plural, words};
use super::wrap::{self, clip};
use super::{Printer, REASON_LINES};
use crate::domain::report::{JudgeReport, JudgeStatus};

/// Maximum number of issues shown per judge.
const MAX_ISSUES: usize = 3;

impl<W: Write> Printer<W> {
    pub(super) fn judge(&mut self, report: &JudgeReport) -> io::Result<()> {
        self.section("Judges")?;
        let style = self.style;
        self.name_columns = self
            .name_columns
            .max(wrap::width(&wrap::harmless(&report.judge_name)))
            .min(24)
            .min(self.style.width / 4);
        let name = clip(&report.judge_name, self.name_columns, self.ellipsis());
        let gap = self.name_columns - wrap::width(&name);
        let name = format!("  {}{:gap$}  ", style.paint(Paint::Bold, &name), "");
        let indent = self.name_columns + 4;
        let time = duration(report.response_time_ms);
        match (report.status, report.score) {
            (JudgeStatus::Completed, Some(score)) => {
                let issues = match report.flagged_issues.len() {
                    1 => "1 issue".to_owned(),
                    n => format!("{n} issues"),
                };
                let confidence = report.confidence.unwrap_or_default();
                let (figures, below) = if style.width >= 76 {
                    let figures = format!(
                        "{score:>5.1}   confidence {confidence:.2}   {issues:>9}   {time:>8}"
                    );
                    (figures, None)
                } else {
                    let below = format!("confidence {confidence:.2}, {issues}, {time}");
                    (format!("{score:>5.1}"), Some(below))
                };
                let columns = self
                    .line_end()
                    .saturating_sub(indent + 2 + figures.len())
                    .max(6);
                let bar = style.bar(columns, score, Paint::Plain);
                self.line(&format!("{name}{bar}  {figures}"))?;
                if let Some(below) = below {
                    self.wrapped(&" ".repeat(indent), &[(Paint::Dim, &below)], 2)?;
                }
                self.issues(report, indent)
            }
            (JudgeStatus::Abstained, _) => {
                let runs = [
                    (Paint::Dim, "abstained: "),
                    (Paint::Dim, report.reasoning.as_str()),
                ];
                self.hanging(&name, indent, &runs, REASON_LINES)
            }
            _ => {
                let what = format!(
                    "{} {} after {} and {time}: ",
                    style.mark("✗", "x"),
                    words(report.status.as_str()),
                    plural(u64::from(report.attempts), "attempt"),
                );
                let why = report.error.as_deref().unwrap_or(&report.reasoning);
                let runs = [(Paint::Bad, what.as_str()), (Paint::Plain, why)];
                self.hanging(&name, indent, &runs, REASON_LINES)
            }
        }
    }

    fn issues(&mut self, report: &JudgeReport, indent: usize) -> io::Result<()> {
        let margin = " ".repeat(indent);
        // Without issues, the reasoning of a language model is the only explanation of its score.
        if report.flagged_issues.is_empty() && report.details.is_some() {
            let why = [(Paint::Dim, report.reasoning.as_str())];
            self.wrapped(&margin, &why, REASON_LINES)?;
        }
        for issue in report.flagged_issues.iter().take(MAX_ISSUES) {
            let kind = format!(
                "{}, {}: ",
                words(issue.kind.as_str()),
                issue.severity.as_str()
            );
            let runs = [
                (Paint::Doubt, kind.as_str()),
                (Paint::Dim, issue.description.as_str()),
            ];
            self.wrapped(&margin, &runs, 2)?;
        }
        let more = report.flagged_issues.len().saturating_sub(MAX_ISSUES);
        if more > 0 {
            self.wrapped(&margin, &[(Paint::Dim, &format!("and {more} more"))], 1)?;
        }
        Ok(())
    }
}
