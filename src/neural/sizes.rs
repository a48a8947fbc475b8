//! Sizes of the model, and of what it is given.

/// Numbers of a token's vector.
pub(crate) const DIMENSIONS: usize = 384;
/// Pieces of words that are encoded together.
pub(crate) const WINDOW: usize = 78;
/// Windows of one text that are encoded; what comes after is not seen.
pub(crate) const WINDOWS: usize = 2;
/// Rows of evidence that the head reads at most.
pub(crate) const EVIDENCE_ROWS: usize = 160;
/// Characters of a text that are cut into pieces at all: far more than the windows hold of any language.
pub(crate) const READ: usize = 2_000;
