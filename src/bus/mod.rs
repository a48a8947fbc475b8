//! What the nodes of a fleet tell each other: that something has happened, so that nobody has to look for it all the
//! time: by PostgreSQL, which is there anyway, or by NATS.
//!
//! A signal may be lost, doubled, late or out of order, and nothing depends on it but how soon it is noticed: what is
//! true stands in the database, and whoever follows a session looks there now and then. Imports `domain`, `store`,
//! `telemetry` and `tls`. Deliberately not here: what is done about a signal, which is the actors' business.

mod alone;
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
