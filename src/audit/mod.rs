//! The parts of an audit that are the same for a run, the command line, an estimate and a
//! benchmark.
//!
//! Texts become claims ([`claims`]) and the case that judges receive ([`material`]), with passages
//! of a collection ([`retrieval`]) and the output's citations ([`citations`]); the verdicts of the
//! verifier and the judges become one result ([`conclusion`]). [`panel`] does all of it without a
//! server and a database, [`guard`] within a time limit, and [`sentences`] for a candidate that is
//! still being written.
//! Imports `judges`, `evidence`, `figures`, `text`, `neural`, `store`, `computing`, `domain`. Used
//! by `actors`, `service`, `app` and `cli`.
//! Deliberately not here: actors, the order and the storage of a run's steps, the configuration.

pub(crate) mod citations;
pub(crate) mod claims;
pub(crate) mod conclusion;
pub(crate) mod guard;
pub(crate) mod material;
pub(crate) mod panel;
pub(crate) mod retrieval;
pub(crate) mod sentences;
pub(crate) mod stamp;
