//! How many events a second the journal commits durably, on SQLite (`synchronous = FULL`) in the target
//! directory's file system and, if `AUDITOR_TEST_POSTGRES` names a server, on PostgreSQL.
//!
//! `cargo bench --bench journal [-- SESSIONS EVENTS]`: so many sessions append one event at a time, each
//! waiting for its commit as a run does, until so many events are stored.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::time::{Duration, Instant};

use chrono::Utc;
use judge_auditor::internals::evaluations::{self, NewEvaluation, SearchTerms};
use judge_auditor::internals::runs::{self, NewRun};
use judge_auditor::internals::users::{self, NewUser};
use judge_auditor::internals::{
    AggregationStrategy, Append, AppendError, EvaluationConfig, Journal, RunId, SessionId, Store,
    StoreError, StoreSettings, StoredEvent, UserId, new_id,
};

/// Length of a frame in bytes, about that of a verdict with one passage.
const FRAME: usize = 380;

/// Texts of an evaluation in characters: what is rewritten with every event must not depend on them.
const TEXT: usize = 20_000;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    // Cargo itself adds `--bench`.
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse::<usize>().ok());
    let sessions = numbers.next().unwrap_or(1000);
    let events = numbers.next().unwrap_or(100_000);
    let runtime = tokio::runtime::Runtime::new()?;
    let directory = option_env!("CARGO_TARGET_TMPDIR").map_or_else(std::env::temp_dir, Into::into);
    let home = tempfile::tempdir_in(directory)?;
    let sqlite = format!("sqlite:{}", home.path().join("journal.db").display());
    runtime.block_on(measure(&sqlite, sessions, events))?;
    match server() {
        Some(url) => runtime.block_on(measure(&url, sessions, events))?,
        None => println!("postgresql: skipped, AUDITOR_TEST_POSTGRES is not set"),
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "which server a measurement may use is not a setting of the program"
)]
fn server() -> Option<String> {
    std::env::var("AUDITOR_TEST_POSTGRES").ok()
}

async fn measure(url: &str, sessions: usize, events: usize) -> Result<(), Failure> {
    let store = Store::open(&StoreSettings {
        url: url.to_owned(),
        pool_size: 4,
        ..StoreSettings::default()
    })?;
    let owner = user(&store).await?;
    let mut runs = Vec::new();
    for _ in 0..sessions {
        runs.push(begin(&store, owner).await?);
    }
    let journal = store.journal();
    let each = events.div_ceil(sessions);
    let start = Instant::now();
    let tasks: Vec<_> = runs
        .iter()
        .map(|&(session, run)| tokio::spawn(feed(journal.clone(), session, run, each)))
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await??);
    }
    let elapsed = start.elapsed();
    waits.sort_unstable();
    let percentile = |share: usize| waits[(waits.len() - 1) * share / 100];
    let stats = journal.stats();
    println!(
        "{}: {sessions} sessions, {} events in {:.2} s = {:.0} events/s, {:.0} events a commit, \
         wait p50 {:.1} ms, p99 {:.1} ms",
        store.backend(),
        stats.events,
        elapsed.as_secs_f64(),
        stats.events as f64 / elapsed.as_secs_f64(),
        stats.events as f64 / stats.commits as f64,
        percentile(50).as_secs_f64() * 1e3,
        percentile(99).as_secs_f64() * 1e3,
    );
    // A server keeps what was stored: the sessions go with their owner's evaluations.
    for (session, _) in runs {
        store
            .write(move |db| evaluations::delete(db, owner, session))
            .await?;
    }
    Ok(())
}

async fn feed(
    journal: Journal,
    session_id: SessionId,
    run_id: RunId,
    events: usize,
) -> Result<Vec<Duration>, AppendError> {
    let mut waits = Vec::with_capacity(events);
    for base in 0..events as i64 {
        let head = format!(
            "{{\"seq\":{},\"session\":\"{session_id}\",\"text\":\"",
            base + 1
        );
        let frame = format!("{head}{}\"}}", "x".repeat(FRAME - head.len() - 2));
        let now = Utc::now();
        let start = Instant::now();
        journal
            .append(Append {
                session_id,
                run_id,
                epoch: "bench".to_owned(),
                base,
                fence: 1,
                progress: Some(base as f64),
                events: vec![StoredEvent {
                    seq: base + 1,
                    kind: "evaluation_progress",
                    ts: now,
                    frame: frame.into(),
                }],
                changes: Vec::new(),
                now,
            })
            .await?;
        waits.push(start.elapsed());
    }
    Ok(waits)
}

async fn user(store: &Store) -> Result<UserId, StoreError> {
    let id = new_id();
    let new = NewUser {
        id,
        username: format!("bench-{id}"),
        email: format!("{id}@example.org"),
        password_hash: "none".to_owned(),
        created_at: Utc::now(),
    };
    store.write(move |db| users::insert(db, &new)).await?;
    Ok(id)
}

async fn begin(store: &Store, user_id: UserId) -> Result<(SessionId, RunId), StoreError> {
    let (id, run) = (new_id(), new_id());
    let source_text = "The river rises in the hills. ".repeat(TEXT / 30);
    let candidate_output = "It rises in the hills. ".repeat(TEXT / 23);
    let new = NewEvaluation {
        id,
        user_id,
        sources: Vec::new(),
        search_terms: SearchTerms::of(user_id, &[&source_text, &candidate_output]),
        source_text,
        candidate_output,
        question: None,
        config: EvaluationConfig {
            judges: vec!["rules".to_owned()],
            enable_retrieval: false,
            collection_id: None,
            aggregation_strategy: AggregationStrategy::Mean,
            deadline_ms: 60_000,
            quorum: 1,
        },
        epoch: "bench".to_owned(),
        created_at: Utc::now(),
    };
    store
        .write(move |db| {
            evaluations::create(db, &new, None)?;
            let start = NewRun {
                id: run,
                client_request_id: None,
                started_at: new.created_at,
                node: None,
                api_key: None,
            };
            runs::begin(db, user_id, id, &start)
        })
        .await?;
    Ok((id, run))
}
