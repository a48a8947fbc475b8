//! The tables are brought up to date while others use them.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::on_both;
use crate::store::testing;
use crate::store::{Store, StoreSettings};

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// As a newer release leaves the table.
const NEWER: &str = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";

/// As a restore of an older copy leaves it.
const OLDER: &str = "DELETE FROM __diesel_schema_migrations WHERE version = \
    (SELECT max(version) FROM __diesel_schema_migrations WHERE version < '9999')";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

on_both!(what_is_lacking_is_seen, |store| {
    assert_eq!(store.is_up_to_date().await, Ok(true));
    store.sql(NEWER).await;
    assert_eq!(store.is_up_to_date().await, Ok(true));
    store.sql(OLDER).await;
    assert_eq!(store.is_up_to_date().await, Ok(false));
});

/// Whoever comes after a statement that waits for a table waits behind it.
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_waits_for_a_table_for_a_moment_only_and_tries_again() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let mut holder = PgConnection::establish(&store.url).unwrap();
    holder
        .batch_execute("BEGIN; LOCK TABLE __diesel_schema_migrations IN ACCESS EXCLUSIVE MODE")
        .unwrap();
    let settings = StoreSettings {
        url: store.url.clone(),
        pool_size: 1,
        ..StoreSettings::default()
    };
    let opening = tokio::task::spawn_blocking(move || Store::open(&settings).map(drop));
    let mut observer = PgConnection::establish(&store.url).unwrap();
    for waiting in [1, 0, 1] {
        let begin = Instant::now();
        loop {
            let waits: Count = diesel::sql_query(
                "SELECT count(*) AS count FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database \
                 WHERE d.datname = current_database() AND NOT l.granted",
            )
            .get_result(&mut observer)
            .unwrap();
            if waits.count == waiting {
                break;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "{} wait, not {waiting}",
                waits.count
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    holder.batch_execute("COMMIT").unwrap();
    assert_eq!(opening.await.unwrap(), Ok(()));
}
