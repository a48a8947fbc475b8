//! The sentence encoder that is in the binary, and the head that judges a claim by encoded evidence.
//!
//! `evidence` asks it which words of a source carry a claim's words, and what it makes of the whole.
//! It knows English; which texts it is asked of is the caller's choice, and so is what the figures mean.
//! The same bits on every run and with any number of threads: one computation is one thread's, and what
//! is compared later is rounded. `app` makes the one encoder of a process and hands it down.
//! Deliberately not here: sentences, claims, verdicts (that is `evidence`), models of the operator's own
//! (that is `judges::nli`), any file or network at run time, any training (that is `training/`).

mod encoded;
mod encoder;
mod model;
#[cfg(test)]
mod tests;

pub(crate) use encoded::Encoded;
pub use encoder::Encoder;

/// Numbers of a token's vector.
pub(crate) const DIMENSIONS: usize = 384;
/// Pieces of words that are encoded together.
pub(crate) const WINDOW: usize = 78;
/// Windows of one text that are encoded; what comes after is not seen.
pub(crate) const WINDOWS: usize = 2;
/// Rows of evidence that the head reads at most.
pub(crate) const EVIDENCE_ROWS: usize = 160;
/// Characters of a text that are cut into pieces at all: far more than the windows hold of any language.
const READ: usize = 2_000;
