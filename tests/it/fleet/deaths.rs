//! A node dies, is stopped, or leaves: its runs go on elsewhere, and nothing is lost or doubled.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::nodes::{becomes, log_of};
use super::{Fleet, file_of};
use crate::harness::{Chance, Frame, Manner, Person, ScriptedJudge, Setup};
use crate::samples;

/// The promise: a run of a node that died stands still for no longer.
const STANDSTILL: Duration = Duration::from_secs(10);

/// Watches one evaluation, always at a node that is there, and comes back wherever it may.
struct Watcher {
    id: String,
    epoch: Value,
    seen: Vec<Frame>,
    longest: Duration,
}

impl Watcher {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            epoch: Value::Null,
            seen: Vec::new(),
            longest: Duration::ZERO,
        }
    }

    /// Takes what there is at that node until the run ends, or the node; whether it was the run.
    async fn watch(&mut self, person: &Person) -> bool {
        let mut socket = person.connect().await;
        let joined = match self.seen.last() {
            Some(last) => socket.resume(&self.id, &self.epoch, last.seq()).await,
            None => socket.join(&self.id).await,
        };
        assert_eq!(joined["data"]["recovered"], true, "{joined}");
        self.epoch = joined["data"]["epoch"].clone();
        let mut since = Instant::now();
        while let Some(event) = socket.event_or_end().await {
            let last = self.seen.last().map_or(0, Frame::seq);
            assert_eq!(event.seq(), last + 1, "{}", event.text);
            self.longest = self.longest.max(since.elapsed());
            since = Instant::now();
            let is_over = event.is_terminal();
            self.seen.push(event);
            if is_over {
                socket.close().await;
                return true;
            }
        }
        false
    }

    /// What was seen is what is stored, and it has one end.
    async fn check(&self, person: &Person) {
        let log = log_of(person, &self.id).await;
        let seen: Vec<&Value> = self.seen.iter().map(|event| &event.value).collect();
        assert_eq!(log.iter().collect::<Vec<_>>(), seen);
        let ends = self.seen.iter().filter(|event| event.is_terminal()).count();
        assert_eq!(ends, 1, "{}", self.id);
        let end = self.seen.last().unwrap();
        assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);
        let mut judges = BTreeMap::new();
        for event in self
            .seen
            .iter()
            .filter(|event| event.kind() == "judge_result")
        {
            *judges
                .entry(event.data()["judge_name"].to_string())
                .or_insert(0) += 1;
        }
        assert!(judges.values().all(|times| *times == 1), "{judges:?}");
    }
}

#[tokio::test]
async fn a_killed_nodes_runs_go_on_within_ten_seconds() {
    let (quick, slow) = (
        ScriptedJudge::start(Manner::Takes(Duration::from_millis(5))),
        ScriptedJudge::start(Manner::Waits),
    );
    let file = file_of(&[("quick", &quick), ("slow", &slow)]);
    let Some(mut fleet) = Fleet::start(2, |setup| setup.file(&file)).await else {
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
    const KILLS: usize = 5;
    const RUNS: usize = 6;
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
    let mut kills = 0;
    while kills < KILLS || !watchers.is_empty() {
        let at = fleet.everywhere(&nora);
        while kills < KILLS && watchers.len() < RUNS {
            let mut body = samples::evaluation();
            body["config"] = json!({ "judges": ["lexical", "quick", "middle", "slow"] });
            let person = &at[chance.below(3) as usize];
            let id = person.create(&body).await;
            person.start(&id).await;
            watchers.push(Watcher::new(&id));
        }
        let victim = chance.below(3) as usize;
        let wait = Duration::from_millis(500 + chance.below(4000));
        // Everybody watches at some other node than the one that is killed, or at it.
        let mut watching = Vec::new();
        for mut watcher in watchers.drain(..) {
            let person = at[chance.below(3) as usize].clone();
            watching.push(tokio::spawn(async move {
                let limit = Duration::from_secs(60);
                // Until its node is killed; one at another node is called back then.
                let over = tokio::time::timeout(limit, watcher.watch(&person)).await;
                (watcher, over.expect("neither an end nor a death"))
            }));
        }
        if kills < KILLS {
            tokio::time::sleep(wait).await;
            fleet.node_mut(victim).kill();
            kills += 1;
        }
        for task in watching {
            let (watcher, is_over) = task.await.unwrap();
            if is_over {
                let living = &at[(victim + 1) % 3];
                watcher.check(living).await;
                println!(
                    "{} events, the longest standstill {} ms",
                    watcher.seen.len(),
                    watcher.longest.as_millis()
                );
                assert!(
                    watcher.longest < STANDSTILL + Duration::from_secs(6),
                    "{:?}",
                    watcher.longest
                );
            } else {
                watchers.push(watcher);
            }
        }
        if !fleet.node(victim).is_running() {
            fleet.node_mut(victim).start_again();
        }
    }
    let asked: usize = judges.iter().map(|(_, judge)| judge.asked()).sum();
    println!("{kills} kills; judges were asked {asked} times");
    fleet.finish().await;
}

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
    // Its judge has answered it, too: what it says of that is refused, and its clients get the rest.
    let rest = there.until_terminal().await;
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
