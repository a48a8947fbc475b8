//! Any node shows any session, and takes any command.

use std::time::{Duration, Instant};

use super::nodes::{Bus, becomes, by_every_bus, log_of};
use super::{Fleet, file_of};
use crate::harness::{Manner, Person, ScriptedJudge, Setup, Socket};
use crate::samples;

/// What a command at another node may take until it is carried out, on a machine that many tests share.
const SOON: Duration = Duration::from_secs(5);

/// Who changes nodes at the same time, and of how many claims the audits are that each of them watches.
const CLIENTS: usize = 4;
const CLAIMS: usize = 50;

by_every_bus!(
    any_node_shows_any_session,
    a_run_that_waits_is_seen_at_every_node,
    a_client_that_changes_nodes_is_never_from_the_future,
);

async fn any_node_shows_any_session(bus: Bus) {
    let judge = ScriptedJudge::start(Manner::Takes(Duration::from_millis(1500)));
    let file = file_of(&[("slow", &judge)]);
    let Some(fleet) = Fleet::start_by(&bus, 3, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let mut delays = Vec::new();
    for (owner, starter) in at.iter().enumerate() {
        let id = at[(owner + 1) % 3]
            .create(&samples::evaluation_by(&["lexical", "slow"]))
            .await;
        let mut watchers = Vec::new();
        for person in &at {
            let mut socket = person.connect().await;
            socket.join(&id).await;
            watchers.push(tokio::spawn(timed(socket)));
        }
        starter.start(&id).await;
        let (mut seen, mut times) = (Vec::new(), Vec::new());
        for watcher in watchers {
            let (texts, at): (Vec<String>, Vec<Instant>) =
                watcher.await.unwrap().into_iter().unzip();
            seen.push(texts);
            times.push(at);
        }
        for (other, came) in times.iter().enumerate().filter(|(at, _)| *at != owner) {
            let came = came.iter().zip(&times[owner]);
            delays
                .extend(came.map(|(there, here)| (there.saturating_duration_since(*here), other)));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[1], seen[2]);
        let page = at[(owner + 2) % 3]
            .get(&format!("/evaluations/{id}/events?limit=500"))
            .await
            .has(200);
        let events = format!("\"events\":[{}]", seen[0].join(","));
        assert!(page.text.contains(&events), "{}", page.text);
    }
    assert_eq!(judge.asked(), 3, "each run was worked on by one node");
    delays.sort_unstable();
    let part = |share: usize| delays[(delays.len() - 1) * share / 100].0.as_millis();
    println!(
        "{} events were seen at another node later than at their own by {} ms (p50), {} ms (p99)",
        delays.len(),
        part(50),
        part(99)
    );
    fleet.finish().await;
}

/// The node that took the start has no place for the run, so no room has it that would tell the others.
async fn a_run_that_waits_is_seen_at_every_node(bus: Bus) {
    let judge = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &judge)]);
    let one_place = |setup: Setup| setup.file(&file).set("AUDITOR_RUNS__MAX_CONCURRENT", "1");
    let Some(fleet) = Fleet::start_by(&bus, 2, one_place).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let body = samples::evaluation_by(&["slow"]);
    let id = nora.create(&body).await;
    let mut watching = Vec::new();
    for person in &at {
        let mut socket = person.connect().await;
        socket.join(&id).await;
        watching.push(socket);
    }
    // Meanwhile each room has looked at the log for the first time, and looks again ten seconds later.
    for (places, person) in at.iter().enumerate() {
        person.start(&nora.create(&body).await).await;
        judge.until_asked(places + 1).await;
    }
    nora.start(&id).await;
    for socket in &mut watching {
        let event = tokio::time::timeout(SOON, socket.next_event()).await;
        let event = event.expect("it is told to every node");
        assert_eq!(event.data()["stage"], "queued");
    }
    judge.open();
    for mut socket in watching {
        let seen = socket.until_terminal().await;
        assert_eq!(seen.last().unwrap().kind(), "evaluation_complete");
        socket.close().await;
    }
    fleet.finish().await;
}

/// All events of a session, each with the time at which it came.
async fn timed(mut socket: Socket) -> Vec<(String, Instant)> {
    let mut seen = Vec::new();
    loop {
        let event = socket.next_event().await;
        let is_over = event.is_terminal();
        seen.push((event.text, Instant::now()));
        if is_over {
            socket.close().await;
            return seen;
        }
    }
}

/// A thousand quick changes in all, or some hundreds where the bus brings the events themselves: a client that has just
/// been shown an event comes to another node at once, over a socket that is open there already, so that this node may
/// not have heard of the event.
async fn a_client_that_changes_nodes_is_never_from_the_future(bus: Bus) {
    let audits = match bus {
        Bus::Nats(_) => 1,
        Bus::Postgres | Bus::Nowhere => 5,
    };
    let Some(fleet) = Fleet::start_by(&bus, 3, |setup| setup).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(changes(fleet.everywhere(&nora), client, audits)))
        .collect();
    let (mut all, mut newest) = (0, 0);
    for client in clients {
        let (changes, of_newest) = client.await.unwrap();
        all += changes;
        newest += of_newest;
    }
    println!("{all} changes of the node, {newest} of them with the newest event");
    assert!(all >= 200 * audits, "{all}");
    fleet.finish().await;
}

/// Watches some audits, each event at another node than the one before. How often the node was changed, and how often
/// with the newest event there was.
async fn changes(at: Vec<Person>, client: usize, audits: usize) -> (usize, usize) {
    let (mut changes, mut newest) = (0, 0);
    for n in 0..audits {
        let mut node = client + n;
        let id = at[node % 3].create(&samples::long_evaluation(CLAIMS)).await;
        let mut socket = at[node % 3].connect().await;
        let mut next = at[(node + 1) % 3].connect().await;
        let epoch = socket.join(&id).await["data"]["epoch"].clone();
        at[client % 3].start(&id).await;
        let mut last = 0;
        loop {
            let event = socket.next_event().await;
            assert_eq!(event.seq(), last + 1, "{}", event.text);
            last += 1;
            if event.is_terminal() {
                break;
            }
            let joined = next.resume(&id, &epoch, last).await;
            assert_eq!(joined["data"]["recovered"], true, "{joined}");
            changes += 1;
            newest += usize::from(joined["data"]["last_seq"] == last);
            node += 1;
            // The socket before is lost, without a word.
            socket = std::mem::replace(&mut next, at[(node + 1) % 3].connect().await);
        }
        socket.close().await;
        next.close().await;
    }
    (changes, newest)
}

#[tokio::test]
async fn a_run_that_nobody_works_on_is_ended_where_somebody_asks() {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let file = file_of(&[("slow", &judge)]);
    let setup = |setup: Setup| setup.file(&file).set("AUDITOR_RUNS__MAX_CONCURRENT", "1");
    let Some(mut fleet) = Fleet::start(2, setup).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let body = samples::evaluation_by(&["slow"]);
    let mut ids = Vec::new();
    // One at work at each node, and two that wait.
    for at in [&at[0], &at[1], &at[1], &at[1]] {
        let id = at.create(&body).await;
        at.start(&id).await;
        ids.push(id);
    }
    judge.until_asked(2).await;
    fleet.node_mut(1).kill();
    let nobodys = "SELECT count(*) AS count FROM evaluation_sessions \
        WHERE status = 'in_progress' AND owner IS NULL";
    let begin = Instant::now();
    while fleet.count(nobodys) < 3 {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "nobody gives them back"
        );
        tokio::time::sleep(crate::harness::GLANCE).await;
    }
    // All places are taken: they wait, and are live for whoever asks.
    for id in &ids[1..] {
        assert_eq!(at[0].evaluation(id).await["status"], "in_progress");
        at[0].cancel(id).await.has(202);
        becomes(&at[0], id, "cancelled", SOON).await;
        let log = log_of(&at[0], id).await;
        assert_eq!(log.last().unwrap()["type"], "evaluation_cancelled");
    }
    at[0].cancel(&ids[0]).await.has(202);
    becomes(&at[0], &ids[0], "cancelled", SOON).await;
    fleet.finish().await;
}
