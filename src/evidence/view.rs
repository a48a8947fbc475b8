//! What the neural verifier sees of a claim, as figures.

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
