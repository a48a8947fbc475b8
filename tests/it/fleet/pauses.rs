//! A process that stands still for a while and goes on is fenced: others have its runs by then.

use std::time::{Duration, Instant, SystemTime};

use diesel::prelude::*;
use serde_json::json;

use super::nodes::{becomes, log_of};
use super::watcher::{BUSY, STANDSTILL, Watcher};
use super::{Fleet, file_of};
use crate::harness::{Chance, Frame, GLANCE, Manner, Person, ScriptedJudge, Setup, setting};
use crate::samples;

/// The promise: clients of a node that goes on have what they missed so soon.
const THE_REST: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_paused_owner_is_fenced() {
    let slow = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &slow)]);
    let Some(fleet) = Fleet::start(2, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    let (mut there, mut here) = (at[1].connect().await, at[0].connect().await);
    there.join(&id).await;
    here.join(&id).await;
    at[1].start(&id).await;
    slow.until_asked(1).await;
    fleet.node(1).pause(true);
    slow.until_asked(2).await;
    slow.open();
    let seen = here.until_terminal().await;
    assert_eq!(seen.last().unwrap().kind(), "evaluation_complete");
    fleet.node(1).pause(false);
    let resumed = Instant::now();
    // Its judge has answered it, too: what it says of that is refused, and its clients get the rest.
    let rest = there.until_terminal().await;
    let late = resumed.elapsed();
    println!("its clients had the rest after {} ms", late.as_millis());
    assert!(late < THE_REST + BUSY, "{late:?}");
    let texts = |events: &[Frame]| {
        events
            .iter()
            .map(|event| event.text.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&rest), texts(&seen));
    let log = log_of(&at[1], &id).await;
    assert_eq!(log.len(), seen.len());
    // It begins anew, and works.
    let id = at[1].create(&samples::evaluation_by(&["lexical"])).await;
    let begin = Instant::now();
    loop {
        let start = at[1]
            .post(&format!("/evaluations/{id}/start"), &json!({}))
            .await;
        if start.status == 202 {
            break;
        }
        start.is_problem(503, "overloaded");
        assert!(begin.elapsed() < STANDSTILL, "it does not begin anew");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    becomes(&at[0], &id, "completed", STANDSTILL).await;
    there.close().await;
    here.close().await;
    fleet.finish().await;
}

/// Its node is not dead to the others yet, and does not hear that the run is to end.
#[tokio::test]
async fn a_run_that_its_node_does_not_end_is_ended_where_somebody_asked() {
    let slow = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &slow)]);
    let patient = |setup: Setup| setup.file(&file).set("AUDITOR_FLEET__PATIENCE_MS", "60000");
    let Some(fleet) = Fleet::start(2, patient).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    let mut here = at[0].connect().await;
    here.join(&id).await;
    at[1].start(&id).await;
    slow.until_asked(1).await;
    fleet.node(1).pause(true);
    let begin = Instant::now();
    at[0].cancel(&id).await.has(202);
    let end = here.until_terminal().await;
    assert_eq!(end.last().unwrap().kind(), "evaluation_cancelled");
    println!(
        "a run of a node that does not answer was ended after {} ms",
        begin.elapsed().as_millis()
    );
    assert!(begin.elapsed() < STANDSTILL, "{:?}", begin.elapsed());
    fleet.node(1).pause(false);
    slow.open();
    // What it says of the answer is refused.
    becomes(&at[1], &id, "cancelled", STANDSTILL).await;
    let log = log_of(&at[1], &id).await;
    assert_eq!(log.last().unwrap()["type"], "evaluation_cancelled");
    here.close().await;
    fleet.finish().await;
}

/// Asks for a start until it is taken: a node that was taken for dead may need a moment to begin anew.
async fn starts(person: &Person, id: &str) {
    let begin = Instant::now();
    let path = format!("/evaluations/{id}/start");
    loop {
        let answer = person.post(&path, &json!({})).await;
        if answer.status == 202 {
            return;
        }
        answer.is_problem(503, "overloaded");
        assert!(begin.elapsed() < STANDSTILL, "it does not begin anew");
        tokio::time::sleep(GLANCE).await;
    }
}

/// For fifteen seconds, in the middle of whatever it does; a hundred such stops take half an hour.
#[tokio::test]
async fn nodes_that_stand_still_and_go_on_lose_nothing_and_double_nothing() {
    const RUNS: usize = 6;
    const STOPPED: Duration = Duration::from_secs(15);
    let stops = setting("AUDITOR_TEST_STOPS").map_or(1, |text| text.parse().unwrap());
    let mut chance = Chance::new();
    let judges = [("quick", 20), ("middle", 1500), ("slow", 4000)].map(|(name, ms)| {
        (
            name,
            ScriptedJudge::start(Manner::Takes(Duration::from_millis(ms))),
        )
    });
    let names: Vec<(&str, &ScriptedJudge)> =
        judges.iter().map(|(name, judge)| (*name, judge)).collect();
    let file = file_of(&names);
    let Some(fleet) = Fleet::start(3, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let (mut started, mut times) = (0, Vec::new());
    for _ in 0..stops {
        let mut watching = Vec::new();
        for _ in 0..RUNS {
            let person = &at[chance.below(3) as usize];
            let by = ["lexical", "quick", "middle", "slow"];
            let mut watcher = Watcher::of_new_run(person, &by, started).await;
            started += 1;
            let person = at[chance.below(3) as usize].clone();
            watching.push(tokio::spawn(async move {
                while !watcher.watch(&person).await {}
                watcher
            }));
        }
        let victim = chance.below(3) as usize;
        let asked_later = at[victim].create(&samples::evaluation_by(&["quick"])).await;
        tokio::time::sleep(Duration::from_millis(chance.below(3000))).await;
        fleet.node(victim).pause(true);
        times.push(SystemTime::now());
        // Waits there until it goes on, and reaches a node that the others have buried.
        let start = tokio::spawn({
            let (person, id) = (at[victim].clone(), asked_later.clone());
            async move { starts(&person, &id).await }
        });
        tokio::time::sleep(STOPPED).await;
        fleet.node(victim).pause(false);
        start.await.unwrap();
        let living = &at[(victim + 1) % 3];
        becomes(living, &asked_later, "completed", STANDSTILL).await;
        for watcher in watching {
            let watcher = watcher.await.unwrap();
            let stood_still = watcher.check(&fleet, living, &names, &times).await;
            println!(
                "{} events; it stood still for {} ms at most",
                watcher.events(),
                stood_still.as_millis()
            );
        }
        fleet
            .until("SELECT count(*) AS count FROM nodes WHERE beat > 2", 3)
            .await;
    }
    fleet.finish().await;
}

/// A process may be stopped between an UPDATE and its COMMIT: what it has locked must not hold the others up, nor its
/// listening connection the notices of all.
#[tokio::test]
async fn a_stopped_transaction_holds_nobody_up() {
    let slow = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &slow)]);
    let Some(fleet) = Fleet::start(3, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    nora.start(&id).await;
    slow.until_asked(1).await;
    let owner = fleet.owner_of(&id).expect("somebody works on it");
    // A connection of that node, as the database sees it.
    let mut open = PgConnection::establish(&fleet.first.database()).unwrap();
    for statement in [
        format!(
            "SELECT set_config('application_name', (SELECT application_name FROM nodes AS n \
             JOIN evaluation_sessions AS s ON s.owner = n.id WHERE s.id = '{id}'), false)"
        ),
        "BEGIN".to_owned(),
        format!("UPDATE evaluation_sessions SET progress = progress WHERE id = '{id}'"),
    ] {
        diesel::sql_query(statement).execute(&mut open).unwrap();
    }
    fleet.node(owner).pause(true);
    let begin = Instant::now();
    slow.until_asked(2).await;
    let stood_still = begin.elapsed();
    println!(
        "a run whose row was locked went on after {} ms",
        stood_still.as_millis()
    );
    assert!(stood_still < STANDSTILL + BUSY, "{stood_still:?}");
    let ended = diesel::sql_query("COMMIT").execute(&mut open);
    assert!(ended.is_err(), "its connection was ended");
    let connections = "SELECT count(*) AS count FROM pg_stat_activity AS a \
        WHERE a.datname = current_database() AND a.application_name LIKE 'judge-auditor %' \
        AND NOT EXISTS (SELECT FROM nodes AS n WHERE n.application_name = a.application_name)";
    fleet.until(connections, 0).await;
    let kept = "SELECT ceil(pg_notification_queue_usage() * 1000000)::bigint AS count";
    fleet.until(kept, 0).await;
    fleet.node(owner).pause(false);
    slow.open();
    becomes(&nora, &id, "completed", STANDSTILL).await;
    fleet.finish().await;
}
