//! How text is cut: UTF-16 spans, sentences, clauses, claims, tokens, numbers, dates, names, word lists.
//!
//! `evidence` and `judges` import this module; it imports `domain` only.
//! Everything is a pure function of its input, linear in the length of the text, and panics on no input.
//! Deliberately not here: any comparison of two texts (that is `evidence`), ids, scores.

mod abbreviations;
mod abstentions;
pub mod analysis;
mod calendar;
pub mod chunks;
mod citations;
pub mod claims;
pub mod clauses;
pub mod contrasts;
mod courtesies;
pub mod dates;
mod denied;
mod detection;
pub mod entities;
pub mod hidden;
pub mod identifiers;
pub mod injection;
pub mod korean;
pub mod language;
pub mod layout;
pub mod lexicon;
pub mod non_claims;
pub mod numbers;
mod openings;
mod phrases;
mod powers;
mod reading;
mod regions;
pub mod sentences;
pub mod span;
pub mod tables;
pub mod terms;
pub mod tokens;
mod unended;
pub mod unit_lines;
mod unmarked;
pub(crate) mod word_lists;
pub mod words;
