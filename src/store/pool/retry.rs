//! Asking a database that may be away: what a caller can't do without is asked for again until there is an
//! answer. Whoever waits for that caller has a deadline of its own.

use std::fmt::Display;
use std::time::Duration;

use super::Store;
use super::connection::Db;
use super::error::StoreError;

/// First and longest wait before the database is asked again.
const WAIT: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// Reads, and reads again for as long as the database is away; the log says of whom and what (`who`, `id`)
/// waits for it.
///
/// # Errors
/// Those where asking again is no use.
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

/// Does `attempt` again until there is an answer, or an error that is not transient.
///
/// # Errors
/// The first error that is not transient.
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

#[cfg(test)]
#[path = "tests/retry.rs"]
mod tests;
