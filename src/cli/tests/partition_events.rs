use std::time::Duration;

use chrono::TimeZone;

use super::*;
use crate::store::event_months::{Month, Partitions};
use crate::store::partitioning::Plain;
use crate::store::testing;

/// As before an upgrade, whose migrations are for `migrate` or the first new node to run.
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing() {
    let Some(store) = testing::postgres() else {
        return;
    };
    store
        .sql(
            "DELETE FROM __diesel_schema_migrations \
             WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
        )
        .await;
    let versions = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let is = store.column(versions).await;
    let mut config = Config::default();
    config.database.url.clone_from(&store.url);
    let outcome = partition_events(&config, true).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(store.column(versions).await, is);
    assert_eq!(
        store.read(crate::store::event_months::partitions).await,
        Ok(None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_makes_no_tables() {
    let Some(store) = testing::postgres() else {
        return;
    };
    store
        .sql("ALTER TABLE session_events RENAME TO elsewhere")
        .await;
    let mut config = Config::default();
    config.database.url.clone_from(&store.url);
    let why = partition_events(&config, true).await.unwrap_err();
    assert!(
        format!("{why:#}").contains("the database has no tables yet"),
        "{why:#}"
    );
}

#[test]
fn what_is_found_and_what_was_done_is_told() {
    let first = Month::of(Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap());
    let plain = Before::Plain(Plain {
        events: 1200,
        bytes: 720_000,
        first,
    });
    let done = Partitioned {
        first,
        checked_in: Duration::from_millis(2340),
        exchanged_in: Duration::from_millis(41),
    };
    let found = Before::Partitioned(Partitions {
        months: [first, first.next()].into(),
        before: Some(first),
    });
    let all = [
        said(&Before::File, None, 0),
        said(&plain, None, 30),
        said(&plain, Some(&done), 0),
        said(&found, None, 30),
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    the database is a SQLite file, which has no partitions: there is nothing to do

    the event log is one table: about 1200 events, 720000 bytes with indexes
    it would become the partition of everything before 2027-01, and each month from then on would have its own

    the event log is one table: about 1200 events, 720000 bytes with indexes
    it is the partition of everything before 2027-01 now, and each month from then on has its own
    checked in 2.3 s beside the nodes, exchanged in 41 ms
    retention.events_days is 0: no month will be dropped

    the event log is partitioned already: there is nothing to do
    it has everything before 2027-01, 2027-01, 2027-02 and the rest
    ");
}
