//! Retries operations that the caller cannot do without while the database is not available.
//! Callers have deadlines of their own.

use std::fmt::Display;
use std::time::Duration;

use super::Store;
use super::connection::Db;
use super::error::StoreError;

/// First and longest delay between two attempts.
const WAIT: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// Reads, and retries for as long as the database is not available; `who` and `id` identify the
/// caller in the log.
///
/// # Errors
/// Returns the first error that is not transient.
pub(crate) async fn read<T, F>(
    who: &str,
    id: impl Display,
    store: &Store,
    query: F,
) -> Result<T, StoreError>
where
    F: FnOnce(&mut Db) -> Result<T, StoreError> + Clone + Send + 'static,
    T: Send + 'static,
{
    retry(who, id, StoreError::is_transient, || {
        store.read(query.clone())
    })
    .await
}

/// Runs `attempt` until it succeeds or fails with an error that is not transient.
///
/// # Errors
/// Returns the first error that is not transient.
pub(crate) async fn retry<T, E: Display, F: Future<Output = Result<T, E>>>(
    who: &str,
    id: impl Display,
    is_transient: impl Fn(&E) -> bool,
    mut attempt: impl FnMut() -> F,
) -> Result<T, E> {
    let (first, longest) = WAIT;
    let mut wait = first;
    loop {
        match attempt().await {
            Err(error) if is_transient(&error) => {
                // Logged once only, since hundreds of runs may wait at the same time.
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

#[cfg(test)]
#[path = "tests/retry.rs"]
mod tests;
