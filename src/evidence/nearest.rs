//! The sentences that bear a claim out best, where a word that a sentence has in other words counts by its likeness.
//!
//! `align` chooses evidence by words that a sentence has or has not. Whether a value stands where the rest of a claim
//! does is told by comparing sentences with each other, and for this a word that is nearly there counts nearly.

use super::align::Alignment;
use super::sight::Soft;

/// Sentences that are compared.
const MOST: usize = 16;
/// Cosine of two words that have nothing to do with each other.
const STRANGE: f64 = 0.3;

/// The sentences that speak of what a claim speaks of, best first.
pub(super) struct Nearest<'a> {
    pub(super) alignment: &'a Alignment<'a>,
    pub(super) sentences: Vec<usize>,
}

impl<'a> Nearest<'a> {
    pub(super) fn new(alignment: &'a Alignment<'a>) -> Self {
        let candidates = alignment.candidates.iter().take(MOST);
        let mut nearest = Self {
            alignment,
            sentences: Vec::new(),
        };
        let mut scored: Vec<(usize, f64)> = candidates
            .map(|(sentence, _)| (*sentence, nearest.share(*sentence, &[])))
            .collect();
        scored.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        nearest.sentences = scored.into_iter().map(|(sentence, _)| sentence).collect();
        nearest
    }

    /// Share of the claim's information, some of its tokens left out, that a sentence has together with what it
    /// stands under and what its pronouns stand for.
    pub(super) fn share(&self, sentence: usize, without: &[usize]) -> f64 {
        let alignment = self.alignment;
        let lead = alignment.index.lead(sentence);
        let before = alignment.antecedent(sentence);
        let seen: Vec<_> = [Some(sentence), lead, before]
            .into_iter()
            .flatten()
            .map(|one| (alignment.row(one), alignment.soft(one)))
            .collect();
        let (mut have, mut all) = (0.0, f64::MIN_POSITIVE);
        for (at, weight) in alignment.weights.iter().enumerate() {
            if *weight > 0.0 && !without.contains(&at) {
                let nearest = seen.iter().map(|(row, soft)| {
                    if row[at] {
                        1.0
                    } else {
                        soft.as_ref().map_or(0.0, |soft| likeness(soft, at))
                    }
                });
                all += weight;
                have += weight * nearest.fold(0.0, f64::max);
            }
        }
        have / all
    }
}

/// How much the sentence's nearest word is like the claim's, 0..1.
fn likeness(soft: &Soft, at: usize) -> f64 {
    ((soft.cosines[at] - STRANGE) / (1.0 - STRANGE)).clamp(0.0, 1.0)
}
