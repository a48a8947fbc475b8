//! Database reads and writes of a run, retried while the database is unavailable.

use std::sync::Arc;

use chrono::Utc;

use crate::domain::ids::{RunId, SessionId};
use crate::store::journal::{Append, AppendError, Journal};
use crate::store::runs::LoadedRun;
use crate::store::{self, Store, StoreError, retry};

/// Appends events. The journal recognises a retry of an append that had succeeded after all.
pub(super) async fn commit(journal: Journal, append: Arc<Append>) -> Result<(), AppendError> {
    let is_transient = |error: &AppendError| matches!(error, AppendError::Unavailable(_));
    retry::retry("the journal", append.run_id, is_transient, || {
        journal.append(Append::clone(&append))
    })
    .await
}

pub(super) async fn load(
    store: Store,
    session: SessionId,
    run: RunId,
) -> Result<Option<LoadedRun>, StoreError> {
    let query = move |db: &mut store::Db| store::runs::load(db, session, run, Utc::now());
    retry::read("the run", run, &store, query).await
}
