//! Storage: accounts, evaluations, runs with their claims, verdicts and judges, the event log, and
//! the security record.
//!
//! `pool` has the handle on the database, `tables` has one file a subject, `log` has the event log
//! and its writer, and `upkeep` has operations on a whole database. `actors`, `service` and `app`
//! call the functions of `tables` inside [`Store::read`] and [`Store::write`]; the event log is
//! written through one [`journal::Journal`]. Only this module names diesel and r2d2, and the same
//! code serves SQLite and PostgreSQL. Deliberately not here: a clock (every time is a parameter),
//! hashing, the format of events on the wire, and every decision on what a run does next.

pub(crate) mod fleet;
mod log;
mod pool;
mod tables;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod upkeep;

pub(crate) use log::journal;
pub(crate) use pool::connection::Db;
pub use pool::error::StoreError;
pub(crate) use pool::retry;
pub use pool::{Store, StoreSettings};
pub use tables::columns::new_id;
#[cfg(test)]
pub(crate) use tables::event_months;
pub(crate) use tables::{
    annotations, api_keys, collections, creation, evaluations, feedback, logins, pages, passages,
    preferences, quota, retention, runs, search, security, shares, statistics, tokens, trash,
    usage, users,
};
pub(crate) use upkeep::{backup, file, partitioning, restore};
