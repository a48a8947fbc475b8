//! Prints the result of an audit: the output with its claims marked, and the table of figures.

use std::io::{self, Write};

use super::Printer;
use super::style::{Paint, label_marks};
use super::words::{duration, plural, words};
use crate::domain::answer::answer;
use crate::domain::event::Completed;
use crate::domain::result::{
    Agreement, AuditResult, Faithfulness, HallucinationComponents, ProbabilityInterval, Reliability,
};
use crate::domain::verdict::Label;
use crate::text::span::Utf16Index;

/// Width of the column of figures' names.
const NAME: usize = 15;
/// Maximum number of citation issues shown.
const CITATIONS: usize = 5;
/// Maximum number of lines of the marked output.
const OUTPUT_LINES: usize = 40;

impl<W: Write> Printer<W> {
    /// Prints the output with its claims marked, and the table of figures. Called by `event`.
    ///
    /// # Errors
    /// Fails if the writer fails.
    pub(crate) fn result(&mut self, completed: &Completed) -> io::Result<()> {
        let result = &completed.result;
        self.section("Result")?;
        self.wrapped("  ", &[(Paint::Bold, &answer(result))], 3)?;
        self.gap()?;
        marked_output(self)?;
        if let Some(whole) = &result.faithfulness {
            let held = if whole.flagged {
                Paint::Bad
            } else {
                Paint::Good
            };
            score(self, "faithfulness", 100.0 * whole.probability, held)?;
            detail(self, &faithfulness(whole))?;
            if let Some(around) = &whole.interval {
                detail(self, &of_the_probability(around))?;
            }
        }
        if let Some(consensus) = result.consensus_score {
            score(self, "consensus", consensus, Paint::Plain)?;
            detail(self, &interval(result))?;
        }
        if let Some(hallucination) = result.hallucination_score {
            score(self, "hallucination", hallucination, Paint::Plain)?;
        }
        if let Some(parts) = result.hallucination_components {
            detail(self, &components(parts))?;
        }
        if !result.hallucination_breakdown.is_empty() {
            detail(self, &breakdown(result))?;
        }
        self.gap()?;
        row(
            self,
            "agreement",
            &[(Paint::Plain, &agreement(&result.agreement))],
        )?;
        let claims = claims(self, result);
        let claims: Vec<(Paint, &str)> = claims
            .iter()
            .map(|(paint, text)| (*paint, text.as_str()))
            .collect();
        row(self, "claims", &claims)?;
        row(self, "judges", &[(Paint::Plain, &judges(result))])?;
        let (paint, reliability) = match result.reliability {
            Reliability::High => (Paint::Good, "high"),
            Reliability::Medium => (Paint::Doubt, "medium"),
            Reliability::Low => (Paint::Bad, "low"),
            Reliability::Unknown => (Paint::Doubt, "unknown"),
        };
        row(self, "reliability", &[(paint, reliability)])?;
        if !result.reliability_reasons.is_empty() {
            let reasons: Vec<String> = result
                .reliability_reasons
                .iter()
                .map(|reason| words(reason))
                .collect();
            detail(self, &reasons.join(", "))?;
        }
        warnings(self, result)?;
        row(
            self,
            "time",
            &[(Paint::Plain, &duration(completed.processing_time_ms))],
        )?;
        if let Some(usage) = result.usage.filter(|usage| !usage.is_nothing()) {
            let cost = usage
                .cost_usd
                .map_or(String::new(), |cost| format!(", {cost:.4} USD"));
            let tokens = format!(
                "{} read, {} written{cost}",
                usage.prompt_tokens, usage.completion_tokens
            );
            row(self, "tokens", &[(Paint::Plain, &tokens)])?;
        }
        if completed.degraded {
            self.gap()?;
            let note = "degraded: a judge failed or claims stayed unchecked; the figures rest on the others";
            self.wrapped("  ", &[(Paint::Doubt, note)], 3)?;
        }
        self.gap()
    }
}

/// Explains the faithfulness figure, and whether the output is flagged.
fn faithfulness(whole: &Faithfulness) -> String {
    let threshold = 100.0 * whole.threshold;
    let follows = if whole.flagged {
        format!("flagged: under {threshold:.0} %")
    } else {
        format!("not flagged: {threshold:.0} % or more")
    };
    format!("the chance, in percent, that the source supports every claim; {follows}")
}

fn of_the_probability(around: &ProbabilityInterval) -> String {
    format!(
        "{:.0} % interval {:.1} to {:.1}",
        100.0 * around.level,
        100.0 * around.lower,
        100.0 * around.upper
    )
}

/// Prints prompt injections, citation issues, the calibration in use, and the comparison with the
/// offline judges.
fn warnings<W: Write>(printer: &mut Printer<W>, result: &AuditResult) -> io::Result<()> {
    if let Some(found) = &result.injection {
        let first = found.signs.first().map_or(String::new(), |sign| {
            format!(
                ": in the {}, {}: \"{}\"",
                sign.place.as_str(),
                sign.kind.words(),
                sign.excerpt
            )
        });
        let text = format!(
            "{} that speak to the judges{first}",
            plural(found.total as u64, "passage")
        );
        row(printer, "injection", &[(Paint::Bad, &text)])?;
    }
    if let Some(found) = &result.citations {
        for issue in found.issues.iter().take(CITATIONS) {
            row(printer, "citation", &[(Paint::Bad, &issue.description)])?;
        }
        if let more @ 1.. = found.issues.len().saturating_sub(CITATIONS) {
            let text = format!("and {} more", plural(more as u64, "fault"));
            row(printer, "", &[(Paint::Plain, &text)])?;
        }
    }
    if let Some(fitted) = &result.calibration {
        let before = fitted.raw_probability.map_or(String::new(), |before| {
            format!("; {:.1} % before", 100.0 * before)
        });
        let text = format!(
            "faithfulness by {} ({} labels){before}",
            fitted.name, fitted.labels
        );
        row(printer, "calibrated", &[(Paint::Plain, &text)])?;
    }
    if let Some(beside) = &result.offline_comparison {
        let text = format!(
            "language models {:.1}, offline judges {:.1}",
            beside.model_mean, beside.offline_mean
        );
        let paint = if beside.large {
            Paint::Doubt
        } else {
            Paint::Plain
        };
        row(printer, "comparison", &[(paint, &text)])?;
        if let Some(note) = &beside.note {
            detail(printer, note)?;
        }
    }
    Ok(())
}

fn row<W: Write>(printer: &mut Printer<W>, name: &str, runs: &[(Paint, &str)]) -> io::Result<()> {
    let gap = NAME - name.len();
    let first = format!("  {}{:gap$}", printer.style.paint(Paint::Dim, name), "");
    printer.hanging(&first, NAME + 2, runs, 4)
}

fn detail<W: Write>(printer: &mut Printer<W>, text: &str) -> io::Result<()> {
    printer.wrapped(&" ".repeat(NAME + 2), &[(Paint::Dim, text)], 4)
}

fn score<W: Write>(
    printer: &mut Printer<W>,
    name: &str,
    score: f64,
    paint: Paint,
) -> io::Result<()> {
    let style = printer.style;
    let gap = NAME - name.len();
    let columns = printer.line_end() - (NAME + 2) - 8;
    printer.line(&format!(
        "  {}{:gap$}{}   {}",
        style.paint(Paint::Dim, name),
        "",
        style.paint(Paint::Bold, &format!("{score:>5.1}")),
        style.bar(columns, score, paint)
    ))
}

/// Prints the output with each claim in the colour of its verdict, followed by the verdict's mark.
fn marked_output<W: Write>(printer: &mut Printer<W>) -> io::Result<()> {
    if printer.verdicts.is_empty() || printer.candidate.is_empty() {
        return Ok(());
    }
    let candidate = std::mem::take(&mut printer.candidate);
    let index = Utf16Index::new(&candidate);
    let mut spans: Vec<_> = printer
        .verdicts
        .iter()
        .filter_map(|&(_, span, label)| Some((index.bytes(span)?, label)))
        .collect();
    spans.sort_by_key(|(range, _)| (range.start, range.end));
    let marks =
        Label::ALL.map(|label| (label, format!(" {}", label_marks(printer.style, label).0)));
    let mark = |label: Label| {
        marks
            .iter()
            .find(|(known, _)| *known == label)
            .map_or("", |(_, mark)| mark.as_str())
    };
    let mut runs = Vec::new();
    let mut done = 0;
    for (range, label) in spans {
        // Claims may overlap; text that an earlier claim has printed is skipped.
        let start = range.start.max(done);
        if start >= range.end {
            continue;
        }
        let paint = Paint::of_label(label);
        runs.push((Paint::Plain, &candidate[done..start]));
        runs.push((paint, &candidate[start..range.end]));
        runs.push((paint, mark(label)));
        done = range.end;
    }
    runs.push((Paint::Plain, &candidate[done..]));
    printer.wrapped("  ", &runs, OUTPUT_LINES)?;
    printer.gap()
}

fn interval(result: &AuditResult) -> String {
    match &result.confidence_interval {
        Some(interval) => format!(
            "{:.0} % interval {:.1} to {:.1} ({}, {}{})",
            interval.level * 100.0,
            interval.lower,
            interval.upper,
            match interval.method.as_str() {
                "student_t" => "Student's t",
                "bootstrap" => "BCa bootstrap",
                other => other,
            },
            plural(interval.n as u64, "judge"),
            interval
                .n_effective
                .map_or(String::new(), |worth| format!(" worth {worth:.1}")),
        ),
        None => match result.confidence_interval_reason.as_deref() {
            Some(reason) => format!("no interval: {}", words(reason)),
            None => "no interval".to_owned(),
        },
    }
}

fn components(parts: HallucinationComponents) -> String {
    let verification = parts
        .verification
        .map_or(String::new(), |value| format!("verification {value:.2}, "));
    format!(
        "inverse consensus {:.2}, {verification}issues {:.2}, doubt {:.2}",
        parts.inverse_consensus, parts.issues, parts.confidence
    )
}

fn breakdown(result: &AuditResult) -> String {
    let mut shares: Vec<_> = result.hallucination_breakdown.iter().collect();
    shares.sort_by(|a, b| b.1.total_cmp(a.1));
    let shares: Vec<String> = shares
        .into_iter()
        .map(|(kind, share)| format!("{} {:.0} %", words(kind.as_str()), share * 100.0))
        .collect();
    format!("of what was flagged: {}", shares.join(", "))
}

fn agreement(agreement: &Agreement) -> String {
    let over = format!(
        "{}, {}",
        plural(agreement.items as u64, "claim"),
        plural(agreement.raters as u64, "judge")
    );
    match (agreement.krippendorff_alpha, &agreement.interpretation) {
        (Some(alpha), Some(word)) => format!("alpha {alpha:.2}, {} ({over})", words(word)),
        (Some(alpha), None) => format!("alpha {alpha:.2} ({over})"),
        (None, _) => {
            let why = agreement
                .undefined_because
                .as_deref()
                .map_or_else(String::new, |why| format!(": {}", words(why)));
            let raw = agreement.raw.map_or(String::new(), |raw| {
                format!("; {:.0} % of the labels are alike", raw * 100.0)
            });
            format!("undefined{why}{raw}")
        }
    }
}

fn claims<W: Write>(printer: &Printer<W>, result: &AuditResult) -> Vec<(Paint, String)> {
    let counts = result.claims;
    if counts.total == 0 {
        return vec![(Paint::Plain, "none verified".to_owned())];
    }
    let mut runs = vec![(Paint::Plain, format!("{}: ", counts.total))];
    let parts = [
        (Label::Supported, counts.supported, "supported"),
        (Label::Refuted, counts.refuted, "contradicted"),
        (
            Label::NotEnoughInfo,
            counts.not_enough_info,
            "not supported",
        ),
    ];
    for (i, (label, count, word)) in parts.into_iter().enumerate() {
        if i > 0 {
            runs.push((Paint::Plain, ", ".to_owned()));
        }
        let (mark, _) = label_marks(printer.style, label);
        let paint = if count == 0 {
            Paint::Dim
        } else {
            Paint::of_label(label)
        };
        runs.push((paint, format!("{mark} {count} {word}")));
    }
    runs
}

fn judges(result: &AuditResult) -> String {
    let counts = result.judges;
    let abstained = counts
        .requested
        .saturating_sub(counts.completed + counts.failed);
    let mut text = format!("{} of {} scored", counts.completed, counts.requested);
    for (count, word) in [(abstained, "abstained"), (counts.failed, "failed")] {
        if count > 0 {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    if let Some(scores) = result.statistics
        && let Some(spread) = scores.standard_deviation
    {
        text.push_str(&format!(
            "; scores {:.1} to {:.1}, standard deviation {spread:.1}",
            scores.min, scores.max
        ));
    }
    text
}
