//! The parts of an audit that are the same for a run, the command line, an
//! estimate and a benchmark.
//!
//! Texts become claims ([`claims`]) and the case for the judges ([`material`]), with passages of a
//! collection ([`retrieval`]); the verdicts of the verifier and the reports of the judges become
//! one result ([`conclusion`]); [`panel`] does all of it at once, without a server or a database.
//! Imports `judges`, `evidence`, `figures`, `text`, `neural`, `store`, `computing`, `domain`. Used
//! by `actors`, `service`, `app` and `cli`. Deliberately absent: actors, the order and the storage
//! of a run's steps, the configuration.

pub(crate) mod claims;
pub(crate) mod conclusion;
pub(crate) mod material;
pub(crate) mod panel;
pub(crate) mod retrieval;
