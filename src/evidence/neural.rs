//! The encoder's view of one claim, as figures that other modules weigh.
//!
//! Deliberately absent: a label. `support` derives probabilities from these figures and the
//! findings of the rules, and a judge's own view is in `judges`.

use std::sync::Arc;

use super::align::Alignment;
use super::sight::{Sight, Soft};
use super::view::NeuralView;
use crate::computing::checkpoint;
use crate::neural::Encoded;
use crate::neural::sizes::EVIDENCE_ROWS;
use crate::text::reading::unmarked;
use crate::text::tokens::Token;

/// Maximum number of sentences that the classification head reads, in addition to their headings
/// and headers and the sentences that their pronouns refer to.
const READ: usize = 4;
/// Weight of a function word in the selection of sentences; other words have weight 1.
const LIGHT: f64 = 0.15;
/// Weight of a sentence's own score in the selection, in addition to what it adds
/// to the selected sentences.
const ALONE: f64 = 0.3;
/// The number of the claim's least supported words over which the mean is taken.
const LEAST: usize = 3;
/// The factor for rounding figures: four decimals are far finer than what the figures can tell, and
/// far coarser than the effect of another order of computation.
const DIGITS: f64 = 1e4;

impl NeuralView {
    /// Reads the claim together with the sentences that the encoder compared; `None` if there are
    /// none, or if the encoder failed.
    pub(super) fn new(alignment: &Alignment<'_>, sight: &Sight) -> Option<Self> {
        let tokens = &alignment.claim.tokens;
        let content: Vec<usize> = (0..tokens.len())
            .filter(|at| tokens[*at].content())
            .collect();
        let mut scored = Vec::new();
        let mut nearest = vec![0.0_f64; tokens.len()];
        let mut best_sentence = f64::NEG_INFINITY;
        for sentence in alignment.looked_at() {
            let Some(soft) = alignment.soft(*sentence) else {
                continue;
            };
            for at in &content {
                nearest[*at] = nearest[*at].max(soft.cosines[*at]);
            }
            best_sentence = best_sentence.max(soft.whole);
            scored.push((*sentence, soft));
        }
        if scored.is_empty() {
            return None;
        }
        let encoder = sight.encoder();
        let text = alignment.index.text();
        let mut read: Vec<(usize, Arc<Encoded>)> = Vec::new();
        let mut rows = 0;
        for sentence in chosen(&scored, tokens) {
            let lead = alignment.index.lead(sentence);
            // The referent of a pronoun is half of what the sentence says.
            let before = alignment.antecedent(sentence);
            for one in [Some(sentence), lead, before].into_iter().flatten() {
                let encoded = encoder.encode(&unmarked(&text[alignment.index.range(one)]))?;
                if rows + encoded.read() <= EVIDENCE_ROWS
                    && read.iter().all(|(known, _)| *known != one)
                {
                    rows += encoded.read();
                    read.push((one, encoded));
                }
            }
        }
        read.sort_by_key(|(sentence, _)| *sentence);
        let sentences: Vec<usize> = read.iter().map(|(sentence, _)| *sentence).collect();

        let mut least: Vec<f64> = content.iter().map(|at| nearest[*at]).collect();
        least.sort_by(f64::total_cmp);
        least.truncate(LEAST);
        let weights: f64 = alignment.weights.iter().sum();
        let covered = alignment.weights.iter().zip(&nearest);
        let soft_coverage = if weights > 0.0 {
            covered.map(|(weight, cosine)| weight * cosine).sum::<f64>() / weights
        } else {
            mean(&nearest)
        };

        let claim = encoder.encode(&unmarked(alignment.text))?;
        let judge = |without: Option<usize>| {
            checkpoint();
            let evidence: Vec<&Encoded> = read
                .iter()
                .enumerate()
                .filter(|(place, _)| Some(*place) != without)
                .map(|(_, (_, encoded))| &**encoded)
                .collect();
            encoder.judge(&claim, &evidence)
        };
        let logits = judge(None)?.map(rounded);
        let probabilities = softmax(logits);
        let strongest = (0..3).fold(0, |best, at| {
            if probabilities[at] > probabilities[best] {
                at
            } else {
                best
            }
        });
        let mut moved = (0, f64::NEG_INFINITY);
        for place in 0..sentences.len() {
            if sentences.len() == 1 {
                break;
            }
            let without = softmax(judge(Some(place))?.map(rounded));
            let change = probabilities[strongest] - without[strongest];
            if change > moved.1 {
                moved = (place, change);
            }
        }
        Some(Self {
            least_aligned: rounded(mean(&least)),
            soft_coverage: rounded(soft_coverage),
            best_sentence: rounded(best_sentence),
            logits,
            probabilities,
            moved_most: sentences[moved.0],
            sentences,
        })
    }
}

/// The sentences that together cover the claim's words best, best first. The head was trained
/// on the same selection.
fn chosen(scored: &[(usize, Arc<Soft>)], tokens: &[Token]) -> Vec<usize> {
    let weights: Vec<f64> = tokens
        .iter()
        .map(|token| if token.stop { LIGHT } else { 1.0 })
        .collect();
    let total = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let worth = |soft: &Soft, have: &[f64]| {
        let gains = soft.cosines.iter().zip(have).zip(&weights);
        gains
            .map(|((cosine, have), weight)| weight * (cosine - have).max(0.0))
            .sum::<f64>()
            / total
    };
    let nothing = vec![0.0; tokens.len()];
    let mut have = nothing.clone();
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < READ {
        let mut best: Option<(usize, f64)> = None;
        for (place, (sentence, soft)) in scored.iter().enumerate() {
            if chosen.contains(sentence) {
                continue;
            }
            let gain = worth(soft, &have) + ALONE * worth(soft, &nothing);
            if best.is_none_or(|(_, most)| gain > most) {
                best = Some((place, gain));
            }
        }
        let Some((place, _)) = best else { break };
        let (sentence, soft) = &scored[place];
        chosen.push(*sentence);
        for (have, cosine) in have.iter_mut().zip(&soft.cosines) {
            *have = have.max(*cosine);
        }
    }
    chosen
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn rounded(value: f64) -> f64 {
    (value * DIGITS).round() / DIGITS
}

fn softmax(logits: [f64; 3]) -> [f64; 3] {
    let most = logits.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let powers = logits.map(|logit| (logit - most).exp());
    let sum: f64 = powers.iter().sum();
    powers.map(|power| rounded(power / sum))
}
