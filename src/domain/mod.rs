//! What is true: the nouns of an audit and the rules between them.
//!
//! Everybody may import this module; it imports nothing of the crate.
//! Deliberately not here: a clock, randomness, I/O, SQL, actors. Ids and times come in from outside,
//! so that every rule can be tested with plain values and a run can be rebuilt from what was stored.

pub(crate) mod answer;
pub(crate) mod calibration;
pub(crate) mod claim;
pub(crate) mod credential;
pub(crate) mod details;
pub(crate) mod document;
pub(crate) mod event;
pub(crate) mod hint;
pub(crate) mod ids;
pub(crate) mod injection;
pub(crate) mod issue;
mod progress;
pub(crate) mod report;
pub(crate) mod result;
pub(crate) mod run;
pub(crate) mod settings;
pub(crate) mod step;
pub(crate) mod verdict;
mod warning;
