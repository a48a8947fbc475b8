//! What the encoder and its head make of one claim: figures for whoever weighs them.
//!
//! Deliberately not here: a label. How these figures and the rules' findings become probabilities is
//! `support`'s part, and a judge's own view is `judges`' part.

use super::align::Alignment;
use super::sight::Sight;
use crate::neural::Encoded;

/// Sentences that the head reads at most.
const READ: usize = 4;
/// Words of a claim that are least borne out, of which the mean is told.
const LEAST: usize = 3;
/// What figures are rounded to: far below what they can tell, far above what computing them in another
/// order would change.
const DIGITS: f64 = 1e4;

/// What the neural verifier sees of a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct NeuralView {
    /// Mean cosine of the claim's three content words that the source's words are least near to.
    pub least_aligned: f64,
    /// Mean cosine of the claim's content words with the nearest words of the sentences read, by how much
    /// each word tells.
    pub soft_coverage: f64,
    /// The best cosine of the claim and a sentence as wholes.
    pub best_sentence: f64,
    /// The head's logits: supported, refuted, not enough information.
    pub logits: [f64; 3],
    /// What the logits make as probabilities, in the same order.
    pub probabilities: [f64; 3],
    /// The sentences that the head read, in the source's order.
    pub sentences: Vec<usize>,
    /// The one of them without which the head's verdict would change most.
    pub moved_most: usize,
}

impl NeuralView {
    /// Reads the claim beside the sentences that were looked at; none where no sentence was, or where
    /// the encoder failed.
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
            scored.push((*sentence, worth(&soft.cosines, soft.whole, &content)));
        }
        if scored.is_empty() {
            return None;
        }
        scored.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        let mut sentences: Vec<usize> = scored
            .into_iter()
            .take(READ)
            .map(|(sentence, _)| sentence)
            .collect();
        sentences.sort_unstable();

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

        let encoder = sight.encoder();
        let claim = encoder.encode(alignment.text)?;
        let text = alignment.index.text();
        let mut encoded = Vec::with_capacity(sentences.len());
        for sentence in &sentences {
            encoded.push(encoder.encode(&text[alignment.index.range(*sentence)])?);
        }
        let judge = |without: Option<usize>| {
            let evidence: Vec<&Encoded> = encoded
                .iter()
                .enumerate()
                .filter(|(place, _)| Some(*place) != without)
                .map(|(_, sentence)| &**sentence)
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

/// How much a sentence tells of a claim: its content words, and the whole.
pub(super) fn worth(cosines: &[f64], whole: f64, content: &[usize]) -> f64 {
    let words: Vec<f64> = content.iter().map(|at| cosines[*at]).collect();
    if words.is_empty() {
        whole
    } else {
        0.5 * (mean(&words) + whole)
    }
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
