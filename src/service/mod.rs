//! What a user can do: the functions behind both doors.
//!
//! `http` and `ws` translate; what happens is here, once, so that a start behaves alike through REST
//! and through the socket. Imports `actors`, `store`, `protocol`, `judges`, `config`. Deliberately not
//! here: requests, responses, sockets, SQL.

pub(crate) mod accounts;
mod annotations;
pub(crate) mod api_keys;
pub(crate) mod archive;
pub(crate) mod collections;
mod deletion;
pub(crate) mod evaluations;
pub(crate) mod export;
mod feedback;
pub(crate) mod grant;
pub(crate) mod key_text;
pub(crate) mod keyring;
pub(crate) mod limits;
mod lists;
pub(crate) mod passwords;
mod preferences;
pub(crate) mod reader;
pub(crate) mod record;
mod refusals;
pub(crate) mod removal;
mod revocation;
mod shares;
pub(crate) mod statistics;
pub(crate) mod subscriptions;
pub(crate) mod timings;
pub(crate) mod tokens;
mod usage;
pub(crate) mod views;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::Addr;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::actors::fleet::OwnNode;
use crate::actors::fleet::placement::Placement;
use crate::actors::fleet::presence::Presence;
use crate::actors::live_counts::LiveCounts;
use crate::actors::registry::Registry;
use crate::actors::registry::threads::RoomThreads;
use crate::bus::Bus;
use crate::computing::{Cores, Turns};
use crate::config::Config;
use crate::judges::budget::Budgets;
use crate::judges::injection::AllowedPhrases;
use crate::judges::table::JudgeTable;
use crate::protocol::error::{ErrorCode, Refusal};
use crate::store::journal::Journal;
use crate::store::{Store, StoreError};
use crate::telemetry::metrics::Metrics;

use keyring::Keyring;
use limits::Limits;
use passwords::Passwords;
use record::Recorder;
pub(crate) use refusals::{no_turn, refusal, unanswered, unfinished};

/// How long an actor may take to answer a request.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Everything that the doors share; one for the process, made by `app`.
pub(crate) struct Service {
    pub config: Arc<Config>,
    /// Where everything is kept.
    pub store: Store,
    /// Where events are written.
    pub journal: Journal,
    /// This process among those that share the database.
    pub node: OwnNode,
    /// The way to the others.
    pub bus: Arc<dyn Bus>,
    /// What it tells the others of who is here.
    pub presence: Presence,
    /// Whether it works on what is started here.
    pub placement: Placement,
    /// Where live sessions are.
    pub registry: Addr<Registry>,
    /// Where their rooms live.
    pub room_threads: RoomThreads,
    pub judges: JudgeTable,
    /// What judging may use.
    pub budgets: Budgets,
    /// Signs and reads access tokens.
    pub tokens: Keyring,
    pub passwords: Passwords,
    /// Who may do how much.
    pub limits: Limits,
    /// What the operator may have to account for.
    pub record: Recorder,
    /// Live counts of connections, rooms and runs.
    pub live_counts: LiveCounts,
    pub metrics: Arc<Metrics>,
    /// How much of a source retrieval keeps, in characters.
    pub retrieval_chars: usize,
    /// What an operator knows to be no attack.
    pub allowed_phrases: Arc<AllowedPhrases>,
    /// Documents that are being read.
    pub documents: Turns,
    /// Files that are being made.
    pub exports: Turns,
    /// Archives of all that is a user's own that are being made.
    pub archives: Turns,
    /// Statistics that are being computed.
    pub statistics: Semaphore,
    /// Where heavy texts are computed on.
    pub cores: Cores,
    /// Told when something was deleted that has to be removed.
    pub upkeep: Notify,
    /// Set once, when the process is asked to stop.
    pub draining: Arc<AtomicBool>,
}

impl Service {
    /// Whether the process is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Whether requests can be served.
    ///
    /// # Errors
    /// `draining`, or `overloaded` when the database does not answer.
    pub(crate) async fn ready(&self) -> Result<(), Refusal> {
        if self.is_draining() {
            return Err(Refusal::new(
                ErrorCode::Draining,
                "the server is shutting down",
            ));
        }
        self.store.ping().await.map_err(refusal)
    }
}

/// Carries a change and the message that follows it to their end, whatever becomes of whoever asked:
/// a caller that goes away must not part the commit from its message.
pub(crate) async fn to_the_end<T: Send + 'static>(
    live_counts: &LiveCounts,
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, Refusal> {
    match detach(live_counts, work).await {
        Ok(outcome) => outcome.map_err(refusal),
        Err(error) => {
            tracing::error!(%error, "a change broke");
            Err(Refusal::internal())
        }
    }
}

/// Starts what goes on without whoever asked; it is counted until it ends.
pub(crate) fn detach<T: Send + 'static>(
    live_counts: &LiveCounts,
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    let counted = live_counts.tasks.enter();
    let work = async move {
        let _counted = counted;
        work.await
    };
    tokio::spawn(work.in_current_span())
}

#[cfg(test)]
mod tests;
