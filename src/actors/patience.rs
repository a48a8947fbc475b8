//! Asking a database that may be away: what an actor can't do without is asked for again until there is
//! an answer. Whoever waits for the actor has a deadline of its own.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;

use crate::domain::document::Retrieved;
use crate::domain::ids::{CollectionId, RunId, SessionId, UserId};
use crate::store::evaluations::Position;
use crate::store::journal::{Append, AppendError, Journal};
use crate::store::runs::{LiveRun, LoadedRun};
use crate::store::{self, Store, StoreError};

/// First and longest wait before the database is asked again.
const WAIT: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// Appends; a retry of what had landed after all is recognised by the journal.
pub(super) async fn commit(journal: Journal, append: Arc<Append>) -> Result<(), AppendError> {
    let away = |error: &AppendError| matches!(error, AppendError::Unavailable(_));
    ask("the journal", append.run_id, away, || {
        journal.append(Append::clone(&append))
    })
    .await
}

/// Loads a run.
pub(super) async fn load(
    store: Store,
    session: SessionId,
    run: RunId,
) -> Result<Option<LoadedRun>, StoreError> {
    let read = || store.read(move |db| store::runs::load(db, session, run, Utc::now()));
    ask("the run", run, is_away, read).await
}

/// Lists what was live when the process last ended. Whatever the error: without the list all of these
/// runs would stand still until the next start.
pub(super) async fn live(store: Store) -> Vec<LiveRun> {
    let read = || store.read(store::runs::live);
    let listed = ask("the recovery", "all runs", |_| true, read).await;
    // Never an error: each was asked again.
    listed.unwrap_or_default()
}

/// Reads the end of a session's log.
///
/// # Errors
/// Those where asking again is no use.
pub async fn position(
    store: Store,
    owner: UserId,
    session: SessionId,
) -> Result<Option<Position>, StoreError> {
    let read = || store.read(move |db| store::evaluations::position(db, owner, session));
    ask("the room", session, is_away, read).await
}

/// How many passages a user's collection has, and in which languages; none if it is gone.
///
/// # Errors
/// Those where asking again is no use.
pub(super) async fn extent(
    store: Store,
    user: UserId,
    collection: CollectionId,
) -> Result<Option<(u64, Vec<String>)>, StoreError> {
    let read = || {
        store.read(move |db| {
            let there = store::collections::get(db, user, collection)?;
            let languages = store::collections::languages(db, user, collection)?;
            Ok(there.map(|it| it.passages).zip(languages))
        })
    };
    ask("the retrieval", collection, is_away, read).await
}

/// The best passages for each list of terms.
///
/// # Errors
/// Those where asking again is no use.
pub(super) async fn passages(
    store: Store,
    collection: CollectionId,
    of: u64,
    queries: Arc<[Vec<String>]>,
    limit: i64,
) -> Result<Vec<Vec<Retrieved>>, StoreError> {
    let read = || {
        let queries = Arc::clone(&queries);
        store.read(move |db| {
            let mut search = |terms: &Vec<String>| {
                let found = store::passages::search(db, collection, of, terms, limit)?;
                Ok(found.into_iter().map(|(passage, _)| passage).collect())
            };
            queries.iter().map(&mut search).collect()
        })
    };
    ask("the retrieval", collection, is_away, read).await
}

const fn is_away(error: &StoreError) -> bool {
    error.is_passing()
}

async fn ask<T, E: Display, F: Future<Output = Result<T, E>>>(
    who: &str,
    id: impl Display,
    is_away: impl Fn(&E) -> bool,
    mut question: impl FnMut() -> F,
) -> Result<T, E> {
    let (first, longest) = WAIT;
    let mut wait = first;
    loop {
        match question().await {
            Err(error) if is_away(&error) => {
                // Once is enough: hundreds of runs may wait for as long as the database is away.
                if wait == first {
                    tracing::warn!(%id, %error, "{who} waits for the database");
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(longest);
            }
            outcome => return outcome,
        }
    }
}
