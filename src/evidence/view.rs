//! The neural verifier's view of a claim, as figures.

/// The neural verifier's view of a claim, as figures.
#[derive(Debug, Clone, PartialEq)]
pub struct NeuralView {
    /// Mean cosine of the claim's three content words with the least similar words in the source.
    pub least_aligned: f64,
    /// Mean cosine of the claim's content words with the nearest words of the sentences read,
    /// weighted by each word's information.
    pub soft_coverage: f64,
    /// The highest cosine of the whole claim and a whole sentence.
    pub best_sentence: f64,
    /// The logits of the classification head: supported, refuted, not enough information.
    pub logits: [f64; 3],
    /// The probabilities for the logits, in the same order.
    pub probabilities: [f64; 3],
    /// The sentences that the head read, in the order of the source.
    pub sentences: Vec<usize>,
    /// The sentence without which the head's result would change most.
    pub moved_most: usize,
}
