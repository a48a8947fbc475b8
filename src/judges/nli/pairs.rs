//! Kind `nli`: a cross-encoder that reads evidence and claim together, one claim after the other.

use super::labels::{Labels, Opinion as Said, both_ways, rounded};
use super::model::Encoder;
use super::settings::Settings;
use super::template::{Layout, Slot};
use super::tokens::{Row, Words, batches};
use super::windows::{Evidence, Room, fitting};
use crate::computing::checkpoint;
use crate::domain::claim::Claim;
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::verdict::{Label, Probabilities};
use crate::judges::opinions::{Opinion, sum_up};
use crate::judges::{Answer, Case};

/// Minimum probability of a contradiction that counts.
const SURE: f64 = 0.5;

/// A cross-encoder with its settings.
pub(super) struct CrossEncoder {
    words: Words,
    encoder: Encoder,
    labels: Labels,
    layout: Layout,
    threshold: f64,
    batch: usize,
    room: Room,
}

impl CrossEncoder {
    /// Loads both files and runs the model once, so that incompatible files are found at the start.
    pub(super) fn load(
        settings: &Settings,
        labels: Labels,
        layout: Layout,
    ) -> Result<Self, String> {
        let words = Words::load(&settings.tokenizer)?;
        let encoder = Encoder::load(&settings.model, words.padding(), settings.threads)?;
        let mut loaded = Self {
            words,
            encoder,
            labels,
            layout,
            threshold: settings.threshold,
            batch: settings.batch,
            room: settings.room(0),
        };
        let of_tokenizer = |why| format!("{}: {why}", settings.tokenizer.display());
        let empty = loaded.row("", "").map_err(of_tokenizer)?;
        loaded.room.around = empty.ids.len();
        let pair = loaded.row("a", "a").map_err(of_tokenizer)?;
        let said = loaded.ask(&[pair]);
        said.map_err(|why| format!("{}: {why}", settings.model.display()))?;
        Ok(loaded)
    }

    fn row(&self, evidence: &str, claim: &str) -> Result<Row, String> {
        let (evidence, claim) = (self.words.plain(evidence), self.words.plain(claim));
        match &self.layout {
            Layout::Pair { claim_first: false } => self.words.pair(&evidence, &claim),
            Layout::Pair { claim_first: true } => self.words.pair(&claim, &evidence),
            Layout::Text(template) => self.words.one(&template.fill(|slot| match slot {
                Slot::Claim => claim.clone(),
                _ => evidence.clone(),
            })),
        }
    }

    /// Runs the model on rows. If it answers for each token, as a T5 encoder with a classification
    /// head does, the first token's answer is that of the row.
    fn ask(&self, rows: &[Row]) -> Result<Vec<Said>, String> {
        let answers = self.encoder.run(rows)?;
        let columns = answers.columns();
        if columns != self.labels.len() {
            return Err(format!(
                "it gives {columns} outputs, and `labels` names {}",
                self.labels.len()
            ));
        }
        answers
            .rows()
            .map(|row| {
                let opinion = self.labels.opinion(&row[..columns]);
                opinion.ok_or_else(|| "an output is no number".to_owned())
            })
            .collect()
    }

    /// Judges the claims; can be stopped between batches.
    pub(super) fn judge(&self, case: &Case) -> Result<Answer, String> {
        let evidence = Evidence::new(case.index(), &self.words, self.room)?;
        let mut opinions = Vec::new();
        let mut issues = Vec::new();
        for (at, claim) in case.claims().iter().enumerate() {
            let tokens = self.words.offsets(&claim.text)?.len();
            let Some(windows) = evidence.windows(&claim.text, tokens) else {
                continue;
            };
            let rows: Result<Vec<Row>, String> = windows
                .iter()
                .map(|text| {
                    fitting(&self.words, self.room.row, text, |text| {
                        self.row(text, &claim.text)
                    })
                })
                .collect();
            let mut found = Found::default();
            for batch in batches(&rows?, self.batch) {
                checkpoint();
                for said in self.ask(batch)? {
                    found.entailed = found.entailed.max(said.entailed);
                    found.contradicted = found.contradicted.max(said.contradicted);
                }
            }
            let label = found.label(self.threshold);
            issues.extend(found.issue(label, claim));
            opinions.push(Opinion {
                at,
                support: found.entailed * (1.0 - found.contradicted),
                label,
                confidence: found.confidence(label),
                weight: (tokens.max(1) as f64).sqrt(),
                probability: Some(found.probability(&self.labels)),
            });
        }
        let left_out = case.claims().len() - opinions.len();
        let nothing = "every claim is too long for the model";
        let mut answer = sum_up(case, &opinions, issues, "entailment", nothing);
        if let (Answer::Scored(assessment), 1..) = (&mut answer, left_out) {
            let told = format!("; {left_out} too long for the model, not judged");
            assessment.reasoning.push_str(&told);
        }
        Ok(answer)
    }
}

/// The maximum entailment and contradiction over all windows of a claim.
#[derive(Default)]
struct Found {
    entailed: f64,
    contradicted: f64,
}

impl Found {
    fn label(&self, threshold: f64) -> Label {
        if self.entailed >= threshold && self.entailed >= self.contradicted {
            Label::Supported
        } else if self.contradicted >= SURE {
            Label::Refuted
        } else {
            Label::NotEnoughInfo
        }
    }

    fn confidence(&self, label: Label) -> f64 {
        match label {
            Label::Supported => self.entailed,
            Label::Refuted => self.contradicted,
            Label::NotEnoughInfo => rounded(1.0 - self.entailed.max(self.contradicted)),
        }
    }

    /// Entailment and contradiction may come from different windows; if both are found, each
    /// weakens the other.
    fn probability(&self, labels: &Labels) -> Probabilities {
        let (entailed, contradicted) = (self.entailed, self.contradicted);
        if !labels.tell_contradiction() {
            return both_ways(entailed);
        }
        let supported = entailed * (1.0 - contradicted);
        let refuted = contradicted * (1.0 - entailed);
        Probabilities {
            supported,
            refuted,
            not_enough_info: (1.0 - supported - refuted).max(0.0),
        }
    }

    fn issue(&self, label: Label, claim: &Claim) -> Option<Issue> {
        let (kind, severity, description) = match label {
            Label::Supported => return None,
            Label::Refuted => (
                IssueType::FactualError,
                Severity::High,
                format!(
                    "the model reads a contradiction in the evidence ({:.2})",
                    self.contradicted
                ),
            ),
            Label::NotEnoughInfo => (
                IssueType::UnsupportedClaim,
                Severity::Medium,
                format!(
                    "the model finds nothing that entails this ({:.2})",
                    self.entailed
                ),
            ),
        };
        Some(Issue {
            kind,
            severity,
            description,
            span: Some(claim.span),
            unmatched_quote: None,
        })
    }
}
