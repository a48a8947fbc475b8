//! Nodes are replaced one after the other, under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::nodes::becomes;
use super::{Fleet, file_of};
use crate::harness::{DEADLINE, GLANCE, Manner, Person, ScriptedJudge};
use crate::samples;

/// The promise: a run of a node that stopped goes on elsewhere so soon.
const MOVED: Duration = Duration::from_secs(2);

/// What this machine may take beside it, which many tests share.
const SLOW: Duration = Duration::from_secs(3);

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
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    ids
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
    for stopped in 0..3 {
        // A run that this node has while it stops.
        let person = nora.clone().through(&fleet.door(stopped));
        let id = person.create(&samples::evaluation_by(&["lasting"])).await;
        let before = lasting.asked();
        person.start(&id).await;
        lasting.until_asked(before + 1).await;
        let owned = format!(
            "SELECT count(*) AS count FROM evaluation_sessions WHERE id = '{id}' AND owner IS NOT NULL"
        );
        assert_eq!(fleet.count(&owned), 1);
        let fence = format!("SELECT fence AS count FROM evaluation_sessions WHERE id = '{id}'");
        let fence_before = fleet.count(&fence);
        fleet.node_mut(stopped).terminate();
        let status = fleet.node_mut(stopped).ended().await;
        assert!(status.success(), "{status}");
        // Given back and claimed, if it was this node's.
        let begin = Instant::now();
        while fleet.count(&owned) == 0 {
            assert!(begin.elapsed() < MOVED + SLOW, "nobody goes on with it");
            tokio::time::sleep(GLANCE).await;
        }
        println!(
            "node {stopped} stopped; its run moved {} times, {} ms after its end",
            (fleet.count(&fence) - fence_before) / 2,
            begin.elapsed().as_millis()
        );
        fleet.node_mut(stopped).start_again();
    }
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
