//! The operations that users can perform: the functions behind both REST and WebSocket.
//!
//! `http` and `ws` only translate; each operation is implemented here once, so that it behaves
//! alike through both. Imports `actors`, `store`, `protocol`, `judges`, `config`. Deliberately not
//! here: requests, responses, sockets, SQL.

pub(crate) mod accounts;
mod annotations;
pub(crate) mod api_keys;
pub(crate) mod archive;
pub(crate) mod check;
mod check_pieces;
pub(crate) mod claims;
pub(crate) mod collections;
mod deletion;
pub(crate) mod drafts;
pub(crate) mod evaluations;
pub(crate) mod export;
mod feedback;
pub(crate) mod grant;
pub(crate) mod key_rates;
pub(crate) mod key_text;
pub(crate) mod keyring;
pub(crate) mod limits;
mod lists;
pub(crate) mod passwords;
mod preferences;
pub(crate) mod reader;
mod readiness;
pub(crate) mod record;
mod refusals;
pub(crate) mod removal;
mod revocation;
mod shares;
pub(crate) mod sources;
pub(crate) mod statistics;
mod stopping;
pub(crate) mod subscriptions;
pub(crate) mod timings;
pub(crate) mod tokens;
mod usage;
pub(crate) mod views;
pub(crate) mod watch;

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
use crate::audit::guard::Guard;
use crate::bus::Bus;
use crate::computing::{Cores, Turns};
use crate::config::Config;
use crate::judges::budget::{Budgets, Ledger};
use crate::judges::injection::AllowedPhrases;
use crate::judges::table::JudgeTable;
use crate::neural::Encoder;
use crate::protocol::error::Refusal;
use crate::store::journal::Journal;
use crate::store::{Store, StoreError};
use crate::telemetry::metrics::Metrics;

use drafts::Drafts;
use key_rates::KeyRates;
use keyring::Keyring;
use limits::Limits;
use passwords::Passwords;
use record::Recorder;
pub(crate) use refusals::{no_turn, refusal, unanswered, unfinished};

/// Maximum time that an actor may take to answer a request.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The state that all connections and requests share. There is one for the process, made by `app`.
pub(crate) struct Service {
    pub config: Arc<Config>,
    pub store: Store,
    /// The writer of the event log.
    pub journal: Journal,
    /// This node of those that share the database.
    pub node: OwnNode,
    /// The channel for signals to other nodes.
    pub bus: Arc<dyn Bus>,
    /// Publishes the connections and members at this node to the other nodes.
    pub presence: Presence,
    /// Decides whether a run that is started at this node is also worked on here.
    pub placement: Placement,
    /// The registry of live sessions.
    pub registry: Addr<Registry>,
    /// The threads on which rooms run.
    pub room_threads: RoomThreads,
    pub judges: JudgeTable,
    /// The budgets of tokens and money for judging.
    pub budgets: Budgets,
    /// Checks answers within a time limit.
    pub guard: Guard,
    /// Answers that are checked while they are being written.
    pub drafts: Drafts,
    /// The ledger that checks without `keep` are charged to.
    pub ledger: Ledger,
    /// The keys that sign and verify access tokens.
    pub tokens: Keyring,
    pub passwords: Passwords,
    pub limits: Limits,
    /// Requests with API keys that have a rate of their own.
    pub key_rates: KeyRates,
    /// The writer of the security record.
    pub record: Recorder,
    pub live_counts: LiveCounts,
    pub metrics: Arc<Metrics>,
    /// Maximum number of characters of a source that retrieval keeps.
    pub retrieval_chars: usize,
    /// The built-in model; `None` where it is disabled.
    pub encoder: Option<Arc<Encoder>>,
    /// Phrases that the operator has declared to be no injection attack.
    pub allowed_phrases: Arc<AllowedPhrases>,
    /// Slots for documents that are being parsed.
    pub documents: Turns,
    /// Slots for exports that are being generated.
    pub exports: Turns,
    /// Slots for archives that are being generated.
    pub archives: Turns,
    /// Permits for computing statistics.
    pub statistics: Semaphore,
    /// The threads for expensive computations.
    pub cores: Cores,
    /// Wakes the removal of rows that were marked as deleted.
    pub upkeep: Notify,
    /// True from the moment at which the process is asked to stop.
    pub draining: Arc<AtomicBool>,
}

impl Service {
    /// Returns whether the process is draining before it stops.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// Runs a change and the message that follows it to completion even if the caller is dropped, so
/// that a client that disconnects never separates a commit from its message.
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

/// Spawns work that must not be cancelled with its caller. It is counted until it ends, so that a
/// drain can wait for it.
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
