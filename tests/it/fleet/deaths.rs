//! A node dies, or leaves: its runs go on elsewhere, and nothing is lost or doubled.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Semaphore;

use super::nodes::{becomes, log_of};
use super::watcher::{STANDSTILL, Watcher};
use super::{Fleet, file_of};
use crate::harness::{Chance, DEADLINE, Manner, ScriptedJudge, Setup, setting};
use crate::samples;

#[tokio::test]
async fn a_killed_nodes_runs_go_on_within_ten_seconds() {
    let (quick, slow) = (
        ScriptedJudge::start(Manner::Takes(Duration::from_millis(5))),
        ScriptedJudge::start(Manner::Waits),
    );
    let file = file_of(&[("quick", &quick), ("slow", &slow)]);
    let Some(mut fleet) = Fleet::start(3, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let id = nora
        .create(&samples::evaluation_by(&["quick", "slow"]))
        .await;
    let mut socket = at[0].connect().await;
    socket.join(&id).await;
    at[1].start(&id).await;
    slow.until_asked(1).await;
    socket.next_of("judge_result").await;
    fleet.node_mut(1).kill();
    let begin = Instant::now();
    slow.until_asked(2).await;
    let asked = begin.elapsed();
    println!(
        "a run of a killed node went on after {} ms",
        asked.as_millis()
    );
    assert!(asked < STANDSTILL, "{asked:?}");
    slow.open();
    let end = socket.until_terminal().await;
    assert_eq!(end.last().unwrap().kind(), "evaluation_complete");
    assert_eq!(quick.asked(), 1, "its answer was stored");
    let log = log_of(&at[0], &id).await;
    for (event, seq) in log.iter().zip(1..) {
        assert_eq!(event["seq"], seq);
    }
    socket.close().await;

    // Whoever comes back to the same place is a node again.
    fleet.node_mut(1).start_again();
    let at = fleet.everywhere(&nora);
    let events = at[1].audit(&at[1].create_evaluation().await).await;
    assert_eq!(events.last().unwrap().kind(), "evaluation_complete");
    fleet.finish().await;
}

#[tokio::test]
async fn kills_of_three_nodes_lose_nothing_and_double_nothing() {
    const RUNS: usize = 6;
    // A hundred take ten minutes.
    let kills_wanted = setting("AUDITOR_TEST_KILLS").map_or(5, |text| text.parse().unwrap());
    let mut chance = Chance::new();
    let judges = [("quick", 20), ("middle", 1500), ("slow", 6000)].map(|(name, ms)| {
        (
            name,
            ScriptedJudge::start(Manner::Takes(Duration::from_millis(ms))),
        )
    });
    let names: Vec<(&str, &ScriptedJudge)> =
        judges.iter().map(|(name, judge)| (*name, judge)).collect();
    let file = file_of(&names);
    let Some(mut fleet) = Fleet::start(3, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let mut watchers: Vec<Watcher> = Vec::new();
    let (mut started, mut kills) = (0, Vec::new());
    let mut longest = Duration::ZERO;
    while kills.len() < kills_wanted || !watchers.is_empty() {
        let at = fleet.everywhere(&nora);
        while kills.len() < kills_wanted && watchers.len() < RUNS {
            let person = &at[chance.below(3) as usize];
            let by = ["lexical", "quick", "middle", "slow"];
            watchers.push(Watcher::of_new_run(person, &by, started).await);
            started += 1;
        }
        let victim = chance.below(3) as usize;
        let wait = Duration::from_millis(500 + chance.below(4000));
        // Everybody watches at some other node than the one that is killed, or at it.
        let mut watching = Vec::new();
        let joined = Arc::new(Semaphore::new(0));
        for mut watcher in watchers.drain(..) {
            let person = at[chance.below(3) as usize].clone();
            let joined = Arc::clone(&joined);
            watching.push(tokio::spawn(async move {
                let limit = Duration::from_secs(60);
                // Until its node is killed; one at another node is called back then.
                let over =
                    tokio::time::timeout(limit, watcher.watch_telling(&person, &joined)).await;
                (watcher, over.expect("neither an end nor a death"))
            }));
        }
        if kills.len() < kills_wanted {
            // A join that is cut off is no part of what is tested.
            let all = u32::try_from(watching.len()).unwrap();
            let joining = tokio::time::timeout(DEADLINE, joined.acquire_many(all));
            drop(joining.await.expect("all join").unwrap());
            tokio::time::sleep(wait).await;
            fleet.node_mut(victim).kill();
            kills.push(SystemTime::now());
        }
        for task in watching {
            let (watcher, is_over) = task.await.unwrap();
            if is_over {
                let living = &at[(victim + 1) % 3];
                let stood_still = watcher.check(&fleet, living, &names, &kills).await;
                println!(
                    "{} events; it stood still for {} ms at most",
                    watcher.events(),
                    stood_still.as_millis()
                );
                longest = longest.max(stood_still);
            } else {
                watchers.push(watcher);
            }
        }
        if !fleet.node(victim).is_running() {
            fleet.node_mut(victim).start_again();
        }
    }
    let asked: usize = judges.iter().map(|(_, judge)| judge.asked()).sum();
    println!(
        "{} kills, {started} runs; judges were asked {asked} times; the longest standstill was {} ms",
        kills.len(),
        longest.as_millis()
    );
    fleet.finish().await;
}

#[tokio::test]
async fn a_node_that_leaves_hands_its_runs_on_at_once() {
    let slow = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &slow)]);
    let Some(mut fleet) = Fleet::start(2, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    at[1].start(&id).await;
    slow.until_asked(1).await;
    let begin = Instant::now();
    let node = fleet.node_mut(1);
    node.terminate();
    slow.until_asked(2).await;
    println!(
        "a run of a node that left went on after {} ms",
        begin.elapsed().as_millis()
    );
    // The window of the drain is a second.
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    let status = fleet.node_mut(1).ended().await;
    assert!(status.success(), "{status}");
    slow.open();
    becomes(&at[0], &id, "completed", STANDSTILL).await;
    let log = log_of(&at[0], &id).await;
    let ends = log
        .iter()
        .filter(|event| event["type"] == "evaluation_complete");
    assert_eq!(ends.count(), 1);
    fleet.finish().await;
}

#[tokio::test]
async fn a_sqlite_file_has_one_process() {
    let server = Setup::sqlite().start().await;
    // What it would begin with, and fail at, if it did not look first whether it may.
    let undone = "PRAGMA busy_timeout = 5000; \
        DELETE FROM __diesel_schema_migrations WHERE version = '20261130193000'";
    crate::harness::change(&server.database(), undone);
    let second = server
        .beside(&["serve"])
        .env("AUDITOR_DATA_DIR", std::env::temp_dir().join("elsewhere"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success(), "{said}");
    assert!(
        said.contains("another process serves this database"),
        "{said}"
    );
    server.finish().await;
}
