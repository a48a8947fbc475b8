//! Signals between the nodes that share a database, which spare them frequent polling.
//!
//! A signal may be lost, repeated, late or out of order. It only affects how soon a change is
//! noticed: the database holds the state, and whoever follows a session also polls it.
//! Imports `domain`, `store` and `telemetry`. Deliberately absent: the reaction to a signal,
//! which is in `actors`.

mod alone;
mod interface;
mod postgres;
mod signal;

pub(crate) use alone::{Alone, Silent};
pub(crate) use interface::{Bus, Heard};
pub(crate) use postgres::PostgresBus;
pub(crate) use signal::{Events, Signal};
