//! Which node works on what is started, and what is not worked on any more.

use std::time::{Duration, Instant};

use serde_json::json;

use super::nodes::{becomes, log_of};
use super::{Fleet, file_of};
use crate::harness::{DEADLINE, GLANCE, Manner, ScriptedJudge, Setup};
use crate::samples;

/// Runs that a node works on at once.
const PLACES: usize = 60;

/// All that are started, at one node: more than there are places for.
const STARTS: usize = 300;

fn setup(file: &str) -> impl FnOnce(Setup) -> Setup {
    move |setup| {
        setup
            .file(file)
            .set("AUDITOR_RUNS__MAX_CONCURRENT", &PLACES.to_string())
    }
}

#[tokio::test]
async fn starts_at_one_node_spread_and_the_rest_waits_without_memory() {
    let judge = ScriptedJudge::start(Manner::Waits);
    let many = "max_concurrency = 600\ntimeout_ms = 600000";
    let file = file_of(&[("slow", &judge)]).replace("timeout_ms = 600000", many);
    let Some(fleet) = Fleet::start(3, setup(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let body = samples::evaluation_by(&["slow"]);
    let mut ids = Vec::new();
    let mut start = async |runs: usize| {
        for _ in 0..runs {
            let id = nora.create(&body).await;
            nora.start(&id).await;
            ids.push(id);
        }
    };
    // Half of what there are places for, all at the first node.
    const HALF: usize = 3 * PLACES / 2;
    start(HALF).await;
    judge.until_asked(HALF).await;
    let spread = format!(
        "SELECT count(*) AS count FROM (SELECT owner FROM evaluation_sessions \
         WHERE owner IS NOT NULL GROUP BY owner HAVING count(*) BETWEEN {} AND {}) AS nodes",
        HALF / 6,
        HALF / 2
    );
    assert_eq!(fleet.count(&spread), 3, "each has its share");

    start(STARTS - HALF).await;
    judge.until_asked(3 * PLACES).await;
    let waiting = "SELECT count(*) AS count FROM evaluation_sessions \
        WHERE status = 'in_progress' AND owner IS NULL";
    let begin = Instant::now();
    loop {
        let mut alive = [0, 0];
        for at in 0..3 {
            let health = fleet.door(at).health().await;
            for (sum, what) in alive.iter_mut().zip(["runs", "rooms"]) {
                *sum += health[what].as_u64().unwrap() as usize;
            }
        }
        if alive == [3 * PLACES; 2] && fleet.count(waiting) == (STARTS - 3 * PLACES) as i64 {
            break;
        }
        assert!(begin.elapsed() < DEADLINE, "{alive:?} runs and rooms");
        tokio::time::sleep(GLANCE).await;
    }
    // One that waits says so, and may be watched anywhere.
    let last = ids.last().unwrap();
    let at = fleet.everywhere(&nora);
    assert_eq!(log_of(&at[1], last).await[0]["data"]["stage"], "queued");
    let mut socket = at[2].connect().await;
    let position = json!({ "session_id": last, "last_seq": 0 });
    let joined = socket.command("join_session", position).await;
    assert_eq!(joined["data"]["status"], "in_progress");
    judge.open();
    let seen = socket.until_terminal().await;
    assert_eq!(seen.last().unwrap().kind(), "evaluation_complete");
    let queued = seen
        .iter()
        .filter(|event| event.data()["stage"] == "queued");
    assert_eq!(queued.count(), 1, "it says so once, whoever says it");
    socket.close().await;
    for id in &ids {
        becomes(&nora, id, "completed", DEADLINE).await;
    }
    assert_eq!(judge.asked(), ids.len(), "each was worked on once");
    fleet.finish().await;
}

#[tokio::test]
async fn a_run_that_kills_its_nodes_ends_and_its_neighbours_finish() {
    let judge = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &judge)]);
    let Some(mut fleet) = Fleet::start(2, setup(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let body = samples::evaluation_by(&["slow"]);
    let mut ids = Vec::new();
    for n in 1..=4 {
        let id = nora.create(&body).await;
        at[1].start(&id).await;
        judge.until_asked(n).await;
        ids.push(id);
    }
    let (poison, neighbours) = ids.split_first().unwrap();
    // As after five of its owners that others found dead, each of which counts four times, and some in place.
    fleet.change(&format!(
        "UPDATE evaluation_sessions SET orphaned = 23 WHERE id = '{poison}'"
    ));
    let own = format!(
        "SELECT count(*) AS count FROM evaluation_sessions AS s JOIN nodes AS n ON n.id = s.owner \
         WHERE s.id = '{poison}' AND n.started_at = (SELECT max(started_at) FROM nodes)"
    );
    // Whichever of the two has it is the sixth that dies of it.
    let dies = fleet.count(&own) as usize;
    fleet.node_mut(dies).kill();
    let living = &at[1 - dies];
    becomes(living, poison, "failed", Duration::from_secs(30)).await;
    let log = log_of(living, poison).await;
    let end = &log.last().unwrap()["data"];
    assert_eq!(end["error_type"], "internal", "{end}");
    judge.open();
    for id in neighbours {
        becomes(living, id, "completed", Duration::from_secs(30)).await;
    }
    fleet.finish().await;
}
