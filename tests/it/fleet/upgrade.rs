//! Nodes are replaced one after the other, under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::nodes::becomes;
use super::{Fleet, file_of};
use crate::harness::{DEADLINE, Manner, Person, ScriptedJudge};
use crate::samples;

/// The promise: a run of a node that stopped goes on elsewhere so soon.
const MOVED: Duration = Duration::from_secs(2);

/// What this machine may take beside it, which many tests share.
const SLOW: Duration = Duration::from_secs(3);

/// How often a node is asked to work on a run that it is to have when it stops.
const TRIES: usize = 50;

/// Starts runs at one node after the other until it is told to stop, as a client behind a proxy does: a node that is
/// gone or about to go is passed over. What it started.
async fn load(at: Vec<Person>, over: Arc<AtomicBool>) -> Vec<String> {
    let mut ids = Vec::new();
    for person in at.iter().cycle() {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let mut body = samples::evaluation_by(&["lexical", "paid"]);
        body["start"] = json!(true);
        let request = person.request(Method::POST, "/evaluations").json(&body);
        // Nobody listens there, or not any more.
        let Ok(answer) = request.send().await else {
            continue;
        };
        let (status, text) = (answer.status().as_u16(), answer.text().await);
        let Ok(text) = text else { continue };
        match status {
            201 => {
                let made: serde_json::Value = serde_json::from_str(&text).unwrap();
                ids.push(made["id"].as_str().unwrap().to_owned());
            }
            503 => assert!(text.contains("\"draining\""), "{text}"),
            other => panic!("{other}: {text}"),
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    ids
}

/// Starts runs until that node works on one, whose judge it has asked; the others are ended.
async fn owned_run(fleet: &Fleet, node: usize, person: &Person, judge: &ScriptedJudge) -> String {
    for _ in 0..TRIES {
        let id = person.create(&samples::evaluation_by(&["lasting"])).await;
        let before = judge.asked();
        person.start(&id).await;
        judge.until_asked(before + 1).await;
        if fleet.owner_of(&id) == Some(node) {
            return id;
        }
        person.cancel(&id).await.has(202);
        becomes(person, &id, "cancelled", DEADLINE).await;
    }
    panic!("node {node} is always busier than the others");
}

#[tokio::test]
async fn a_rolling_restart_under_load_is_not_noticed() {
    let judge = ScriptedJudge::start(Manner::Takes(Duration::from_millis(300)));
    let lasting = ScriptedJudge::start(Manner::Waits);
    // So that days are granted, and users' rows are touched by all nodes.
    let file = format!(
        "[budgets]\nuser_day_tokens = 1000000000\nday_tokens = 1000000000\n\n{}",
        file_of(&[("paid", &judge), ("lasting", &lasting)]).replace(
            "timeout_ms = 600000",
            "max_concurrency = 64\ntimeout_ms = 600000"
        )
    );
    let Some(mut fleet) = Fleet::start(3, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let over = Arc::new(AtomicBool::new(false));
    let mut loads = Vec::new();
    for _ in 0..3 {
        loads.push(tokio::spawn(load(
            fleet.everywhere(&nora),
            Arc::clone(&over),
        )));
    }
    // The new release brings the tables up to date before any node is replaced.
    let mut migrate = fleet.first.beside(&["migrate"]);
    let migrated = tokio::task::spawn_blocking(move || migrate.output().unwrap());
    let migrated = migrated.await.unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    let mut moves = Vec::new();
    for stopped in 0..3 {
        // A run that this node has while it stops.
        let person = nora.clone().through(&fleet.door(stopped));
        let id = owned_run(&fleet, stopped, &person, &lasting).await;
        let asked = lasting.asked();
        let fence = format!("SELECT fence AS count FROM evaluation_sessions WHERE id = '{id}'");
        let own = fleet.count(&fence);
        fleet.node_mut(stopped).terminate();
        // Its judge is asked again by whoever goes on with it, once it was given back at the end of the window.
        let given_back = format!(
            "SELECT count(*) AS count FROM evaluation_sessions WHERE id = '{id}' AND fence > {own}"
        );
        fleet.until(&given_back, 1).await;
        let begin = Instant::now();
        lasting.until_asked(asked + 1).await;
        moves.push(begin.elapsed());
        let status = fleet.node_mut(stopped).ended().await;
        assert!(status.success(), "{status}");
        fleet.node_mut(stopped).start_again();
    }
    println!("runs of nodes that stopped went on after {moves:?}");
    moves.sort_unstable();
    // Each is less than it takes to find a node dead; how much less depends on what else the machine does.
    assert!(moves[0] < MOVED + SLOW, "{moves:?}");
    over.store(true, Ordering::SeqCst);
    lasting.open();
    let mut runs = 0;
    for load in loads {
        for id in load.await.unwrap() {
            becomes(&nora, &id, "completed", DEADLINE).await;
            runs += 1;
        }
    }
    println!("{runs} runs were started meanwhile, and all of them ended");
    assert!(runs > 10, "{runs}");
    fleet.finish().await;
}
