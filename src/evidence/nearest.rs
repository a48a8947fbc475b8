//! Ranks sentences by their share of a claim's information, where a word that is only similar
//! counts by its similarity.
//!
//! `align` chooses evidence by exact words. Whether a value stands where the rest of a claim does
//! is found by comparing sentences with each other, and for this a similar word has to count in
//! part.

use super::align::Alignment;
use super::sight::Soft;

/// Maximum number of sentences that are compared.
const MOST: usize = 16;
/// Cosine at which two words count as unrelated.
const STRANGE: f64 = 0.3;

/// The sentences about the subject of a claim, best first.
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

    /// Returns the share of the claim's information, 0 to 1, that a sentence has together with its
    /// heading and with the sentence that its pronouns refer to. Tokens in `without` do not count.
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

/// Returns the similarity of the sentence's most similar word to the claim's, 0 to 1.
fn likeness(soft: &Soft, at: usize) -> f64 {
    ((soft.cosines[at] - STRANGE) / (1.0 - STRANGE)).clamp(0.0, 1.0)
}
