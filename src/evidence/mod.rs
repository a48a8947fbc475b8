//! The verifier: the index of the source, the best passages, and the verdicts on claims.
//!
//! `judges`, `audit` and `actors` import this module; it imports `text`, `neural`, `computing` and
//! `domain`. A claim is aligned with the best sentences of the source (`align`). Its facts and its
//! logic are compared with theirs rule by rule (`rules` lists all of them; the findings are in a
//! `comparison`). The findings result in probabilities (`support`), and these in a verdict; the
//! result of the comparison is kept for all users (`compared`). The output is deterministic to the
//! byte: no clock, no randomness, no hash order. Deliberately absent: scores of a whole candidate
//! (in `judges`), and figures (in `figures`).

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
mod rule;
mod rules;
pub(crate) mod sight;
pub(crate) mod stitched;
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
