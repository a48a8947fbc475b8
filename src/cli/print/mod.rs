//! Prints an audit to a terminal: events as they arrive, then the result.
//!
//! `demo` and `audit` pass decoded events and the writer. Words repeat what colours say. Every text
//! passes through `wrap`, which replaces control characters. Without a terminal no line is ever
//! redrawn.
//!
//! Deliberately not here: the source of the events, exit codes, JSON.

use std::io::{self, Write};

use crate::domain::claim::Span;
use crate::domain::event::{
    CancelReason, Cancelled, ClaimDecided, ClaimRevised, ErrorType, EventBody, Progress, RunError,
    Stage,
};
use crate::domain::ids::ClaimId;
use crate::domain::verdict::Label;

mod judge;
mod layout;
mod style;
mod summary;
mod words;
mod wrap;

pub(crate) use style::Style;

use style::{Paint, label_marks};
use wrap::clip;

/// Maximum number of lines of each text in the header.
const HEADER_LINES: usize = 6;
const CLAIM_LINES: usize = 6;
const EVIDENCE_LINES: usize = 3;
const REASON_LINES: usize = 4;
/// Maximum number of passages shown per verdict.
const MAX_EVIDENCE: usize = 2;

/// Prints one audit while it runs.
#[derive(Debug)]
pub(crate) struct Printer<W: Write> {
    out: W,
    style: Style,
    /// The output under audit; kept for the marked copy at the end.
    candidate: String,
    /// The verdicts in the order of their events; a revision replaces the label of its claim.
    verdicts: Vec<(ClaimId, Span, Label)>,
    section: Option<&'static str>,
    stage: Option<Stage>,
    /// The text of the status line, which is redrawn after each event; empty if there is none.
    status: String,
    /// True if the last printed line is empty.
    gap: bool,
    /// Width of the column of judges' names. It grows with longer names, up to 24 columns or a
    /// quarter of the line.
    name_columns: usize,
}

impl<W: Write> Printer<W> {
    /// Creates a printer. The width is limited to 40 to 100 columns.
    pub(crate) fn new(out: W, style: Style) -> Self {
        let style = Style {
            width: style.width.clamp(40, 100),
            ..style
        };
        Self {
            out,
            style,
            candidate: String::new(),
            verdicts: Vec::new(),
            section: None,
            stage: None,
            status: String::new(),
            gap: false,
            name_columns: 12,
        }
    }

    /// Returns the writer, for tests that read the output.
    #[cfg(test)]
    pub(crate) fn into_inner(self) -> W {
        self.out
    }

    /// Prints the title and the beginning of both texts.
    ///
    /// # Errors
    /// Fails if the writer fails, as every method here.
    pub(crate) fn header(
        &mut self,
        title: &str,
        source_text: &str,
        candidate_text: &str,
    ) -> io::Result<()> {
        self.candidate = candidate_text.to_owned();
        self.gap()?;
        self.wrapped("  ", &[(Paint::Bold, title)], 2)?;
        self.rule("")?;
        for (name, text) in [("source", source_text), ("output", candidate_text)] {
            self.gap()?;
            let first = format!("  {}  ", self.style.paint(Paint::Dim, name));
            self.hanging(&first, 10, &[(Paint::Plain, text)], HEADER_LINES)?;
        }
        self.gap()?;
        self.out.flush()
    }

    /// Prints one event. A run's last event prints the result or the error.
    ///
    /// # Errors
    /// Fails if the writer fails.
    pub(crate) fn event(&mut self, event: &EventBody) -> io::Result<()> {
        self.clear()?;
        match event {
            EventBody::EvaluationProgress(progress) => self.progress(progress)?,
            EventBody::ClaimVerdict(decided) => self.verdict(decided)?,
            EventBody::ClaimRevised(revised) => self.revision(revised)?,
            EventBody::JudgeResult(report) => self.judge(report)?,
            EventBody::EvaluationComplete(completed) => self.result(completed)?,
            EventBody::EvaluationError(error) => self.error(error)?,
            EventBody::EvaluationCancelled(Cancelled { reason }) => self.cancelled(*reason)?,
        }
        if event.is_terminal() {
            self.status.clear();
        }
        self.draw_status()?;
        self.out.flush()
    }

    /// Erases the status line; the next event draws it again.
    ///
    /// # Errors
    /// Fails if the writer fails.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        if self.style.live && !self.status.is_empty() {
            write!(self.out, "\r\u{1b}[2K")?;
        }
        Ok(())
    }

    fn progress(&mut self, progress: &Progress) -> io::Result<()> {
        let style = self.style;
        let columns = if style.width < 60 { 10 } else { 24 };
        let bar = style.bar(columns, progress.progress, Paint::Plain);
        let rest = style.width.saturating_sub(columns + 12);
        let message = clip(&progress.message, rest, self.ellipsis());
        let message = style.paint(Paint::Dim, &message);
        let line = format!("  {bar}  {:>3.0} %  {message}", progress.progress);
        let steps_on = self.stage != Some(progress.stage);
        let found = progress.stage <= Stage::Retrieval && progress.stage_progress >= 100.0;
        self.stage = Some(progress.stage);
        if style.live {
            self.status = line;
        } else if steps_on || found {
            // An empty line separates progress from the section above it.
            if self.section.is_some() {
                self.gap()?;
            }
            self.line(&line)?;
        }
        Ok(())
    }

    fn verdict(&mut self, decided: &ClaimDecided) -> io::Result<()> {
        self.section("Claims")?;
        let verdict = &decided.verdict;
        let style = self.style;
        self.verdicts
            .push((verdict.claim.id, verdict.claim.span, verdict.label));
        let (mark, word) = label_marks(style, verdict.label);
        let paint = Paint::of_label(verdict.label);
        let head = style.paint(paint, &format!("{mark} {word}"));
        let count = format!("{} of {}", decided.completed, decided.total);
        let name = if style.width < 60 { "" } else { "confidence " };
        let confidence = format!("  {name}{:.2}", verdict.confidence);
        let taken = 2 + 2 + word.len() + confidence.len() + count.len();
        let gap = self.line_end().saturating_sub(taken).max(2);
        self.line(&format!(
            "  {head}{}{:gap$}{}",
            style.paint(Paint::Dim, &confidence),
            "",
            style.paint(Paint::Dim, &count)
        ))?;
        self.wrapped("    ", &[(Paint::Plain, &verdict.claim.text)], CLAIM_LINES)?;
        let quote = format!("    {} ", style.paint(paint, style.mark("│", "|")));
        for evidence in verdict.evidence.iter().take(MAX_EVIDENCE) {
            let mut runs = vec![(Paint::Dim, evidence.text.as_str())];
            let origin = format!(" ({})", evidence.source);
            if evidence.source != "source_text" {
                runs.push((Paint::Dim, &origin));
            }
            self.quoted(&quote, 6, &runs, EVIDENCE_LINES)?;
        }
        self.wrapped("    ", &[(Paint::Dim, &verdict.reasoning)], REASON_LINES)?;
        self.gap()
    }

    /// Prints a claim whose label the panel changed, with the label that each judge gave it.
    fn revision(&mut self, revised: &ClaimRevised) -> io::Result<()> {
        self.section("Revised by the panel")?;
        if let Some((_, _, label)) = self
            .verdicts
            .iter_mut()
            .find(|(id, ..)| *id == revised.claim_id)
        {
            *label = revised.label;
        }
        let style = self.style;
        let (mark, word) = label_marks(style, revised.label);
        let (_, before) = label_marks(style, revised.previous_label);
        let head = style.paint(Paint::of_label(revised.label), &format!("{mark} {word}"));
        let rest = format!(
            "  {:.2}  claim {}, before: {before}",
            revised.confidence,
            revised.index + 1
        );
        self.line(&format!("  {head}{}", style.paint(Paint::Dim, &rest)))?;
        let said: Vec<String> = revised
            .views
            .iter()
            .map(|view| {
                let (_, word) = label_marks(style, view.label);
                format!("{}: {word}", view.judge_name)
            })
            .collect();
        self.wrapped("    ", &[(Paint::Dim, &said.join(", "))], REASON_LINES)?;
        self.gap()
    }

    fn error(&mut self, error: &RunError) -> io::Result<()> {
        let style = self.style;
        let of_a_judge = matches!(
            error.error_type,
            ErrorType::JudgeTimeout | ErrorType::JudgeError | ErrorType::JudgeRateLimited
        );
        let (paint, mark) = if error.fatal {
            (Paint::Bad, style.mark("✗", "x"))
        } else {
            (Paint::Doubt, "!")
        };
        let mut indent = 4;
        if !error.fatal && of_a_judge && self.section == Some("Judges") {
            // The judge's report has shown the error already, so only the suggestions are printed.
            indent = self.name_columns + 4;
        } else {
            if error.fatal {
                self.gap()?;
            }
            let first = format!("  {} ", style.paint(paint, mark));
            let runs = [
                (
                    paint,
                    if error.fatal {
                        "the audit failed: "
                    } else {
                        ""
                    },
                ),
                (Paint::Plain, error.message.as_str()),
            ];
            self.hanging(&first, 4, &runs, REASON_LINES)?;
        }
        let arrow = style.mark("→", "->");
        let first = format!("{:indent$}{} ", "", style.paint(Paint::Dim, arrow));
        for suggestion in &error.recovery_suggestions {
            let hang = indent + arrow.chars().count() + 1;
            self.hanging(&first, hang, &[(Paint::Dim, suggestion)], REASON_LINES)?;
        }
        Ok(())
    }

    fn cancelled(&mut self, reason: CancelReason) -> io::Result<()> {
        let why = match reason {
            CancelReason::User => "cancelled",
            CancelReason::Deadline => "cancelled: it took longer than its deadline",
            CancelReason::Deleted => "cancelled: its evaluation was deleted",
        };
        self.gap()?;
        self.wrapped("  ", &[(Paint::Doubt, why)], 2)
    }
}

#[cfg(test)]
mod tests;
