//! A command at one node takes effect where the run or the connection is, within a second, however nodes hear of each
//! other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::nodes::{Bus, by_every_bus};
use super::{Fleet, file_of};
use crate::harness::{Manner, PASSWORD, Person, ScriptedJudge, Socket, text};
use crate::samples;

/// The promise.
const SOON: Duration = Duration::from_secs(1);

/// What a machine that many tests share may take beside it.
const BUSY: Duration = Duration::from_secs(1);

/// How often each is measured.
const ROUNDS: usize = 3;

by_every_bus!(commands_take_effect_at_other_nodes_within_a_second);

mod by_looks {
    #[tokio::test]
    async fn commands_take_effect_at_other_nodes_within_a_second() {
        let bus = super::Bus::Nowhere;
        super::commands_take_effect_at_other_nodes_within_a_second(bus).await;
    }
}

/// How long each command took.
#[derive(Default)]
struct Times(BTreeMap<&'static str, Vec<Duration>>);

impl Times {
    fn took(&mut self, command: &'static str, since: Instant) {
        self.0.entry(command).or_default().push(since.elapsed());
    }

    /// Others use this machine, too: what holds for most holds.
    fn are_kept(mut self) {
        for (command, times) in &mut self.0 {
            times.sort_unstable();
            println!("{command}: {times:?}");
            let median = times[times.len() / 2];
            assert!(median <= SOON + BUSY, "{command}: {times:?}");
        }
        assert_eq!(self.0.len(), 7, "{:?}", self.0);
    }
}

async fn commands_take_effect_at_other_nodes_within_a_second(bus: Bus) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let file = file_of(&[("slow", &judge)]);
    let Some(fleet) = Fleet::start_by(&bus, 3, |setup| setup.file(&file)).await else {
        return;
    };
    let mut times = Times::default();
    for round in 0..ROUNDS {
        let name = format!("person-{round}");
        let nora = fleet.first.register(&name).await;
        let at = fleet.everywhere(&nora);
        of_runs(&fleet, &at, round, &judge, &mut times).await;
        of_logins(&fleet, &name, round, &mut times).await;
    }
    times.are_kept();
    fleet.finish().await;
}

/// Starts at one node what is watched at all, and ends it through a node that does not work on it.
async fn of_runs(
    fleet: &Fleet,
    at: &[Person],
    round: usize,
    judge: &ScriptedJudge,
    times: &mut Times,
) {
    for command in ["cancel", "delete"] {
        let starter = round % 3;
        let id = at[starter].create(&samples::evaluation_by(&["slow"])).await;
        let mut watchers: Vec<Socket> = Vec::new();
        for person in at {
            let mut socket = person.connect().await;
            socket.join(&id).await;
            watchers.push(socket);
        }
        let before = judge.asked();
        let begin = Instant::now();
        at[starter].start(&id).await;
        judge.until_asked(before + 1).await;
        times.took("start", begin);
        for watcher in &mut watchers {
            assert_eq!(watcher.next_event().await.seq(), 1);
        }

        let owner = fleet.owner_of(&id).expect("somebody works on it");
        let other = &at[(owner + 1) % 3];
        let begin = Instant::now();
        if command == "cancel" {
            other.cancel(&id).await.has(202);
            let end = watchers[owner].next_of("evaluation_cancelled").await;
            assert_eq!(text(&end.value["session_id"]), id);
            times.took(command, begin);
            other.cancel(&id).await.is_problem(409, "not_running");
        } else {
            let path = format!("/evaluations/{id}");
            // Answered once its owner has ended the run.
            other.delete(&path).await.has(204);
            times.took(command, begin);
            let begin = Instant::now();
            watchers.swap(0, owner);
            for (n, watcher) in watchers.iter_mut().enumerate() {
                let closed = watcher.next_of("session_closed").await;
                assert_eq!(closed.data()["session_id"], id.as_str());
                assert_eq!(closed.data()["reason"], "deleted");
                if n == 0 {
                    times.took("deletion told", begin);
                }
            }
            for person in at {
                person.get(&path).await.is_problem(404, "not_found");
            }
        }
        for watcher in watchers {
            watcher.close().await;
        }
    }
}

/// Ends logins and a key at one node whose connections are at others.
async fn of_logins(fleet: &Fleet, name: &str, round: usize, times: &mut Times) {
    let [here, there] = [round % 3, (round + 1) % 3];
    let phone = fleet.first.login(name).await;
    let nora = fleet.everywhere(&fleet.first.login(name).await);
    let wanted = json!({ "name": "robot", "scopes": ["read"] });
    let made = nora[here].post("/keys", &wanted).await.has(201).json();
    let mut robot = nora[there].clone();
    robot.access = text(&made["key"]);
    let mut by_phone = phone.through(&fleet.door(there)).connect().await;
    let mut by_key = robot.connect().await;
    let mut by_login = nora[there].connect().await;

    let begin = Instant::now();
    let path = format!("/keys/{}", text(&made["id"]));
    nora[here].delete(&path).await.has(204);
    assert_eq!(by_key.until_closed().await.1, 4503);
    times.took("key revoked", begin);

    let change =
        json!({ "current_password": PASSWORD, "new_password": "a short walk up the hill" });
    nora[here].post("/auth/password", &change).await.has(204);
    // Two passwords are hashed before it is answered, which takes what it takes.
    let begin = Instant::now();
    assert_eq!(by_phone.until_closed().await.1, 4503);
    times.took("new password", begin);

    let logout = json!({ "refresh_token": nora[here].refresh });
    let begin = Instant::now();
    let door = nora[here].door();
    door.post("/auth/logout", &logout).await.has(204);
    assert_eq!(by_login.until_closed().await.1, 4503);
    times.took("logout", begin);
}
