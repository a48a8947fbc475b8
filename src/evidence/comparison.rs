//! Combines all findings about a claim into a label by rules, and explains a verdict in words.

use super::align::Alignment;
use super::finding::{Checked, Finding};
use super::index::SourceIndex;
use super::rules;
use super::view::NeuralView;
use crate::computing::checkpoint;
use crate::domain::claim::Claim;
use crate::domain::verdict::{Label, Probabilities};

/// Minimum coverage of a claim that counts as supported if nothing contradicts it.
const SUPPORTED: f64 = 0.6;
/// Maximum share of the claim's information that may be unknown to the source for that.
const NOVEL: f64 = 0.34;
/// Minimum coverage at which the source speaks about the subject.
const RELATED: f64 = 0.15;
/// Confidence in a claim that consists of values which occur together in the source.
const VALUES_ALONE: f64 = 0.6;
/// The explanation of a claim that the source probably decides, but neither
/// way with enough certainty.
const UNDECIDED: &str =
    "the source speaks of this, but whether it says this or otherwise is not sure";
/// Maximum number of sentences in a verdict's evidence.
const EVIDENCE: usize = 3;
/// Maximum number of words quoted from a sentence.
const QUOTED: usize = 40;
/// Maximum number of missing words listed.
const LISTED: usize = 5;

/// A claim with all findings about it.
#[derive(Debug)]
pub struct Comparison<'i> {
    pub alignment: Alignment<'i>,
    pub facts: Checked,
    /// Findings about polarity, opposites, roles, order, quantifiers and certainty.
    pub logic: Checked,
    /// The neural verifier's view; `None` if it is off or does not support the language.
    pub neural: Option<NeuralView>,
    /// The label that the rules alone give.
    pub label: Label,
    /// Confidence in the label, between 0 and 1.
    pub confidence: f64,
}

impl<'i> Comparison<'i> {
    /// Compares the claim `claims[at]` with the source.
    pub fn new(index: &'i SourceIndex, claims: &'i [Claim], at: usize) -> Self {
        Self::of(Alignment::new(index, claims, at))
    }

    /// Compares a claim that is aligned with the source.
    pub(super) fn of(mut alignment: Alignment<'i>) -> Self {
        checkpoint();
        let facts = rules::facts(&mut alignment);
        let logic = rules::logic(&alignment);
        let neural = neural(&alignment);
        let mut comparison = Self {
            alignment,
            facts,
            logic,
            neural,
            label: Label::NotEnoughInfo,
            confidence: 0.5,
        };
        (comparison.label, comparison.confidence) = comparison.weigh();
        comparison
    }

    /// All findings, contradictions first.
    pub fn findings(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = self
            .facts
            .findings
            .iter()
            .chain(&self.logic.findings)
            .collect();
        findings.sort_by_key(|finding| (!finding.against, finding.range.start));
        findings
    }

    fn weigh(&self) -> (Label, f64) {
        let coverage = self.alignment.coverage();
        let novelty = self.alignment.novelty();
        let contradictions = self
            .findings()
            .iter()
            .filter(|finding| finding.against)
            .count();
        if contradictions > 0 {
            let more = 0.05 * (contradictions.min(3) - 1) as f64;
            return (
                Label::Refuted,
                (0.35f64.mul_add(coverage, 0.5) + more).clamp(0.0, 0.95),
            );
        }
        let gaps = self.findings().len();
        if gaps == 0 && self.alignment.values_alone_hold() {
            return (Label::Supported, VALUES_ALONE);
        }
        if gaps > 0 || coverage < SUPPORTED || novelty > NOVEL {
            let missing = (1.0 - coverage).max(novelty) + 0.15 * gaps.min(2) as f64;
            return (
                Label::NotEnoughInfo,
                0.45f64.mul_add(missing, 0.45).clamp(0.0, 0.95),
            );
        }
        (
            Label::Supported,
            (0.55 + 0.4 * (coverage - SUPPORTED) / (1.0 - SUPPORTED) - 0.3 * novelty)
                .clamp(0.0, 0.95),
        )
    }

    /// The words of the claim that the evidence does not contain, in order and without duplicates.
    pub fn missing(&self) -> Vec<&str> {
        let mut words: Vec<&str> = Vec::new();
        for (at, token) in self.alignment.claim.tokens.iter().enumerate() {
            let word = &self.alignment.text[token.range.clone()];
            if self.alignment.weights[at] > 0.0
                && !self.alignment.covered[at]
                && !words.contains(&word)
            {
                words.push(word);
            }
        }
        words
    }

    /// Explains the verdict by the findings, and by the model's view where the rules alone
    /// would give another label.
    pub(super) fn reasoning(&self, probability: Probabilities) -> String {
        let mut parts: Vec<String> = Vec::new();
        for finding in self.findings() {
            if !parts.contains(&finding.message) {
                parts.push(finding.message.clone());
            }
        }
        let missing = self.missing();
        let coverage = self.alignment.coverage();
        let contradicted = self.findings().iter().any(|finding| finding.against);
        let list = |missing: &[&str]| {
            let more = missing.len().saturating_sub(LISTED);
            let named = missing.iter().take(LISTED);
            let mut list = named
                .map(|word| format!("\"{word}\""))
                .collect::<Vec<_>>()
                .join(", ");
            if more > 0 {
                list.push_str(&format!(" and {more} more"));
            }
            list
        };
        match probability.label() {
            Label::Supported => {
                if parts.is_empty() && missing.is_empty() {
                    return "the source states this; nothing in it speaks against it".to_owned();
                }
                let how = self.passage().map_or_else(
                    || "the evidence bears this out".to_owned(),
                    |passage| format!("the source says this in other words: \"{passage}\""),
                );
                if !missing.is_empty() {
                    parts.push(format!("not word for word: {}", list(&missing)));
                }
                parts.insert(0, how);
            }
            Label::Refuted if !contradicted => {
                let read = self.passage().map_or_else(
                    || "the evidence reads as speaking against this".to_owned(),
                    |passage| format!("this reads as speaking against it: \"{passage}\""),
                );
                parts.insert(0, read);
            }
            Label::Refuted => {}
            Label::NotEnoughInfo if probability.is_undecided() => {
                parts.insert(0, UNDECIDED.to_owned());
                if !missing.is_empty() {
                    parts.push(format!("not found in the evidence: {}", list(&missing)));
                }
            }
            Label::NotEnoughInfo => {
                if self.alignment.evidence.is_empty() && !missing.is_empty() {
                    parts.push(format!(
                        "the source holds nothing on this: {} not found",
                        list(&missing)
                    ));
                } else if !missing.is_empty() && (parts.is_empty() || coverage < SUPPORTED) {
                    parts.push(format!("not found in the evidence: {}", list(&missing)));
                } else if parts.is_empty() && self.alignment.evidence.is_empty() {
                    parts.push(
                        "the source holds nothing that could be compared with this".to_owned(),
                    );
                } else if parts.is_empty() {
                    parts.push(
                        "the source has these words, but it is not sure that it says this"
                            .to_owned(),
                    );
                } else if contradicted {
                    parts.push("it is not sure that both speak of the same".to_owned());
                }
            }
        }
        parts.join("; ")
    }

    /// The sentence that changed the model's result most, otherwise the best
    /// one, shortened for quoting.
    fn passage(&self) -> Option<String> {
        let moved = self.neural.as_ref().map(|view| view.moved_most);
        let sentence = moved.or_else(|| self.alignment.evidence.first().copied())?;
        let text = self.alignment.index.text()[self.alignment.index.range(sentence)].trim();
        let mut words: Vec<&str> = text.split_whitespace().take(QUOTED + 1).collect();
        let long = words.len() > QUOTED;
        words.truncate(QUOTED);
        let mut quoted = words.join(" ");
        if long {
            quoted.push('…');
        }
        (!quoted.is_empty()).then_some(quoted)
    }

    /// The sentences that a verdict is based on: contradictions first, then the one that changed
    /// the model's result most.
    pub(super) fn evidence(&self, label: Label) -> Vec<usize> {
        let mut sentences = self.alignment.evidence.clone();
        let moved = self.neural.as_ref().map(|view| view.moved_most);
        let against = self
            .findings()
            .first()
            .filter(|finding| finding.against && label != Label::Supported)
            .and_then(|finding| finding.sentence);
        for first in [moved, against].into_iter().flatten() {
            sentences.retain(|sentence| *sentence != first);
            sentences.insert(0, first);
        }
        sentences.truncate(EVIDENCE);
        let unrelated = self.alignment.coverage() < RELATED && against.is_none();
        if label == Label::NotEnoughInfo && unrelated {
            sentences.clear();
        }
        sentences
    }
}

/// Returns the neural verifier's view, computed once per claim.
fn neural(alignment: &Alignment<'_>) -> Option<NeuralView> {
    let sight = alignment.index.sight()?;
    let seen = alignment.seen.as_ref()?;
    let view = seen.view.get_or_init(|| NeuralView::new(alignment, sight));
    view.clone()
}
