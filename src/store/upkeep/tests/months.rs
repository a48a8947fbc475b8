use chrono::{TimeDelta, TimeZone};

use super::*;
use crate::domain::ids::{SessionId, UserId};
use crate::store::testing::{self, TestStore};
use crate::store::{evaluations, journal, retention, trash};

/// The log is partitioned in September: October is the first month.
const PARTITIONED: u32 = 9;

fn day(month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, month, day, 12, 0, 0).unwrap()
}

async fn partitioned() -> Option<(TestStore, UserId)> {
    database(true).await
}

async fn database(is_partitioned: bool) -> Option<(TestStore, UserId)> {
    let store = testing::postgres()?;
    let ada = store.account("ada").await.id;
    if is_partitioned {
        store.partition(day(PARTITIONED, 10)).await;
    }
    Some((store, ada))
}

/// Makes a session with so many events, which has ended at that time or is at work.
async fn logged(
    store: &TestStore,
    user: UserId,
    made: DateTime<Utc>,
    events: i64,
    ended: Option<DateTime<Utc>>,
) -> SessionId {
    let session = store.evaluation_made(user, made).await;
    store.log_more(session, events, ended).await;
    session
}

async fn purge(store: &Store, before: DateTime<Utc>) {
    let mut from = None;
    loop {
        let slice = store.write(move |db| retention::events(db, from, before));
        let slice = slice.await.unwrap();
        if slice.rows == 0 {
            break;
        }
        from = Some(slice.reached);
    }
}

/// As upkeep does, at that time, with events kept for so many days.
async fn keep_up(store: &Store, now: DateTime<Utc>, days: i64) -> Kept {
    let before = now - TimeDelta::days(days);
    purge(store, before).await;
    store.keep_event_months(now, Some(before)).await.unwrap()
}

async fn read(store: &Store, session: SessionId) -> Vec<(i64, bytestring::ByteString)> {
    let read = store.read(move |db| journal::read(db, session, 0, 100_000, usize::MAX));
    read.await.unwrap()
}

async fn seqs(store: &Store, session: SessionId) -> Vec<i64> {
    let events = read(store, session).await.into_iter();
    events.map(|(seq, _)| seq).collect()
}

async fn rows_of(store: &TestStore, table: &str) -> String {
    let count = format!("SELECT count(*) FROM {table}");
    store.column(&count).await.remove(0)
}

async fn tables(store: &TestStore) -> Vec<String> {
    let tables = "SELECT inhrelid::regclass FROM pg_inherits \
                  WHERE inhparent = 'session_events'::regclass ORDER BY inhrelid::regclass::text";
    store.column(tables).await
}

fn names(months: &[Month]) -> Vec<String> {
    months.iter().map(ToString::to_string).collect()
}

const OCTOBER: &str = "session_events_2026_10";

#[tokio::test(flavor = "multi_thread")]
async fn months_are_made_ahead_and_once() {
    let Some((store, ada)) = partitioned().await else {
        return;
    };
    let made = |now| {
        let store = &store;
        async move { names(&store.keep_event_months(now, None).await.unwrap().made) }
    };
    assert_eq!(made(day(9, 20)).await, Vec::<String>::new());
    assert_eq!(made(day(10, 1)).await, ["2027-01"]);
    // Nobody was there for long, and what came meanwhile is where it fits.
    let far = store
        .evaluation_made(ada, Utc.with_ymd_and_hms(2027, 6, 1, 0, 0, 0).unwrap())
        .await;
    store.log_more(far, 5, Some(day(12, 1))).await;
    let late = Utc.with_ymd_and_hms(2027, 5, 31, 0, 0, 0).unwrap();
    assert_eq!(made(late).await, ["2027-05", "2027-07", "2027-08"]);
    assert_eq!(rows_of(&store, DEFAULT).await, "5");
    assert_eq!(read(&store, far).await.len(), 5);
    // All nodes at once.
    let at = Utc.with_ymd_and_hms(2027, 9, 1, 0, 0, 0).unwrap();
    let all =
        futures_util::future::join_all((0..4).map(|_| store.keep_event_months(at, None))).await;
    let mut made: Vec<String> = all
        .iter()
        .flat_map(|kept| names(&kept.as_ref().unwrap().made))
        .collect();
    let after: Vec<String> = names(&store.keep_event_months(at, None).await.unwrap().made);
    made.extend(after);
    made.sort();
    assert_eq!(made, ["2027-09", "2027-10", "2027-11", "2027-12"]);
    // A log that is one table has none.
    let Some(plain) = testing::postgres() else {
        return;
    };
    assert_eq!(
        plain.keep_event_months(at, Some(at)).await,
        Ok(Kept::default())
    );
}

/// The same sessions, whose events go in slices on one database and with their month on another.
#[tokio::test(flavor = "multi_thread")]
async fn slices_and_months_leave_the_same() {
    let mut outcomes = Vec::new();
    for is_partitioned in [false, true] {
        let Some((store, ada)) = database(is_partitioned).await else {
            return;
        };
        let mut sessions = Vec::new();
        for (made, ended, events) in [
            (day(9, 3), Some(day(9, 3)), 700),
            (day(10, 2), Some(day(10, 2)), 600),
            (day(10, 31), Some(day(11, 1)), 30),
            // Started anew later, at work for weeks, and without any event.
            (day(10, 5), Some(day(11, 28)), 40),
            (day(10, 6), None, 50),
            (day(10, 7), Some(day(10, 7)), 0),
            (day(11, 3), Some(day(11, 3)), 60),
        ] {
            let session = logged(&store, ada, made, events, ended).await;
            sessions.push(session);
        }
        let mut seen = Vec::new();
        for now in [
            day(10, 20),
            day(11, 10),
            day(12, 2),
            day(12, 15),
            day(12, 29),
        ] {
            let kept = keep_up(&store, now, 30).await;
            println!("{now}: {kept:?}");
            let mut states = Vec::new();
            for session in &sessions {
                let session = *session;
                let at = store.read(move |db| evaluations::position(db, ada, session));
                let at = at.await.unwrap().unwrap();
                let bytes =
                    format!("SELECT stored_bytes FROM evaluation_sessions WHERE id = '{session}'");
                states.push((
                    (at.last_seq, at.purged_seq, at.status),
                    store.column(&bytes).await,
                    read(&store, session).await,
                ));
            }
            seen.push(states);
        }
        if is_partitioned {
            assert_eq!(
                tables(&store).await,
                [
                    "session_events_2026_11",
                    "session_events_2026_12",
                    "session_events_2027_01",
                    "session_events_2027_02",
                    "session_events_2027_03",
                    DEFAULT,
                ],
                "what is old has gone"
            );
        }
        outcomes.push(seen);
    }
    assert_eq!(outcomes[0], outcomes[1]);
    let last = outcomes[1].last().unwrap();
    let left: Vec<usize> = last.iter().map(|(.., events)| events.len()).collect();
    assert_eq!(left, [0, 0, 0, 0, 50, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_dropped_as_a_whole_and_what_is_needed_moves() {
    let Some((store, ada)) = partitioned().await else {
        return;
    };
    let old = store.evaluation_made(ada, day(10, 2)).await;
    let again = store.evaluation_made(ada, day(10, 3)).await;
    let deleted = store.evaluation_made(ada, day(10, 4)).await;
    for session in [old, again, deleted] {
        store.log_more(session, 20, Some(day(10, 5))).await;
    }
    let bytes = "SELECT stored_bytes FROM evaluation_sessions ORDER BY id LIMIT 1";
    let full: i64 = store.column(bytes).await[0].parse().unwrap();

    // Too old for anybody, and not dropped before all of the month is.
    let kept = keep_up(&store, day(11, 20), 30).await;
    assert_eq!(kept.dropped, [BEFORE]);
    assert_eq!(rows_of(&store, OCTOBER).await, "60");
    assert_eq!(read(&store, old).await, []);
    let tail = store.read(move |db| crate::store::fleet::tail::look(db, &[(old, 0)]));
    let tail = tail.await.unwrap().remove(0).unwrap();
    assert_eq!((tail.purged_seq, tail.frames), (20, Vec::new()));
    let less: i64 = store.column(bytes).await[0].parse().unwrap();
    assert_eq!(
        full - less,
        (1..=20)
            .map(|n| format!("event {n}").len() as i64)
            .sum::<i64>()
    );

    store.log_more(again, 7, None).await;
    let gone = store.write(move |db| evaluations::delete(db, ada, deleted));
    assert_eq!(gone.await, Ok(true));
    let kept = keep_up(&store, day(12, 2), 30).await;
    assert_eq!(kept.dropped, [OCTOBER]);
    assert!(!tables(&store).await.contains(&OCTOBER.to_owned()));
    assert_eq!(rows_of(&store, DEFAULT).await, "7");
    assert_eq!(seqs(&store, again).await, (21..=27).collect::<Vec<_>>());

    // Its log goes on where it is now, and the rest of it goes in slices.
    store.log_more(again, 3, Some(day(12, 3))).await;
    assert_eq!(read(&store, again).await.len(), 10);
    purge(&store, day(12, 30)).await;
    assert_eq!(rows_of(&store, "session_events").await, "0");
    store.remove_deleted().await;
    assert_eq!(rows_of(&store, "evaluation_sessions").await, "2");
    let kept = keep_up(&store, day(12, 2), 30).await;
    assert_eq!(kept, Kept::default());
}

/// A hundred long logs at once would take longer than a statement may.
#[tokio::test(flavor = "multi_thread")]
async fn one_slice_notes_so_many_events() {
    let Some((store, ada)) = partitioned().await else {
        return;
    };
    for (ended, events) in [(2, retention::NOTED), (3, 5), (4, 7)] {
        logged(&store, ada, day(10, ended), events, Some(day(10, ended))).await;
    }
    let (mut from, mut rows) = (None, Vec::new());
    while rows.last() != Some(&0) {
        let slice = store.write(move |db| retention::events(db, from, day(11, 5)));
        let slice = slice.await.unwrap();
        from = Some(slice.reached);
        rows.push(slice.rows);
    }
    assert_eq!(rows, [10_000, 12, 0]);
    let bytes = "SELECT DISTINCT stored_bytes FROM evaluation_sessions WHERE purged_seq = last_seq";
    assert_eq!(store.column(bytes).await.len(), 1);
    let all = "SELECT count(*) FROM evaluation_sessions WHERE purged_seq = last_seq";
    assert_eq!(store.column(all).await, ["3"]);
}

/// What is added after the look is not seen by it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_while_a_month_is_dropped_is_kept() {
    let Some((store, ada)) = partitioned().await else {
        return;
    };
    let session = logged(&store, ada, day(10, 2), 20, Some(day(10, 2))).await;
    purge(&store, day(11, 5)).await;
    let part = Part::Of(Month::of(day(10, 1)));
    let watched = || async { store.write(move |db| watch(db, part)).await.unwrap() };
    assert!(watched().await.is_some());
    let first = watched().await.expect("as after a crash");
    let needed = store.needed(part).await.unwrap().unwrap();
    assert_eq!(needed, BTreeSet::new());
    // A whole run, which has even ended.
    store.log_more(session, 4, Some(day(12, 1))).await;

    // Somebody reads: it is given up and tried again later, and nothing has happened.
    let mut reader = PgConnection::establish(&store.url).unwrap();
    reader
        .batch_execute(&format!("BEGIN; LOCK TABLE {OCTOBER} IN ACCESS SHARE MODE"))
        .unwrap();
    let dropping = |watched: &Watch, needed: &BTreeSet<String>| {
        let (watched, needed) = (watched.clone(), needed.clone());
        store.write(move |db| drop_watched(db, part, &watched, &needed))
    };
    let refused = dropping(&first, &needed).await;
    assert!(
        matches!(&refused, Err(error) if error.is_transient()),
        "{refused:?}"
    );
    assert_eq!(read(&store, session).await.len(), 4);
    reader.batch_execute("COMMIT").unwrap();

    // Too many were written down to be sure that all were read.
    store
        .sql(&format!(
            "INSERT INTO {LATE} SELECT '{}' || n FROM generate_series(0, {MOVED}) AS n",
            Month::of(day(10, 1)).lowest_id()
        ))
        .await;
    assert_eq!(dropping(&first, &needed).await, Ok(Outcome::Mixed));
    assert_eq!(read(&store, session).await.len(), 4);

    // Another node begins anew, after which nothing is written down: whoever looked before has to look again.
    let second = watched().await.expect("the month is there");
    assert_eq!(rows_of(&store, LATE).await, "0");
    assert_eq!(dropping(&first, &needed).await, Ok(Outcome::NotNow));
    assert_eq!(read(&store, session).await.len(), 4);
    let needed = store.needed(part).await.unwrap().unwrap();
    assert_eq!(needed, BTreeSet::from([session.to_string()]));
    store.log_more(session, 2, Some(day(12, 1))).await;

    assert_eq!(dropping(&second, &needed).await, Ok(Outcome::Done));
    assert_eq!(dropping(&second, &needed).await, Ok(Outcome::NotNow));
    assert_eq!(seqs(&store, session).await, [21, 22, 23, 24, 25, 26]);
    assert_eq!(rows_of(&store, LATE).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_much_is_needed_the_rest_goes_in_slices() {
    let Some((store, ada)) = partitioned().await else {
        return;
    };
    logged(&store, ada, day(10, 2), 1200, Some(day(10, 2))).await;
    let large = logged(&store, ada, day(10, 3), 30, Some(day(10, 3))).await;
    let between = logged(&store, ada, day(10, 4), 700, Some(day(10, 4))).await;
    purge(&store, day(11, 5)).await;
    store.log_more(large, MOVED + 1, Some(day(11, 20))).await;
    assert_eq!(
        rows_of(&store, OCTOBER).await,
        (1200 + 30 + 700 + MOVED + 1).to_string()
    );

    let october = Part::Of(Month::of(day(10, 1)));
    let looked = || store.read(move |db| look_for_purged(db, october, ""));
    let last = Some(between.to_string());
    assert_eq!(looked().await, Ok((true, last.clone())));
    let kept = keep_up(&store, day(12, 2), 30).await;
    assert_eq!(kept.dropped, [BEFORE]);
    assert_eq!(rows_of(&store, OCTOBER).await, (MOVED + 1).to_string());
    assert_eq!(looked().await, Ok((false, last)), "no turn is taken for it");
    assert_eq!(read(&store, large).await.len() as i64, MOVED + 1);

    let kept = keep_up(&store, day(12, 28), 30).await;
    assert_eq!(kept.dropped, [OCTOBER]);
    let states = store
        .column("SELECT purged_seq = last_seq FROM evaluation_sessions")
        .await;
    assert_eq!(states, ["true", "true", "true"]);
    while store.write(trash::remove_slice).await.unwrap() > 0 {}
}

/// One month can't be made, and one of the old ones can't be dropped now.
#[tokio::test(flavor = "multi_thread")]
async fn what_fails_with_one_month_keeps_no_other() {
    let Some((store, ada)) = partitioned().await else {
        return;
    };
    logged(&store, ada, day(10, 2), 5, Some(day(10, 2))).await;
    purge(&store, day(11, 5)).await;
    store.sql("CREATE TABLE session_events_2027_01 ()").await;
    let mut reader = PgConnection::establish(&store.url).unwrap();
    reader
        .batch_execute(&format!("BEGIN; LOCK TABLE {BEFORE} IN ACCESS SHARE MODE"))
        .unwrap();
    let kept = store.keep_event_months(day(12, 2), Some(day(11, 2))).await;
    assert!(
        matches!(&kept, Err(StoreError::Query(why)) if why.contains("2027_01")),
        "the first error is told: {kept:?}"
    );
    reader.batch_execute("COMMIT").unwrap();
    assert_eq!(
        tables(&store).await,
        [
            "session_events_2026_11",
            "session_events_2026_12",
            "session_events_2027_02",
            "session_events_2027_03",
            BEFORE,
            DEFAULT,
        ]
    );
}

/// Sessions of 45 events of 380 bytes, as many as hold so many events, made and ended on one day of October.
async fn many(store: &TestStore, ada: UserId, events: i64) {
    const EACH: i64 = 45;
    let template = logged(&store, ada, day(10, 2), EACH, Some(day(10, 2))).await;
    store
        .sql(&format!(
            "INSERT INTO evaluation_sessions SELECT (jsonb_populate_record(s, jsonb_build_object('id', \
             left(id, 24) || lpad(to_hex(n), 12, '0')))).* FROM evaluation_sessions AS s, \
             generate_series(2, {}) AS n",
            events / EACH
        ))
        .await;
    store
        .sql("UPDATE session_events SET frame = rpad(frame, 380, 'x')")
        .await;
    // A million at once would take longer than a statement may.
    for seq in 1..=EACH {
        store
            .sql(&format!(
                "INSERT INTO session_events SELECT s.id, seq, kind, ts, frame FROM evaluation_sessions AS s, \
                 session_events WHERE s.id <> '{template}' AND session_id = '{template}' AND seq = {seq}"
            ))
            .await;
    }
    store
        .sql(&format!(
            "UPDATE evaluation_sessions SET stored_bytes = {EACH} * 380"
        ))
        .await;
}

/// Prints what either way costs; `AUDITOR_TEST_EVENTS` says of how many events, on a server that has
/// nothing else to do.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_month_costs_in_slices_and_as_a_whole() {
    let events = crate::testing::variable("AUDITOR_TEST_EVENTS");
    let events: i64 = events.map_or(4500, |events| events.parse().unwrap());
    for is_partitioned in [false, true] {
        let Some((store, ada)) = database(is_partitioned).await else {
            return;
        };
        many(&store, ada, events).await;
        store.keep_event_months(day(12, 2), None).await.unwrap();
        let stored: i64 = rows_of(&store, "session_events").await.parse().unwrap();
        let mut part = String::new();
        for (what, before) in [("noted or deleted", None), ("dropped", Some(day(11, 2)))] {
            let wal = "SELECT pg_current_wal_insert_lsn()";
            let begin = (std::time::Instant::now(), store.column(wal).await.remove(0));
            match before {
                None => purge(&store, day(11, 2)).await,
                before => {
                    let kept = store.keep_event_months(day(12, 2), before).await.unwrap();
                    assert_eq!(kept.dropped.contains(&OCTOBER.to_owned()), is_partitioned);
                }
            }
            let written = format!("SELECT pg_current_wal_insert_lsn() - '{}'::pg_lsn", begin.1);
            part.push_str(&format!(
                "; {what} in {:.2} s with {} bytes of WAL",
                begin.0.elapsed().as_secs_f64(),
                store.column(&written).await[0]
            ));
        }
        println!("{stored} events, partitioned: {is_partitioned}{part}");
        assert_eq!(rows_of(&store, "session_events").await, "0");
        let bytes = "SELECT DISTINCT stored_bytes FROM evaluation_sessions";
        assert_eq!(store.column(bytes).await, ["0"]);
    }
}
