//! Few users, whose rows all nodes touch at once: nobody waits for another in a circle.

use std::time::Duration;

use serde_json::json;

use super::nodes::becomes;
use super::{Fleet, file_of};
use crate::harness::{DEADLINE, Manner, Person, ScriptedJudge};
use crate::samples;

const USERS: usize = 4;

/// What docs/how-to/several-nodes.md says a node takes of the database by default.
const CONNECTIONS: i64 = 11;

/// Of each user at each node.
const RUNS: usize = 6;

/// Starts runs at one node, cancels one in three, and deletes one in three of those that have ended. How many ended.
async fn work(at: Person) -> usize {
    let mut body = samples::evaluation_by(&["lexical", "paid"]);
    body["start"] = json!(true);
    let mut ids = Vec::new();
    for n in 0..RUNS {
        let made = at.post("/evaluations", &body).await.has(201).json();
        let id = crate::harness::text(&made["id"]);
        if n % 3 == 1 {
            // It may have ended before.
            let status = at.cancel(&id).await.status;
            assert!([202, 409].contains(&status), "{status}");
        }
        ids.push(id);
    }
    for (n, id) in ids.iter().enumerate() {
        if n % 3 == 2 {
            at.delete(&format!("/evaluations/{id}")).await.has(204);
        } else if n % 3 == 0 {
            becomes(&at, id, "completed", DEADLINE).await;
        }
    }
    ids.len()
}

#[tokio::test]
async fn users_on_several_nodes_do_not_deadlock() {
    let judge = ScriptedJudge::start(Manner::Takes(Duration::from_millis(5)));
    // So that days are granted, and users' rows are touched by all nodes.
    let file = format!(
        "[budgets]\nuser_day_tokens = 1000000000\nday_tokens = 1000000000\n\n{}",
        file_of(&[("paid", &judge)])
    );
    let Some(fleet) = Fleet::start(3, |setup| setup.file(&file)).await else {
        return;
    };
    let mut working = Vec::new();
    for name in ["ada", "ben", "cleo", "dora"].iter().take(USERS) {
        let person = fleet.first.register(name).await;
        for at in fleet.everywhere(&person) {
            working.push(tokio::spawn(work(at)));
        }
    }
    let mut runs = 0;
    for one in working {
        runs += one.await.unwrap();
    }
    assert_eq!(runs, USERS * 3 * RUNS);
    // Those that a load has opened stay open for a while.
    let connections = "SELECT coalesce(max(n), 0) AS count FROM (SELECT count(*) AS n FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name LIKE 'judge-auditor %' \
        GROUP BY application_name) AS nodes";
    let most = fleet.count(connections);
    assert!((3..=CONNECTIONS).contains(&most), "{most} connections");
    // Counted by the database itself.
    fleet.finish().await;
}
