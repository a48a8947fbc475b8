//! The sentence encoder that is built into the binary, and the head that judges a claim by encoded
//! evidence.
//!
//! `evidence` asks it which words of a source correspond to a claim's words, and whether the source
//! supports the claim. It knows English only; the caller decides which texts it is asked about, and
//! what the results mean. Results are bit for bit the same on every run and with any number of
//! threads: each computation runs on one thread, and what is compared later is rounded. `app` makes
//! the one encoder of a process and hands it down. Deliberately not here: sentences, claims,
//! verdicts (that is `evidence`), models of the operator's own (that is `judges::nli`), any file or
//! network at run time, any training (that is `training/`).

mod encoded;
mod encoder;
mod model;
pub(crate) mod sizes;
#[cfg(test)]
mod tests;

pub(crate) use encoded::Encoded;
pub use encoder::Encoder;
