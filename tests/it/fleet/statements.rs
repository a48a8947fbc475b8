//! What a run costs the database, which the writer of the log reaches by round trips.

use std::collections::HashMap;
use std::time::Duration;

use super::nodes::becomes;
use crate::harness::{Cluster, DEADLINE, Relay, Setup, change};
use crate::samples;

/// Runs that are worked on at the same time.
const RUNS: usize = 24;

const JUDGES: [&str; 3] = ["facts", "logic", "lexical"];

/// How long a statement and its answer are on their way to another machine and back.
const DISTANCE: Duration = Duration::from_millis(20);

/// The most statements of a run, where so many share the writer's transactions. By itself a run has some sixty.
const A_DOZEN: usize = 12;

/// How many statements each transaction has had in which events were stored, by the server's log: those of the writer.
fn of_the_writer(log: &str) -> Vec<usize> {
    let mut open: HashMap<&str, (usize, bool)> = HashMap::new();
    let mut statements = Vec::new();
    for line in log.lines() {
        // As `log_line_prefix` says: the process, then a word that no statement begins with.
        let Some((process, rest)) = line.split_once("|auditor-statement|") else {
            continue;
        };
        let said = rest
            .strip_prefix("LOG:  ")
            .and_then(|said| said.split_once(": "));
        let Some((kind, statement)) = said else {
            continue;
        };
        if kind != "statement" && !kind.starts_with("execute ") {
            continue;
        }
        let (count, stores) = open.entry(process).or_default();
        *count += 1;
        *stores |= statement.starts_with("INSERT INTO session_events");
        if statement.starts_with("COMMIT") || statement.starts_with("ROLLBACK") {
            if *stores {
                statements.push(*count);
            }
            open.remove(process);
        } else if statement.starts_with("BEGIN") {
            open.insert(process, (1, false));
        }
    }
    statements
}

#[test]
fn statements_of_one_process_are_told_from_those_of_another() {
    let log = "1|auditor-statement|LOG:  statement: BEGIN\n\
        2|auditor-statement|LOG:  statement: BEGIN\n\
        1|auditor-statement|LOG:  execute __diesel_stmt_1: INSERT INTO session_events (seq)\n\
        1|auditor-statement|DETAIL:  parameters: $1 = '{1}'\n\
        2|auditor-statement|LOG:  execute __diesel_stmt_1: SELECT 1\n\
        1|auditor-statement|LOG:  statement: COMMIT\n\
        2|auditor-statement|LOG:  statement: COMMIT\n";
    assert_eq!(of_the_writer(log), [3]);
}

#[tokio::test]
async fn a_batch_of_runs_costs_the_writer_a_dozen_statements() {
    let Some(cluster) = Cluster::start_new() else {
        return;
    };
    change(
        &cluster.url(),
        "ALTER SYSTEM SET log_line_prefix = '%p|auditor-statement|'",
    );
    change(&cluster.url(), "ALTER SYSTEM SET log_statement = 'all'");
    let (way, through) = Relay::before(&cluster.url());
    let server = Setup::sqlite().set("DATABASE_URL", &through).start().await;
    let nora = server.register("nora").await;
    let mut ids = Vec::new();
    for _ in 0..RUNS {
        ids.push(nora.create(&samples::evaluation_by(&JUDGES)).await);
    }
    change(&cluster.url(), "SELECT pg_reload_conf()");
    way.delay(DISTANCE);
    futures_util::future::join_all(ids.iter().map(|id| nora.start(id))).await;
    for id in &ids {
        becomes(&nora, id, "completed", DEADLINE).await;
    }
    way.pass();
    let batches = of_the_writer(&cluster.log());
    let statements: usize = batches.iter().sum();
    let most = batches.iter().max().copied().unwrap_or_default();
    println!(
        "{RUNS} runs: {} transactions of {most} statements at most, {:.1} statements a run",
        batches.len(),
        statements as f64 / RUNS as f64
    );
    assert!(statements > 0);
    assert!(statements <= A_DOZEN * RUNS, "{statements}");
    server.finish().await;
}
