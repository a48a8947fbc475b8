//! The terms of an audit and the rules between them.
//!
//! Every module may import this one; it imports nothing of the crate. Deliberately absent: a clock,
//! randomness, I/O, SQL, actors. Ids and times are passed in, so that every rule can be tested with
//! plain values, and a run can be restored from what was stored.

pub(crate) mod answer;
pub(crate) mod calibration;
pub(crate) mod citation;
pub(crate) mod claim;
pub(crate) mod credential;
pub(crate) mod details;
pub(crate) mod document;
pub(crate) mod event;
pub(crate) mod guard;
pub(crate) mod hint;
pub(crate) mod ids;
pub(crate) mod injection;
pub(crate) mod issue;
pub(crate) mod panel;
mod progress;
pub(crate) mod report;
pub(crate) mod result;
pub(crate) mod run;
pub(crate) mod settings;
pub(crate) mod source;
pub(crate) mod step;
pub(crate) mod verdict;
mod warning;
