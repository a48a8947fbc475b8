//! What a run costs the database, which the writer of the log reaches by round trips.

use super::Fleet;
use super::nodes::becomes;
use crate::harness::{Cluster, DEADLINE, Setup, change};
use crate::samples;

/// Runs that are worked on at the same time.
const RUNS: usize = 24;

const JUDGES: [&str; 3] = ["facts", "logic", "lexical"];

/// How many statements a run may cost the writer where several are at work: a dozen, and what it takes to begin and
/// commit.
const MOST: usize = 16;

/// Statements of the server's log that belong to transactions in which events were stored: those of the writer.
fn of_the_writer(log: &str) -> usize {
    let mut open: std::collections::HashMap<&str, (usize, bool)> = std::collections::HashMap::new();
    let mut statements = 0;
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
                statements += *count;
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
    assert_eq!(of_the_writer(log), 3);
}

#[tokio::test]
async fn a_run_costs_the_writer_a_dozen_statements() {
    let Some(cluster) = Cluster::start_new() else {
        return;
    };
    change(
        &cluster.url(),
        "ALTER SYSTEM SET log_line_prefix = '%p|auditor-statement|'",
    );
    change(&cluster.url(), "ALTER SYSTEM SET log_statement = 'all'");
    let setup = Setup::sqlite().set("DATABASE_URL", &cluster.url());
    let mut fleet = Fleet::of_one(setup).await;
    for _ in 0..2 {
        fleet.others.push(fleet.first.another_node());
    }
    fleet.know_each_other().await;
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let mut ids = Vec::new();
    for person in at.iter().cycle().take(RUNS) {
        ids.push(person.create(&samples::evaluation_by(&JUDGES)).await);
    }
    change(&cluster.url(), "SELECT pg_reload_conf()");
    let starts = ids.iter().zip(at.iter().cycle());
    futures_util::future::join_all(starts.map(|(id, person)| person.start(id))).await;
    for id in &ids {
        becomes(&nora, id, "completed", DEADLINE).await;
    }
    let statements = of_the_writer(&cluster.log());
    println!(
        "{RUNS} runs cost the writers {statements} statements, {:.1} a run",
        statements as f64 / RUNS as f64
    );
    assert!(statements > 0);
    assert!(statements <= MOST * RUNS, "{statements}");
    fleet.finish().await;
}
