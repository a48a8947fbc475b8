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
pub(crate) mod sizes;
#[cfg(test)]
mod tests;

pub(crate) use encoded::Encoded;
pub use encoder::Encoder;
