//! Kind `spans`: a token classifier that reads the source and a part of the output together, and
//! predicts for each token of that part whether the source supports it.
//!
//! A part consists of consecutive claims and the text between them, since such models were trained
//! on whole answers. Over the windows of a long source the lowest probability of a token counts,
//! because text that one window supports is supported.

use std::ops::Range;

use super::labels::{TokenLabels, both_ways, rounded};
use super::model::Encoder;
use super::settings::Settings;
use super::template::{Prompts, Slot};
use super::tokens::{Row, Words, batches};
use super::windows::{Evidence, Room, fitting};
use crate::computing::checkpoint;
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::verdict::Label;
use crate::judges::opinions::{Opinion, sum_up};
use crate::judges::{Answer, Case};
use crate::text::span::Utf16Index;

/// The output may have at most one in so many of the tokens of a row.
const OUTPUT_SHARE: usize = 3;
/// Maximum number of characters of a span that its description quotes.
const QUOTED: usize = 60;

/// A token classifier with its settings.
pub(super) struct TokenClassifier {
    words: Words,
    encoder: Encoder,
    labels: TokenLabels,
    prompts: Prompts,
    threshold: f64,
    batch: usize,
    room: Room,
}

/// Consecutive claims that the model sees together.
struct Part {
    /// The range in the candidate, in bytes.
    range: Range<usize>,
    /// Indexes of the case's claims, each with its range of bytes in the candidate.
    claims: Vec<(usize, Range<usize>)>,
}

/// One token of the candidate: its range of bytes, and the probability that it is not supported.
struct Token {
    range: Range<usize>,
    unsupported: f64,
}

impl TokenClassifier {
    /// Loads both files and runs the model once, so that incompatible files are found at the start.
    pub(super) fn load(
        settings: &Settings,
        labels: TokenLabels,
        prompts: Prompts,
    ) -> Result<Self, String> {
        let words = Words::load(&settings.tokenizer)?;
        let encoder = Encoder::load(&settings.model, words.padding(), settings.threads)?;
        let loaded = Self {
            words,
            encoder,
            labels,
            prompts,
            threshold: settings.threshold,
            batch: settings.batch,
            room: settings.room(0),
        };
        let of_tokenizer = |why| format!("{}: {why}", settings.tokenizer.display());
        let row = loaded.row("a", None, "a").map_err(of_tokenizer)?;
        let said = loaded.ask(&[row]);
        said.map_err(|why| format!("{}: {why}", settings.model.display()))?;
        Ok(loaded)
    }

    fn row(&self, evidence: &str, question: Option<&str>, part: &str) -> Result<Row, String> {
        let (template, question) = match (&self.prompts.with_question, question) {
            (Some(template), Some(question)) => (template, question),
            _ => (&self.prompts.without_question, ""),
        };
        let prompt = template.fill(|slot| match slot {
            Slot::Question => self.words.plain(question),
            _ => self.words.plain(evidence),
        });
        self.words.pair(&prompt, &self.words.plain(part))
    }

    /// Returns for each row the probabilities that the tokens of its second text are not supported.
    fn ask(&self, rows: &[Row]) -> Result<Vec<Vec<f64>>, String> {
        let answers = self.encoder.run(rows)?;
        let columns = answers.columns();
        if !answers.by_token() {
            return Err("it gives one answer for a row, and not one for each token".to_owned());
        }
        if columns != self.labels.len() {
            return Err(format!(
                "it gives {columns} outputs for a token, and `labels` names {}",
                self.labels.len()
            ));
        }
        let of_row = |(row, answers): (&Row, &[f32])| {
            row.second
                .iter()
                .map(|(at, _)| {
                    let logits = &answers[at * columns..(at + 1) * columns];
                    let said = self.labels.unsupported(logits);
                    said.ok_or_else(|| "an output is no number".to_owned())
                })
                .collect()
        };
        rows.iter().zip(answers.rows()).map(of_row).collect()
    }

    /// Judges the claims; can be stopped between batches.
    pub(super) fn judge(&self, case: &Case) -> Result<Answer, String> {
        let question = case.question.as_deref();
        let mut room = self.room;
        room.around = self.row("", question, "")?.ids.len();
        let evidence = Evidence::new(case.index(), &self.words, room)?;
        let utf16 = Utf16Index::new(&case.candidate);
        let mut opinions = Vec::new();
        let mut issues = Vec::new();
        for part in self.parts(case, &utf16, room)? {
            let text = &case.candidate[part.range.clone()];
            let length = self.words.offsets(text)?.len();
            let Some(windows) = evidence.windows(text, length) else {
                continue;
            };
            let rows: Result<Vec<Row>, String> = windows
                .iter()
                .map(|window| {
                    fitting(&self.words, room.row, window, |window| {
                        self.row(window, question, text)
                    })
                })
                .collect();
            let rows = rows?;
            let tokens: Vec<Token> = self
                .lowest(&rows)?
                .into_iter()
                .map(|token| Token {
                    range: part.range.start + token.range.start..part.range.start + token.range.end,
                    ..token
                })
                .collect();
            for (at, range) in part.claims {
                opinions.push(self.opinion(at, &range, &tokens));
            }
            issues.extend(self.issues(&case.candidate, &utf16, &tokens));
        }
        let left_out = case.claims().len() - opinions.len();
        let nothing = "every claim is too long for the model, or none of the output's own words";
        let mut answer = sum_up(case, &opinions, issues, "words, all supported", nothing);
        if let (Answer::Scored(assessment), 1..) = (&mut answer, left_out) {
            let told = format!("; {left_out} too long for the model, not judged");
            assessment.reasoning.push_str(&told);
        }
        Ok(answer)
    }

    /// Returns the lowest probability of each token over rows that differ only in their evidence.
    fn lowest(&self, rows: &[Row]) -> Result<Vec<Token>, String> {
        let Some(first) = rows.first() else {
            return Ok(Vec::new());
        };
        let mut tokens: Vec<Token> = first
            .second
            .iter()
            .map(|(_, range)| Token {
                range: range.clone(),
                unsupported: 1.0,
            })
            .collect();
        for batch in batches(rows, self.batch) {
            checkpoint();
            for said in self.ask(batch)? {
                if said.len() != tokens.len() {
                    return Err("one text has different tokens in different rows".to_owned());
                }
                for (token, unsupported) in tokens.iter_mut().zip(said) {
                    token.unsupported = token.unsupported.min(unsupported);
                }
            }
        }
        Ok(tokens)
    }

    /// Groups consecutive claims, as long as enough room is left for evidence.
    fn parts(&self, case: &Case, utf16: &Utf16Index, room: Room) -> Result<Vec<Part>, String> {
        let tokens = self.words.offsets(&case.candidate)?;
        let longest = (room.row / OUTPUT_SHARE).min(room.beside_evidence());
        let count = |range: &Range<usize>| {
            let before = |end: usize| tokens.partition_point(|token| token.0 < end);
            before(range.end).saturating_sub(before(range.start))
        };
        let mut parts: Vec<Part> = Vec::new();
        for (at, claim) in case.claims().iter().enumerate() {
            let Some(range) = utf16.bytes(claim.span).filter(|range| !range.is_empty()) else {
                continue;
            };
            if let Some(last) = parts.last_mut()
                && range.start >= last.range.start
            {
                let together = last.range.start..last.range.end.max(range.end);
                if count(&together) <= longest {
                    last.range = together;
                    last.claims.push((at, range));
                    continue;
                }
            }
            parts.push(Part {
                range: range.clone(),
                claims: vec![(at, range)],
            });
        }
        Ok(parts)
    }

    /// A claim is only as well supported as its least supported token.
    fn opinion(&self, at: usize, range: &Range<usize>, tokens: &[Token]) -> Opinion {
        let own = tokens
            .iter()
            .filter(|token| token.range.start < range.end && range.start < token.range.end);
        let count = own.clone().count();
        let unsupported = own.map(|token| token.unsupported).fold(0.0, f64::max);
        let supported = rounded(1.0 - unsupported);
        let flagged = unsupported >= self.threshold;
        Opinion {
            at,
            support: supported,
            label: if flagged {
                Label::NotEnoughInfo
            } else {
                Label::Supported
            },
            confidence: if flagged { unsupported } else { supported },
            weight: (count.max(1) as f64).sqrt(),
            probability: Some(both_ways(supported)),
        }
    }

    /// Returns one issue for each run of unsupported tokens.
    fn issues(&self, candidate: &str, utf16: &Utf16Index, tokens: &[Token]) -> Vec<Issue> {
        let mut runs: Vec<(Range<usize>, f64)> = Vec::new();
        let mut goes_on = false;
        for token in tokens {
            let flagged = token.unsupported >= self.threshold;
            match runs.last_mut() {
                Some((range, highest)) if flagged && goes_on => {
                    range.end = token.range.end.max(range.end);
                    *highest = highest.max(token.unsupported);
                }
                _ if flagged => runs.push((token.range.clone(), token.unsupported)),
                _ => {}
            }
            goes_on = flagged;
        }
        runs.into_iter()
            .filter_map(|(range, highest)| {
                // Some tokenizers include the space before a word in its token.
                let text = candidate.get(range.clone())?;
                let start = range.start + (text.len() - text.trim_start().len());
                let text = text.trim();
                (!text.is_empty()).then(|| Issue {
                    kind: IssueType::UnsupportedClaim,
                    severity: Severity::Medium,
                    description: format!(
                        "the model finds no support for \"{}\" ({highest:.2})",
                        quoted(text)
                    ),
                    span: Some(utf16.span(start..start + text.len())),
                    unmatched_quote: None,
                })
            })
            .collect()
    }
}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
