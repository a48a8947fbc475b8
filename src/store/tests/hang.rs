//! PostgreSQL answers later than anybody waits.

use std::time::{Duration, Instant};

use super::transactions::{accounts, someone};
use crate::store::testing::{self, TestStore};
use crate::store::{Db, StoreError};
use diesel::prelude::*;

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

fn sleep(db: &mut Db) -> Result<(), StoreError> {
    diesel::sql_query("SELECT pg_sleep(4)").execute(db)?;
    Ok(())
}

/// Waits until no thread works for anybody, and the database counts as there.
async fn quiet(store: &TestStore) {
    let begin = Instant::now();
    while store.inner.slots.available_permits() < testing::POOL as usize
        || store.ping().await.is_err()
    {
        assert!(begin.elapsed() < PATIENCE, "a permit is lost");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_was_given_up_before_its_commit_never_happens() {
    let Some(mut store) = testing::postgres() else {
        return;
    };
    store.shorten_timeouts();
    let outcome = store
        .write(|db| {
            someone(db, "ada")?;
            sleep(db)
        })
        .await;
    assert!(
        matches!(&outcome, Err(StoreError::Unavailable(why)) if why.contains("answer")),
        "{outcome:?}"
    );
    assert!(
        store.inner.slots.available_permits() < testing::POOL as usize,
        "the thread keeps its permit"
    );
    quiet(&store).await;
    assert_eq!(store.read(accounts).await, Ok(0), "rolled back");
    assert_eq!(
        store.write(|db| someone(db, "ada").map(|_| ())).await,
        Ok(())
    );
}

#[tokio::test]
async fn a_read_that_takes_too_long_is_unavailable() {
    let Some(mut store) = testing::postgres() else {
        return;
    };
    store.shorten_timeouts();
    let outcome = store.read(sleep).await;
    assert!(
        matches!(outcome, Err(StoreError::Unavailable(_))),
        "{outcome:?}"
    );
    quiet(&store).await;
}

#[tokio::test]
async fn a_commit_that_takes_too_long_is_in_doubt_until_it_is_settled() {
    let Some(mut store) = testing::postgres() else {
        return;
    };
    store.commits_late("INSERT ON users", true);
    let outcome = store.write(|db| someone(db, "ada")).await;
    assert!(
        matches!(outcome, Err(StoreError::InDoubt(_))),
        "{outcome:?}"
    );
    store.settled().await;
    quiet(&store).await;
    assert_eq!(store.read(accounts).await, Ok(1));
}
