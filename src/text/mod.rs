//! How text is cut: UTF-16 spans, sentences, clauses, claims, tokens, numbers, dates, names, word lists.
//!
//! `evidence` and `judges` import this module; it imports `domain` only.
//! Everything is a pure function of its input, linear in the length of the text, and panics on no input.
//! Deliberately not here: any comparison of two texts (that is `evidence`), ids, scores.

mod abbreviations;
pub mod analysis;
mod calendar;
pub mod chunks;
pub mod claims;
pub mod clauses;
mod clock;
pub mod dates;
pub mod entities;
pub mod hidden;
pub mod injection;
pub mod language;
pub mod lexicon;
pub mod non_claims;
pub mod numbers;
pub mod numerals;
pub mod sentences;
pub mod span;
mod synonyms;
pub mod terms;
pub mod tokens;
mod units;
pub mod words;
