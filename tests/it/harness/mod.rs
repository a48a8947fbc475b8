//! What the suites share: a server of one's own, people who use it, their sockets.
//!
//! Every test of this binary may import it. Deliberately not here: anything of the library itself,
//! for a black box is tested against its contract.

mod bytes;
mod chance;
mod cluster;
mod command;
mod database;
mod events;
pub(crate) mod http;
mod openapi;
mod operator;
mod person;
pub(crate) mod raw;
mod relay;
mod scrape;
mod scripted;
mod server;
mod snapshot;
mod socket;

use std::time::Duration;

pub(crate) use bytes::{Heard, RawSocket, frame, handshake, header, text_frame};
pub(crate) use chance::Chance;
pub(crate) use cluster::{Cluster, is_root};
pub(crate) use command::{Ended, run};
pub(crate) use database::{change, required, setting};
pub(crate) use http::{Answer, Door};
pub(crate) use person::{PASSWORD, Person, text};
pub(crate) use relay::Relay;
pub(crate) use scrape::{Family, Scrape, until};
pub(crate) use scripted::{ComeBack, Format, KEY, KEY_VARIABLE, Manner, ScriptedJudge};
pub(crate) use server::{Server, Setup};
pub(crate) use snapshot::redacted;
pub(crate) use socket::{Frame, Incoming, Knock, Socket};

/// The one limit on every wait; generous, since it is only ever reached by a failure.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// How long to wait between two looks at something that can't be waited for.
pub(crate) const GLANCE: Duration = Duration::from_millis(20);

/// Runs each `async fn(Setup)` once on SQLite and once on PostgreSQL.
macro_rules! on_every_database {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::harness::Setup::sqlite()).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test]
                async fn $test() {
                    if let Some(setup) = $crate::harness::Setup::postgres() {
                        super::$test(setup).await;
                    }
                }
            )+
        }
    };
}
