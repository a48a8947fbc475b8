//! Where support is found: the source's index, the best passages, the verifier's verdicts.
//!
//! `judges`, `audit` and `actors` import this module; it imports `text`, `neural`, `computing` and `domain`.
//! A claim is laid beside the source's best sentences (`align`), its facts and its logic are compared with theirs
//! rule by rule (`rules` lists them all; what they find is a `comparison`), what was found becomes probabilities (`support`),
//! and these a verdict; what is left of a comparison is kept for all who ask (`compared`).
//! Deterministic to the byte: no clock, no randomness, no hash order in what comes out.
//! Deliberately not here: scores of a whole candidate (that is `judges`), figures (that is `metrics`).

pub mod align;
mod appended;
mod arithmetic;
pub mod compared;
pub mod comparison;
mod dates;
mod denials;
mod derived;
mod exchanged;
mod fields;
pub mod finding;
mod frames;
mod identifiers;
pub mod index;
mod joint;
mod leads;
mod likeness;
mod names;
mod negation;
pub mod neural;
mod numbers;
mod opposites;
mod pair;
pub mod passages;
pub mod polarity;
mod reversed;
pub mod roles;
mod rows;
mod rules;
pub mod sight;
mod strength;
mod subject;
pub mod support;
mod table;
pub mod verbatim;
pub mod verdict;
mod verifier_table;
pub mod view;
pub mod wording;

pub use index::SourceIndex;
pub use verdict::decide;

#[cfg(test)]
pub(crate) mod tests;
