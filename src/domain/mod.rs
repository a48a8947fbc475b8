//! What is true: the nouns of an audit and the rules between them.
//!
//! Everybody may import this module; it imports nothing of the crate.
//! Deliberately not here: a clock, randomness, I/O, SQL, actors. Ids and times come in from outside,
//! so that every rule can be tested with plain values and a run can be rebuilt from what was stored.

pub mod calibration;
pub mod claim;
pub mod details;
pub mod document;
pub mod event;
pub mod hint;
pub mod ids;
pub mod injection;
pub mod issue;
mod progress;
pub mod report;
pub mod result;
pub mod run;
pub mod settings;
pub mod step;
pub mod verdict;
mod warning;
