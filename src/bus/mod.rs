//! Signals between the nodes of a fleet, which replace frequent polling: by PostgreSQL, which is
//! there anyway, or by NATS.
//!
//! A signal may be lost, duplicated, late or out of order, which affects only the delay until a
//! change is noticed: the database holds the truth, and whoever follows a session also polls it at
//! intervals. Imports `domain`, `store`, `telemetry` and `tls`. Deliberately not here: the
//! reactions to a signal, which are the actors' business.

mod alone;
mod endpoint;
mod interface;
mod message;
mod nats;
mod postgres;
mod self_test;
mod signal;

pub(crate) use alone::{Alone, Silent};
pub(crate) use interface::{Bus, Heard};
pub(crate) use nats::{NatsBus, NatsLogin, NatsSettings};
pub(crate) use postgres::PostgresBus;
pub(crate) use signal::{Events, Signal};
