//! Where support is found: the source's index, the best passages, the verifier's verdicts.
//!
//! `judges`, `audit` and `actors` import this module; it imports `text`, `neural`, `computing` and `domain`.
//! A claim is laid beside the source's best sentences (`align`), its facts and its logic are compared with theirs
//! rule by rule (`rules` lists them all; what they find is a `comparison`), what was found becomes probabilities (`support`),
//! and these a verdict; what is left of a comparison is kept for all who ask (`compared`).
//! Deterministic to the byte: no clock, no randomness, no hash order in what comes out.
//! Deliberately not here: scores of a whole candidate (that is `judges`), figures (that is `figures`).

pub(crate) mod align;
mod appended;
mod arithmetic;
mod belonging;
pub(crate) mod compared;
pub(crate) mod comparison;
mod dates;
mod denials;
mod derived;
mod exchanged;
mod fields;
pub(crate) mod finding;
mod frames;
mod identifiers;
pub(crate) mod index;
mod joint;
mod leads;
mod likeness;
mod names;
mod nearest;
mod negation;
pub(crate) mod neural;
mod numbers;
mod opposites;
mod pair;
pub mod passages;
pub(crate) mod polarity;
mod reversed;
pub(crate) mod roles;
mod rows;
mod rules;
pub(crate) mod sight;
mod strength;
mod subject;
pub(crate) mod support;
mod table;
pub(crate) mod verbatim;
pub(crate) mod verdict;
mod verifier_table;
pub(crate) mod view;
pub(crate) mod wording;

pub use index::SourceIndex;
pub use verdict::decide;

#[cfg(test)]
pub(crate) mod tests;
