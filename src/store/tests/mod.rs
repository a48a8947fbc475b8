//! What the store promises, each promise on both databases.

mod accounts;
mod annotations;
mod api_keys;
mod changes;
mod collections;
mod evaluations;
mod feedback;
mod fleet;
mod fleet_limits;
mod hang;
mod journal;
mod language;
mod lists;
mod measured;
mod migrating;
mod runs;
mod search;
mod security;
mod shares;
mod tables;
mod transactions;
mod trash;

/// A test that runs on SQLite and, if a server is named, on PostgreSQL.
macro_rules! on_both {
    ($(#[$about:meta])* $name:ident, |$store:ident| $body:block) => {
        $(#[$about])*
        mod $name {
            use super::*;

            async fn promise($store: &$crate::store::testing::TestStore) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                promise(&$crate::store::testing::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgresql() {
                if let Some(store) = $crate::store::testing::postgres() {
                    promise(&store).await;
                }
            }
        }
    };
}
use on_both;
