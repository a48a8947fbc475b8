//! Text processing: UTF-16 spans, sentences, clauses, claims, tokens, numbers, dates, names, word
//! lists.
//!
//! `evidence` and `judges` import this module; it imports `domain` only. Everything is a pure
//! function of its input, linear in the length of the text, and panics on no input. Deliberately
//! not here: any comparison of two texts (that is `evidence`), ids, scores.

mod abbreviations;
mod abstentions;
pub(crate) mod analysis;
mod announcements;
mod calendar;
pub(crate) mod chunks;
mod citations;
pub(crate) mod cited;
pub(crate) mod claims;
pub(crate) mod clauses;
pub(crate) mod contrasts;
mod courtesies;
pub(crate) mod dates;
mod denied;
mod detection;
pub(crate) mod entities;
pub(crate) mod hidden;
pub(crate) mod identifiers;
pub(crate) mod injection;
pub(crate) mod korean;
pub(crate) mod language;
pub(crate) mod layout;
pub(crate) mod lexicon;
pub(crate) mod non_claims;
pub(crate) mod numbers;
pub(crate) mod numerals;
mod openings;
mod phrases;
mod powers;
mod questions;
pub(crate) mod reading;
mod regions;
pub(crate) mod sentences;
pub(crate) mod span;
pub(crate) mod tables;
pub(crate) mod terms;
pub(crate) mod tokens;
mod unended;
pub(crate) mod unit_lines;
mod unmarked;
pub(crate) mod word_lists;
pub(crate) mod words;
