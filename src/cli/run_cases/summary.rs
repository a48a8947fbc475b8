//! The summary of a run: as text for the terminal, as JSON, and as Markdown for a pull request.

use std::collections::BTreeMap;

use super::baseline::{Compared, Ruler};
use super::gate::{Gate, Tally};
use super::record::{Outcome, Record};
use crate::domain::verdict::Label;
use crate::figures::paired::Difference;

/// Maximum number of items whose faults are shown; `CLAIMS` is that of claims for each.
const ITEMS: usize = 20;
const CLAIMS: usize = 5;
/// Maximum length of a claim or a reason, in characters.
const SHOWN: usize = 300;
/// Maximum number of different errors that are counted.
const ERRORS: usize = 1_000;

/// The figures that a summary shows.
pub(super) struct Summary<'a> {
    pub tally: Tally,
    pub gate: Gate,
    pub failures: &'a [String],
    pub compared: Option<&'a Compared>,
    pub bridged: bool,
    pub ruler: &'a Ruler,
    pub worst: &'a Worst,
}

/// The items whose faults are shown: the first ones in the order of the input.
#[derive(Default)]
pub(super) struct Worst {
    shown: Vec<(usize, Shown)>,
    left_out: usize,
    /// How many items have each error.
    errors: BTreeMap<String, usize>,
}

struct Shown {
    name: String,
    outcome: Outcome,
    probability: Option<f64>,
    claims: Vec<(Label, String, String)>,
    more: usize,
    error: Option<String>,
}

impl Worst {
    pub(super) fn add(&mut self, at: usize, record: &Record) {
        if !matches!(record.outcome, Outcome::Failed | Outcome::Errored) {
            return;
        }
        if let (Outcome::Errored, Some(error)) = (record.outcome, &record.error) {
            let error = clipped(error);
            if self.errors.len() < ERRORS || self.errors.contains_key(&error) {
                *self.errors.entry(error).or_default() += 1;
            }
        }
        let wrong = record
            .claims
            .iter()
            .filter(|claim| claim.label != Label::Supported);
        let more = wrong.clone().count().saturating_sub(CLAIMS);
        let claims = wrong.take(CLAIMS);
        let name = match (record.line, record.item) {
            (Some(line), _) => format!("{} ({}, line {line})", record.id, record.file),
            (None, Some(item)) => format!("{} ({}, item {item})", record.id, record.file),
            (None, None) => record.file.clone(),
        };
        let shown = Shown {
            name,
            outcome: record.outcome,
            probability: record.probability,
            claims: claims
                .map(|claim| (claim.label, clipped(&claim.text), clipped(&claim.reasoning)))
                .collect(),
            more,
            error: record.error.as_deref().map(clipped),
        };
        let place = self.shown.partition_point(|(other, _)| *other < at);
        self.shown.insert(place, (at, shown));
        if self.shown.len() > ITEMS {
            self.shown.pop();
            self.left_out += 1;
        }
    }
}

impl Worst {
    /// Returns the error that most of the errored items have; of several the first by name.
    fn commonest(&self) -> Option<String> {
        let (error, count) = self
            .errors
            .iter()
            .max_by_key(|(error, count)| (**count, std::cmp::Reverse(*error)))?;
        Some(format!("the commonest error, of {count} items: {error}"))
    }
}

impl Summary<'_> {
    fn heading(&self) -> &'static str {
        match (
            self.tally.errored,
            self.failures.is_empty(),
            self.gate.is_set(),
        ) {
            (0, true, true) => "the gate holds",
            (0, true, false) => "done",
            (0, false, _) => "the gate does not hold",
            _ => "not all items could be judged",
        }
    }

    fn counts(&self) -> String {
        let Tally {
            passed,
            nothing,
            failed,
            errored,
        } = self.tally;
        let share = self.tally.faithful().map_or_else(
            || "nothing judged".to_owned(),
            |share| format!("{:.1} % not flagged", share * 100.0),
        );
        format!(
            "{} outputs: {passed} passed, {failed} failed, {errored} errored, {nothing} with nothing to check; {share}",
            self.tally.all()
        )
    }

    fn comparison(&self) -> Vec<String> {
        let Some(compared) = self.compared else {
            return Vec::new();
        };
        let made = &compared.comparison;
        let points = |value: f64| format!("{:+.1}", value * 100.0);
        let interval = |interval: Option<(f64, f64)>| {
            interval.map_or_else(
                || "no interval from one document".to_owned(),
                |(lower, upper)| format!("95 % {} to {}", points(lower), points(upper)),
            )
        };
        let mut lines = vec![
            format!(
                "{} items of {} documents are in both runs{}",
                made.items,
                made.documents,
                if self.bridged {
                    ", the baseline's texts judged again"
                } else {
                    ""
                }
            ),
            format!(
                "not flagged: {} points ({})",
                points(made.faithful.mean),
                interval(made.faithful.interval)
            ),
            format!(
                "mean chance that all is supported: {} points ({})",
                points(made.probability.mean),
                interval(made.probability.interval)
            ),
            format!(
                "newly flagged {}, no longer flagged {} (McNemar, exact: p = {:.3})",
                made.newly_flagged, made.no_longer_flagged, made.mcnemar
            ),
        ];
        if let Some(effect) = made.faithful.detectable {
            lines.push(format!(
                "so many items show a change of the share that is not flagged from {:.1} points on, in four cases of five",
                effect * 100.0
            ));
        }
        if let Some(margin) = self.gate.no_worse_by {
            lines.push(format!(
                "no worse by {margin} points: p = {:.3}",
                made.not_worse_by(margin / 100.0)
            ));
        }
        if compared.only_before + compared.only_now > 0 {
            lines.push(format!(
                "without a partner: {} before, {} now",
                compared.only_before, compared.only_now
            ));
        }
        lines
    }

    /// Returns the summary as text for a terminal or a log.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![self.counts()];
        lines.extend(self.comparison());
        lines.extend(self.worst.commonest());
        lines.push(format!("judged by {}", self.ruler.described()));
        lines.extend(self.failures.iter().cloned());
        lines.push(self.heading().to_owned());
        // Control characters in texts shall not change the terminal.
        let clean = |line: String| line.replace(|c: char| c.is_control(), "\u{fffd}");
        lines.into_iter().map(clean).collect::<Vec<_>>().join("\n") + "\n"
    }

    /// Returns the summary as JSON for programs.
    pub(super) fn json(&self) -> serde_json::Value {
        let Tally {
            passed,
            nothing,
            failed,
            errored,
        } = self.tally;
        let difference = |made: Difference| {
            serde_json::json!({
                "mean": made.mean,
                "interval": made.interval,
                "standard_error": made.standard_error,
                "detectable": made.detectable,
            })
        };
        let compared = self.compared.map(|compared| {
            let made = &compared.comparison;
            let margin = self.gate.no_worse_by;
            serde_json::json!({
                "items": made.items,
                "documents": made.documents,
                "only_before": compared.only_before,
                "only_now": compared.only_now,
                "bridged": self.bridged,
                "faithful": difference(made.faithful),
                "probability": difference(made.probability),
                "newly_flagged": made.newly_flagged,
                "no_longer_flagged": made.no_longer_flagged,
                "mcnemar_p": made.mcnemar,
                "no_worse_p": margin.map(|margin| made.not_worse_by(margin / 100.0)),
            })
        });
        serde_json::json!({
            "items": self.tally.all(),
            "passed": passed,
            "failed": failed,
            "errored": errored,
            "nothing_to_check": nothing,
            "faithful": self.tally.faithful(),
            "gate": {
                "holds": self.gate.is_set().then_some(self.failures.is_empty() && errored == 0),
                "failures": self.failures,
            },
            "baseline": compared,
            "panel": self.ruler.described(),
        })
    }

    /// Returns the summary as Markdown for a pull request.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!(
            "## Judge Auditor: {}\n\n{}\n",
            self.heading(),
            escaped(&self.counts())
        );
        if let Some(commonest) = self.worst.commonest() {
            text.push_str(&format!("\n{}\n", escaped(&commonest)));
        }
        for failure in self.failures {
            text.push_str(&format!("\n- **{}**", escaped(failure)));
        }
        if !self.failures.is_empty() {
            text.push('\n');
        }
        let comparison = self.comparison();
        if !comparison.is_empty() {
            text.push_str("\n### Beside the baseline\n\n");
            for line in comparison {
                text.push_str(&format!("- {}\n", escaped(&line)));
            }
        }
        if !self.worst.shown.is_empty() {
            text.push_str("\n### What is wrong\n");
        }
        for (_, shown) in &self.worst.shown {
            let chance = shown
                .probability
                .map(|chance| format!(", chance {chance:.2}"))
                .unwrap_or_default();
            text.push_str(&format!(
                "\n**{}** ({}{chance})\n\n",
                escaped(&shown.name),
                shown.outcome.as_str()
            ));
            if let Some(error) = &shown.error {
                text.push_str(&format!("- {}\n", escaped(error)));
            }
            for (label, claim, reasoning) in &shown.claims {
                let word = match label {
                    Label::Refuted => "refuted",
                    Label::Supported | Label::NotEnoughInfo => "not supported",
                };
                text.push_str(&format!(
                    "- {word}: “{}” — {}\n",
                    escaped(claim),
                    escaped(reasoning)
                ));
            }
            if shown.more > 0 {
                text.push_str(&format!("- and {} more\n", shown.more));
            }
        }
        if self.worst.left_out > 0 {
            text.push_str(&format!("\nand {} more outputs\n", self.worst.left_out));
        }
        text.push_str(&format!(
            "\nJudged by {}.\n",
            escaped(&self.ruler.described())
        ));
        text
    }
}

fn clipped(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Escapes a text to one line that contains no Markdown, no HTML and no mention of a user.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' | '$' => {
                safe.push('\\');
                safe.push(character);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // A zero-width space separates the sign from the name, so that nobody is notified.
            '@' => safe.push_str("@\u{200b}"),
            other if other.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
#[path = "tests/summary.rs"]
mod tests;
