use std::collections::BTreeMap;

use chrono::TimeZone;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_migrations::MigrationHarness;

use super::*;
use crate::domain::ids::SessionId;
use crate::store::pool::connection::Target;
use crate::store::pool::migrate::POSTGRES;
use crate::store::testing::{self, TestStore};
use crate::store::{Store, journal};

fn day(month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, month, day, 12, 0, 0).unwrap()
}

async fn partition_at(
    store: &TestStore,
    now: DateTime<Utc>,
) -> Result<(Before, Option<Partitioned>), PartitionError> {
    let settings = store.settings();
    let work = move || partition(&settings, now);
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// What a table is, but for the names of its parts and what a partition is not.
async fn description(store: &TestStore, table: &str) -> BTreeMap<&'static str, Vec<String>> {
    let queries = [
        (
            "columns",
            "SELECT attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attcollation || ' ' || attnotnull \
             FROM pg_attribute WHERE attrelid = 'TABLE'::regclass AND attnum > 0 ORDER BY attnum",
        ),
        (
            "constraints",
            "SELECT conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated FROM pg_constraint \
             WHERE conrelid = 'TABLE'::regclass ORDER BY 1",
        ),
        (
            "indexes",
            "SELECT replace(pg_get_indexdef(indexrelid), ' ONLY ', ' ') FROM pg_index \
             WHERE indrelid = 'TABLE'::regclass ORDER BY 1",
        ),
        (
            "triggers",
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'TABLE'::regclass \
             AND NOT tgisinternal ORDER BY 1",
        ),
        (
            "privileges",
            "SELECT relowner || ' ' || unnest(relacl) FROM pg_class WHERE oid = 'TABLE'::regclass ORDER BY 1",
        ),
    ];
    let mut found = BTreeMap::new();
    for (what, query) in queries {
        found.insert(what, store.column(&query.replace("TABLE", table)).await);
    }
    found
}

async fn frames(store: &Store, session: SessionId) -> Vec<String> {
    let read = store.read(move |db| journal::read(db, session, 0, 1000, usize::MAX));
    let frames = read.await.unwrap().into_iter();
    frames
        .map(|(seq, frame)| format!("{seq} {frame}"))
        .collect()
}

async fn partition_of(store: &TestStore, session: SessionId) -> Vec<String> {
    let query = format!(
        "SELECT DISTINCT tableoid::regclass FROM session_events WHERE session_id = '{session}'"
    );
    store.column(&query).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_becomes_a_partition_as_it_stands() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let ada = store.account("ada").await.id;
    let old = store.evaluation_made(ada, day(9, 1)).await;
    store.log_more(old, 40, Some(day(9, 1))).await;
    for statement in [
        "CREATE INDEX session_events_by_kind ON session_events (kind) WHERE seq > 7",
        "CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "CREATE TRIGGER seen BEFORE INSERT ON session_events FOR EACH ROW EXECUTE FUNCTION seen()",
        "GRANT SELECT ON session_events TO PUBLIC",
        "ALTER TABLE session_events SET (autovacuum_vacuum_scale_factor = 0.01)",
    ] {
        store.sql(statement).await;
    }
    let is = description(&store, "session_events").await;
    let files = |table: &str| {
        format!(
            "SELECT pg_relation_filenode(oid) FROM pg_class WHERE oid = '{table}'::regclass OR oid IN \
             (SELECT indexrelid FROM pg_index WHERE indrelid = '{table}'::regclass) ORDER BY 1"
        )
    };
    let stored = store.column(&files("session_events")).await;
    let before = frames(&store, old).await;

    let settings = store.settings();
    let only_looked = move || super::before(&settings, day(9, 10));
    let looked = tokio::task::spawn_blocking(only_looked).await.unwrap();
    assert!(
        matches!(looked, Ok(Before::Plain(Plain { first, .. })) if first.to_string() == "2026-10")
    );
    assert_eq!(
        description(&store, "session_events").await,
        is,
        "a look changes nothing"
    );

    let (found, done) = partition_at(&store, day(9, 10)).await.unwrap();
    assert!(matches!(found, Before::Plain(_)) && done.is_some());
    assert_eq!(description(&store, "session_events").await, is);
    for privileged in [DEFAULT, "session_events_2026_10", BEFORE] {
        let of = description(&store, privileged).await;
        assert_eq!(of["privileges"], is["privileges"], "{privileged}");
        let options =
            format!("SELECT unnest(reloptions) FROM pg_class WHERE oid = '{privileged}'::regclass");
        let options = store.column(&options).await;
        assert_eq!(
            options,
            ["autovacuum_vacuum_scale_factor=0.01"],
            "{privileged}"
        );
        assert_eq!(of["columns"], is["columns"], "{privileged}");
        assert_eq!(of["indexes"].len(), is["indexes"].len(), "{privileged}");
        let unchecked = of["constraints"].iter().filter(|it| it.ends_with("false"));
        assert_eq!(unchecked.count(), 0, "{of:?}");
        assert_eq!(of["constraints"].len(), is["constraints"].len(), "{of:?}");
    }
    // Not a byte of it was written anew.
    assert_eq!(store.column(&files(BEFORE)).await, stored);
    assert_eq!(frames(&store, old).await, before);

    let new = store.evaluation_made(ada, day(10, 1)).await;
    let far = store
        .evaluation_made(ada, day(9, 10) + TimeDelta::days(800))
        .await;
    for session in [old, new, far] {
        store.log_more(session, 3, Some(day(10, 2))).await;
    }
    assert_eq!(frames(&store, old).await.len(), 43);
    assert_eq!(partition_of(&store, old).await, [BEFORE]);
    assert_eq!(partition_of(&store, new).await, ["session_events_2026_10"]);
    assert_eq!(partition_of(&store, far).await, [DEFAULT]);

    let (found, done) = partition_at(&store, day(9, 11)).await.unwrap();
    let Before::Partitioned(found) = found else {
        panic!("{found:?}");
    };
    assert!(done.is_none());
    let months: Vec<String> = found.months.iter().map(ToString::to_string).collect();
    assert_eq!(months, ["2026-10", "2026-11", "2026-12"]);
    assert_eq!(
        found.before.map(|month| month.to_string()),
        Some("2026-10".to_owned())
    );

    // A session that goes takes its events along.
    store
        .sql(&format!(
            "DELETE FROM evaluation_sessions WHERE id IN ('{old}', '{new}')"
        ))
        .await;
    let left = store.column("SELECT count(*) FROM session_events").await;
    assert_eq!(left, ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_lost_is_refused_and_nothing_has_changed() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let ada = store.account("ada").await.id;
    let is = description(&store, "session_events").await;
    for (does, undoes, says) in [
        (
            "CREATE VIEW seen AS SELECT seq FROM session_events".to_owned(),
            "DROP VIEW seen".to_owned(),
            "a view or rule depends on it: seen".to_owned(),
        ),
        (
            "ALTER TABLE session_events ENABLE ROW LEVEL SECURITY".to_owned(),
            "ALTER TABLE session_events DISABLE ROW LEVEL SECURITY".to_owned(),
            "it has row security".to_owned(),
        ),
    ] {
        store.sql(&does).await;
        let refused = partition_at(&store, day(9, 10)).await;
        let why = refused.unwrap_err().to_string();
        assert!(why.contains(&says), "{why}");
        store.sql(&undoes).await;
        assert_eq!(description(&store, "session_events").await, is);
    }
    // An id that no clock made, for which there is no month to come.
    let odd = store
        .evaluation_made(ada, day(9, 10) + TimeDelta::days(4000))
        .await;
    store.log_more(odd, 1, Some(day(9, 10))).await;
    let why = partition_at(&store, day(9, 10))
        .await
        .unwrap_err()
        .to_string();
    assert!(why.contains(&odd.to_string()), "{why}");
    assert_eq!(description(&store, "session_events").await, is);
}

/// A command that is killed leaves its constraint, which would refuse events once its month has come.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_command_leaves_is_cleared_away_or_serves_again() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let is = description(&store, "session_events").await;
    let mut killed = store.settings().direct().unwrap().connect().unwrap();
    let first = Month::of(day(10, 1));
    check(&mut killed, first).unwrap();
    let Db::Pg(c) = &mut killed else {
        panic!("it is on PostgreSQL")
    };
    assert_eq!(constraint(c), Ok(Some(first)));
    // It may still be at work.
    assert_eq!(
        truth(c, &format!("pg_try_advisory_lock({COMMAND})")),
        Ok(true)
    );
    store.write(clear_abandoned).await.unwrap();
    assert_ne!(description(&store, "session_events").await, is);
    let another = partition_at(&store, day(9, 10)).await;
    assert!(matches!(another, Err(PartitionError::Taken)), "{another:?}");
    drop(killed);
    let begin = Instant::now();
    while description(&store, "session_events").await != is {
        assert!(begin.elapsed() < Duration::from_secs(20), "it is left");
        store.write(clear_abandoned).await.unwrap();
    }

    // What is far enough away serves again; what is near would refuse what is about to come.
    for (now, first) in [(day(9, 28), "2026-10"), (day(9, 30), "2026-11")] {
        let mut killed = store.settings().direct().unwrap().connect().unwrap();
        check(&mut killed, Month::of(day(10, 1))).unwrap();
        drop(killed);
        let settings = store.settings();
        let looked = tokio::task::spawn_blocking(move || super::before(&settings, now));
        let Before::Plain(found) = looked.await.unwrap().unwrap() else {
            panic!("it is not partitioned");
        };
        assert_eq!(found.first.to_string(), first);
    }
    let (_, done) = partition_at(&store, day(9, 30)).await.unwrap();
    assert_eq!(done.unwrap().first.to_string(), "2026-11");
    let (now_is, was) = (description(&store, "session_events").await, is);
    assert_eq!(now_is, was);
}

/// Whoever comes after a statement that waits for a table waits behind it.
#[tokio::test(flavor = "multi_thread")]
async fn the_exchange_waits_for_a_moment_only_and_tries_again() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let mut killed = store.settings().direct().unwrap().connect().unwrap();
    check(&mut killed, Month::of(day(10, 1))).unwrap();
    let mut holder = PgConnection::establish(&store.url).unwrap();
    // As a copy does that takes long.
    holder
        .batch_execute("BEGIN; LOCK TABLE session_events IN ACCESS SHARE MODE")
        .unwrap();
    let settings = store.settings();
    let at_work = tokio::task::spawn_blocking(move || partition(&settings, day(9, 10)));
    let waiting = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database \
                   WHERE d.datname = current_database() AND NOT l.granted";
    for wanted in ["1", "0", "1"] {
        let begin = Instant::now();
        while store.column(waiting).await != [wanted] {
            assert!(begin.elapsed() < Duration::from_secs(20), "not {wanted}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    holder.batch_execute("COMMIT").unwrap();
    let (_, done) = at_work.await.unwrap().unwrap();
    assert!(done.unwrap().exchanged_in < Duration::from_secs(2));
}

/// All who look for a session wait behind the first lock.
#[tokio::test(flavor = "multi_thread")]
async fn the_wait_for_the_sessions_counts() {
    const HELD: Duration = Duration::from_millis(300);
    let Some(store) = testing::postgres() else {
        return;
    };
    let mut killed = store.settings().direct().unwrap().connect().unwrap();
    check(&mut killed, Month::of(day(10, 1))).unwrap();
    drop(killed);
    let mut holder = PgConnection::establish(&store.url).unwrap();
    let lock = "LOCK TABLE evaluation_sessions IN ACCESS SHARE MODE";
    holder.batch_execute(&format!("BEGIN; {lock}")).unwrap();
    let settings = store.settings();
    let at_work = tokio::task::spawn_blocking(move || partition(&settings, day(9, 10)));
    // Since when the attempt that waits has waited, by the server's clock: another one may come.
    let waited = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > '{} ms'",
        HELD.as_millis()
    );
    let begin = Instant::now();
    while store.column(&waited).await != ["1"] {
        assert!(begin.elapsed() < Duration::from_secs(20), "nobody waits");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    holder.batch_execute("COMMIT").unwrap();
    let (_, done) = at_work.await.unwrap().unwrap();
    let exchanged_in = done.unwrap().exchanged_in;
    assert!(exchanged_in >= HELD, "{exchanged_in:?}");
}

/// What was exchanged is exchanged, even if the statistics can't be made.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_partitioned_without_its_statistics_too() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let ada = store.account("ada").await.id;
    let session = store.evaluation_made(ada, day(9, 1)).await;
    store.log_more(session, 3, Some(day(9, 1))).await;
    for statement in [
        "CREATE FUNCTION touchy(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN \
         IF current_query() LIKE 'ANALYZE%' THEN RAISE EXCEPTION 'on purpose'; END IF; RETURN $1; END $$",
        "CREATE INDEX session_events_touchy ON session_events (touchy(kind))",
    ] {
        store.sql(statement).await;
    }
    let mut c = PgConnection::establish(&store.url).unwrap();
    let refused = c.batch_execute("ANALYZE session_events").unwrap_err();
    assert!(refused.to_string().contains("on purpose"), "{refused}");
    let (_, done) = partition_at(&store, day(9, 10)).await.unwrap();
    assert!(done.is_some());
    assert_eq!(partition_of(&store, session).await, [BEFORE]);
}

/// The connection is lost in the middle of the commit, which has not landed.
#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_of_whose_commit_nothing_is_heard_is_looked_for() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let is = description(&store, "session_events").await;
    for statement in [
        "CREATE TABLE commits (n INTEGER)",
        "CREATE FUNCTION lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER lost AFTER INSERT ON commits DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION lost()",
        "CREATE FUNCTION exchanged() RETURNS event_trigger LANGUAGE plpgsql AS \
         $$ BEGIN INSERT INTO commits VALUES (1); END $$",
        // The exchange creates tables, and nothing before it does.
        "CREATE EVENT TRIGGER exchanged ON ddl_command_end WHEN TAG IN ('CREATE TABLE') \
         EXECUTE FUNCTION exchanged()",
    ] {
        store.sql(statement).await;
    }
    let lost = partition_at(&store, day(9, 10)).await;
    assert!(
        matches!(lost, Err(PartitionError::Store(StoreError::Unavailable(_)))),
        "{lost:?}"
    );
    assert_eq!(description(&store, "session_events").await, is);

    store.sql("DROP EVENT TRIGGER exchanged").await;
    let (_, done) = partition_at(&store, day(9, 10)).await.unwrap();
    assert!(done.is_some());
    // The same if it has landed.
    let settings = store.settings();
    let looked = tokio::task::spawn_blocking(move || {
        let mut db = settings.direct()?.connect()?;
        settle(&settings, &mut db, "nothing was heard".to_owned())
    });
    assert!(looked.await.unwrap().is_ok());
}

#[test]
fn a_file_has_nothing_to_partition() {
    let store = testing::sqlite();
    let settings = store.settings();
    assert_eq!(
        partition(&settings, day(9, 10)).unwrap(),
        (Before::File, None)
    );
    assert_eq!(super::before(&settings, day(9, 10)).unwrap(), Before::File);
}

/// The last migration from before the log could be partitioned. Each later one has to do for both
/// kinds of table: no storage parameter of `session_events`, no unique index without `session_id`.
#[tokio::test(flavor = "multi_thread")]
async fn later_migrations_work_on_a_partitioned_log() {
    const LAST: &str = "20261201012100";
    let Some(store) = testing::postgres() else {
        return;
    };
    let url = store.url.clone();
    let work = move || {
        let Db::Pg(mut c) = Target::parse(&url).unwrap().connect().unwrap() else {
            panic!("it is on PostgreSQL");
        };
        c.revert_all_migrations(POSTGRES).unwrap();
        let all: Vec<Box<dyn Migration<Pg>>> = POSTGRES.migrations().unwrap();
        let early: Vec<_> = all
            .iter()
            .filter(|it| it.name().version().to_string().as_str() <= LAST)
            .collect();
        assert_eq!(early.last().unwrap().name().version().to_string(), LAST);
        for migration in early {
            c.run_migration(migration).unwrap();
        }
        drop(c);
        let settings = StoreSettings {
            url,
            pool_size: 1,
            ..StoreSettings::default()
        };
        assert!(partition(&settings, day(9, 10)).unwrap().1.is_some());
        Store::open(&settings).map(drop)
    };
    assert_eq!(tokio::task::spawn_blocking(work).await.unwrap(), Ok(()));
}
