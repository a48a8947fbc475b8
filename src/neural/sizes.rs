//! Dimensions of the model and limits of its input.

/// Number of components in a token's vector.
pub(crate) const DIMENSIONS: usize = 384;
/// Number of pieces of words that are encoded together.
pub(crate) const WINDOW: usize = 78;
/// Maximum number of windows of one text; later parts of the text are not encoded.
pub(crate) const WINDOWS: usize = 2;
/// Maximum number of rows of evidence that the head reads.
pub(crate) const EVIDENCE_ROWS: usize = 160;
/// Maximum number of characters of a text that are tokenized: far more than the windows hold in any
/// language.
pub(crate) const READ: usize = 2_000;
