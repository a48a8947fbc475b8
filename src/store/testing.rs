//! Databases for tests: a file in a directory of its own, or a database of its own on the server that
//! `AUDITOR_TEST_POSTGRES` (the URL of an administrator) names. Both vanish with the [`TestStore`].

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::connection::{Connection, SimpleConnection};
use diesel::{PgConnection, RunQueryDsl};
use tokio::sync::{mpsc, watch};

use super::fleet::claims::Offer;
use super::fleet::nodes;
use super::log::journal::{AppendError, Job, Journal};
use super::partitioning::partition;
use super::{Store, StoreSettings, evaluations, new_id, trash, users};
use crate::domain::ids::{NodeId, SessionId, UserId};
use crate::domain::settings::{AggregationStrategy, EvaluationConfig};
use crate::testing::required;

pub(crate) use super::log::writer::broken as broken_journal;

pub(super) const POOL: u32 = 4;

/// A store whose database is dropped with it.
pub(crate) struct TestStore {
    store: Store,
    /// The database's address; other processes and stores may open it too.
    pub(crate) url: String,
    _home: Home,
}

/// Dropped after the store.
enum Home {
    Directory(#[expect(dead_code, reason = "its drop removes the directory")] tempfile::TempDir),
    Server { admin: String, database: String },
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Self::Server { admin, database } = self {
            let dropped = PgConnection::establish(admin)
                .map_err(|error| error.to_string())
                .and_then(|mut connection| {
                    connection
                        .batch_execute(&format!("DROP DATABASE \"{database}\" WITH (FORCE)"))
                        .map_err(|error| error.to_string())
                });
            if let Err(error) = dropped {
                eprintln!("database {database} is left over: {error}");
            }
        }
    }
}

/// A store on a new SQLite file.
pub(crate) fn sqlite() -> TestStore {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/data/store.db", directory.path().display());
    open(url, Home::Directory(directory))
}

/// A store on a new PostgreSQL database; none, and the test is said to be skipped, if no server is named.
///
/// # Panics
/// If no server is named and `AUDITOR_TEST_REQUIRE` is 1, or the server does not take part.
pub(crate) fn postgres() -> Option<TestStore> {
    let admin = required("AUDITOR_TEST_POSTGRES")?;
    let database = format!("auditor_test_{}", uuid::Uuid::now_v7().simple());
    diesel::sql_query(format!("CREATE DATABASE \"{database}\""))
        .execute(&mut PgConnection::establish(&admin).unwrap())
        .unwrap();
    let (server, _) = admin.rsplit_once('/').unwrap();
    let url = format!("{server}/{database}");
    Some(open(url, Home::Server { admin, database }))
}

fn open(url: String, home: Home) -> TestStore {
    let settings = StoreSettings {
        url: url.clone(),
        pool_size: POOL,
        ..StoreSettings::default()
    };
    TestStore {
        store: Store::open(&settings).unwrap(),
        url,
        _home: home,
    }
}

/// Some second of the year 2026 with a fraction that both databases can keep.
pub(crate) fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + second, 123_456_000).unwrap()
}

/// Settings that name two judges.
pub(crate) fn config() -> EvaluationConfig {
    EvaluationConfig {
        judges: vec!["rules".to_owned(), "lexical".to_owned()],
        enable_retrieval: true,
        collection_id: None,
        aggregation_strategy: AggregationStrategy::Median,
        deadline_ms: 60_000,
        quorum: 1,
    }
}

impl TestStore {
    /// Changes what the store itself never would.
    pub(crate) async fn sql(&self, statement: &str) {
        let statement = statement.to_owned();
        self.write(move |db| Ok(diesel::sql_query(statement).execute(db)?))
            .await
            .unwrap();
    }

    /// Removes what was deleted.
    pub(crate) async fn remove_deleted(&self) {
        while self.write(trash::remove_slice).await.unwrap() > 0 {}
    }

    /// Waits for an answer for a moment only.
    pub(crate) fn shorten_timeouts(&mut self) {
        let inner = Arc::get_mut(&mut self.store.inner).expect("nobody else has it yet");
        inner.answer_wait = Duration::from_secs(2);
    }

    /// On PostgreSQL: the same, and a commit of such a change (`DELETE ON users`) takes longer. Then it
    /// lands, or it fails.
    pub(crate) fn commits_late(&mut self, change: &str, lands: bool) {
        self.shorten_timeouts();
        let end = if lands {
            "RETURN NULL"
        } else {
            "RAISE EXCEPTION 'on purpose'"
        };
        PgConnection::establish(&self.url)
            .unwrap()
            .batch_execute(&format!(
                "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN PERFORM pg_sleep(4); {end}; END $$; \
                 CREATE CONSTRAINT TRIGGER late AFTER {change} DEFERRABLE INITIALLY DEFERRED \
                 FOR EACH ROW EXECUTE FUNCTION late()"
            ))
            .unwrap();
    }

    /// A journal that refuses appends with an event in which `mark` stands, so many times, as a database
    /// would that finds a row it can't take.
    pub(crate) fn journal_refusing(&self, mark: &'static str, times: usize) -> Journal {
        let journal = self.store.journal();
        let (jobs, mut taken) = mpsc::channel::<Job>(16);
        let (works, writer) = watch::channel(());
        tokio::spawn(async move {
            let _works = works;
            let mut left = times;
            while let Some(Job { append, answer }) = taken.recv().await {
                let marked = append.events.iter().any(|event| event.frame.contains(mark));
                let outcome = if marked && left > 0 {
                    left -= 1;
                    Err(AppendError::Query("refused on purpose".to_owned()))
                } else {
                    journal.append(append).await
                };
                let _ = answer.send(outcome);
            }
        });
        Journal::new(jobs, Arc::default(), writer)
    }

    /// A node that is in the table.
    pub(crate) async fn node(&self) -> NodeId {
        let new = new_node();
        let id = new.id;
        // On a file whoever comes takes the place of the one before, so not by `enter`.
        self.write(move |db| nodes::insert(db, &new)).await.unwrap();
        id
    }

    /// A new account of that name.
    pub(crate) async fn account(&self, username: &str) -> users::User {
        let new = users::NewUser {
            id: new_id(),
            username: username.to_owned(),
            email: format!("{username}@example.org"),
            password_hash: "$argon2id$…".to_owned(),
            created_at: at(0),
        };
        self.write(move |db| users::insert(db, &new)).await.unwrap()
    }

    /// A new evaluation of that user, made at that second.
    pub(crate) async fn evaluation(&self, user: UserId, second: i64) -> SessionId {
        self.evaluation_of(user, second, "The Danube is 2,850 km long.", "It is long.")
            .await
    }

    /// As [`Self::evaluation`], made at that time, which its id says too.
    pub(crate) async fn evaluation_made(&self, user: UserId, time: DateTime<Utc>) -> SessionId {
        let millis = u128::try_from(time.timestamp_millis()).unwrap();
        let random = uuid::Uuid::now_v7().as_u128() & ((1 << 80) - 1);
        let id = SessionId::new(uuid::Uuid::from_u128(millis << 80 | random));
        let new = evaluations::NewEvaluation {
            id,
            created_at: time,
            ..new_evaluation(user, 0, "The Danube is 2,850 km long.", "It is long.")
        };
        self.write(move |db| evaluations::create(db, &new, None))
            .await
            .unwrap();
        id
    }

    /// On PostgreSQL: adds so many events to a session's log, whose run ends at that time or goes on.
    pub(crate) async fn log_more(
        &self,
        session: SessionId,
        events: i64,
        end: Option<DateTime<Utc>>,
    ) {
        let ended = end.map_or("NULL".to_owned(), |end| format!("'{}'", end.naive_utc()));
        let status = if end.is_some() {
            "completed"
        } else {
            "in_progress"
        };
        self.sql(&format!(
            "WITH more AS (INSERT INTO session_events (session_id, seq, kind, ts, frame) \
             SELECT id, last_seq + n, 'evaluation_progress', created_at, 'event ' || last_seq + n \
             FROM evaluation_sessions, generate_series(1, {events}) AS n WHERE id = '{session}' RETURNING frame) \
             UPDATE evaluation_sessions SET last_seq = last_seq + {events}, status = '{status}', \
             completed_at = {ended}, stored_bytes = stored_bytes + (SELECT COALESCE(sum(octet_length(frame)), 0) FROM more) \
             WHERE id = '{session}'"
        ))
        .await;
    }

    /// On PostgreSQL: the rows of a query of one column, as text.
    pub(crate) async fn column(&self, query: &str) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            value: String,
        }
        let query = format!("SELECT value::text AS value FROM ({query}) AS found (value)");
        let read = self.read(move |db| Ok(diesel::sql_query(query).load::<Row>(db)?));
        let rows = read.await.unwrap();
        rows.into_iter().map(|row| row.value).collect()
    }

    pub(crate) fn settings(&self) -> StoreSettings {
        StoreSettings {
            url: self.url.clone(),
            pool_size: 1,
            ..StoreSettings::default()
        }
    }

    /// On PostgreSQL: partitions the log, as if it were that time.
    pub(crate) async fn partition(&self, now: DateTime<Utc>) {
        let settings = self.settings();
        let done = tokio::task::spawn_blocking(move || partition(&settings, now));
        let (_, done) = done.await.unwrap().unwrap();
        assert!(done.is_some(), "it was partitioned before");
    }

    /// As [`Self::evaluation`] with these texts.
    pub(crate) async fn evaluation_of(
        &self,
        user: UserId,
        second: i64,
        source: &str,
        candidate: &str,
    ) -> SessionId {
        let new = new_evaluation(user, second, source, candidate);
        let id = new.id;
        self.write(move |db| evaluations::create(db, &new, None))
            .await
            .unwrap();
        id
    }
}

/// Places for runs, however new they are.
pub(crate) const fn offer(places: usize, ending: usize) -> Offer {
    Offer {
        places,
        ending,
        started_by: None,
    }
}

/// A node that is not in the table yet.
pub(crate) fn new_node() -> nodes::NewNode {
    let id = new_id();
    nodes::NewNode {
        id,
        name: "test".to_owned(),
        release: "0.0.0".to_owned(),
        started_at: at(0),
        application_name: format!("test {id}"),
        places: 4,
        signing_key_id: "key".to_owned(),
        config_digest: "digest".to_owned(),
    }
}

const QUESTION: &str = "How long is it?";

/// An evaluation that is not stored yet.
pub(crate) fn new_evaluation(
    user_id: UserId,
    second: i64,
    source: &str,
    candidate: &str,
) -> evaluations::NewEvaluation {
    evaluations::NewEvaluation {
        id: new_id(),
        user_id,
        source_text: source.to_owned(),
        sources: Vec::new(),
        candidate_output: candidate.to_owned(),
        search_terms: evaluations::SearchTerms::of(user_id, &[source, candidate, QUESTION]),
        question: Some(QUESTION.to_owned()),
        config: config(),
        epoch: "first".to_owned(),
        created_at: at(second),
    }
}
