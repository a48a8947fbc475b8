//! Somebody who watches one run through whatever happens to the nodes, and checks all that there was to see.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use chrono::DateTime;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::Fleet;
use super::nodes::log_of;
use crate::harness::{Frame, Person, ScriptedJudge};
use crate::samples;

/// The promise: a run of a node that died, or may be taken for dead, stands still for no longer.
pub(super) const STANDSTILL: Duration = Duration::from_secs(10);

/// What a machine that many tests share may take beside it.
pub(super) const BUSY: Duration = Duration::from_secs(3);

/// Watches one evaluation, and comes back wherever it may.
pub(super) struct Watcher {
    id: String,
    /// What the judges are asked of this run and of no other.
    question: String,
    epoch: Value,
    seen: Vec<Frame>,
}

/// When a sign of life of a run was there: an event that was made, a judge that was asked.
fn signs(log: &[Value], asked: &[SystemTime]) -> Vec<SystemTime> {
    let mut signs: Vec<SystemTime> = log.iter().map(made_at).collect();
    signs.extend(asked);
    signs.sort_unstable();
    signs
}

fn made_at(event: &Value) -> SystemTime {
    let text = event["ts"].as_str().expect("each event has its time");
    DateTime::parse_from_rfc3339(text).unwrap().into()
}

impl Watcher {
    /// Creates and starts a run that is worked on by these judges, the number of which is in what they are asked.
    pub(super) async fn of_new_run(person: &Person, judges: &[&str], number: usize) -> Self {
        let question = format!("What does text number {number} say?");
        let mut body = samples::evaluation_by(judges);
        body["question"] = json!(question);
        let id = person.create(&body).await;
        person.start(&id).await;
        Self {
            id,
            question,
            epoch: Value::Null,
            seen: Vec::new(),
        }
    }

    pub(super) fn events(&self) -> usize {
        self.seen.len()
    }

    /// Takes what there is at that node until the run ends, or the node; whether it was the run.
    pub(super) async fn watch(&mut self, person: &Person) -> bool {
        self.watch_telling(person, &Semaphore::new(0)).await
    }

    /// The same; whoever waits for it gets a permit once this watcher has joined.
    pub(super) async fn watch_telling(
        &mut self,
        person: &Person,
        joined_there: &Semaphore,
    ) -> bool {
        let mut socket = person.connect().await;
        let joined = match self.seen.last() {
            Some(last) => socket.resume(&self.id, &self.epoch, last.seq()).await,
            None => socket.join(&self.id).await,
        };
        assert_eq!(joined["data"]["recovered"], true, "{joined}");
        self.epoch = joined["data"]["epoch"].clone();
        joined_there.add_permits(1);
        while let Some(event) = socket.event_or_end().await {
            let last = self.seen.last().map_or(0, Frame::seq);
            assert_eq!(event.seq(), last + 1, "{}", event.text);
            let is_over = event.is_terminal();
            self.seen.push(event);
            if is_over {
                // Without a goodbye: its node may be killed at this moment.
                return true;
            }
        }
        false
    }

    /// What was seen is what is stored, it has one end and one answer of each judge, nobody was asked in vain, and
    /// after each of these deaths the run went on in time. The longest that it stood still after one.
    pub(super) async fn check(
        &self,
        fleet: &Fleet,
        person: &Person,
        judges: &[(&str, &ScriptedJudge)],
        deaths: &[SystemTime],
    ) -> Duration {
        let log = log_of(person, &self.id).await;
        let seen: Vec<&Value> = self.seen.iter().map(|event| &event.value).collect();
        assert_eq!(log.iter().collect::<Vec<_>>(), seen);
        let ends = self.seen.iter().filter(|event| event.is_terminal()).count();
        assert_eq!(ends, 1, "{}", self.id);
        let end = self.seen.last().unwrap();
        assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);

        let mut answers = BTreeMap::new();
        for event in log.iter().filter(|event| event["type"] == "judge_result") {
            let name = event["data"]["judge_name"].as_str().unwrap();
            let before = answers.insert(name, made_at(event));
            assert_eq!(before, None, "{name} has answered twice in {}", self.id);
        }
        // The first owner has the fence 1, or 2 where the run waited for it; each further one has two more.
        let fence = format!(
            "SELECT fence AS count FROM evaluation_sessions WHERE id = '{}'",
            self.id
        );
        let owners = usize::try_from((fleet.count(&fence) + 1) / 2).unwrap();
        let mut asked = Vec::new();
        for (name, judge) in judges {
            let questions = judge.questions(&self.question);
            assert!(
                (1..=owners).contains(&questions.len()),
                "{name} was asked {} times by {owners} owners",
                questions.len()
            );
            let answer = answers[name];
            for question in questions {
                assert!(
                    question.at <= answer,
                    "{name} was asked again though its answer was stored"
                );
                asked.push(question.at);
            }
        }
        let signs = signs(&log, &asked);
        let stood_still = deaths.iter().filter_map(|death| {
            let at = signs.partition_point(|sign| sign <= death);
            let was_at_work = at > 0;
            let next = signs.get(at).filter(|_| was_at_work)?;
            next.duration_since(*death).ok()
        });
        let longest = stood_still.max().unwrap_or_default();
        assert!(longest < STANDSTILL + BUSY, "{}: {longest:?}", self.id);
        longest
    }
}
