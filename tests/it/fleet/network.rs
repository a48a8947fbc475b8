//! The network between the nodes, their database and their bus breaks: what is promised for that, and that nothing is
//! told where nobody is there to hear it.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use serde_json::json;

use super::nodes::{Bus, becomes, by_every_bus, log_of, ready};
use super::{Fleet, file_of};
use crate::harness::{
    Cluster, DEADLINE, Frame, GLANCE, Manner, Person, Relay, ScriptedJudge, Setup, Socket, text,
};
use crate::samples;

/// Soon enough for a test, and the least that may be set.
const PATIENCE: &str = "3000";

/// How many nodes hear each other.
const HEARING: &str = "SELECT count(*) AS count FROM nodes WHERE NOT bus_deaf";

fn texts(events: &[Frame]) -> Vec<&str> {
    events.iter().map(|event| event.text.as_str()).collect()
}

/// Whoever watches at one node sees what is worked on at the other.
async fn shows(watching: &Person, working: &Person) {
    let id = working.create(&samples::evaluation_by(&["lexical"])).await;
    let mut socket = watching.connect().await;
    socket.join(&id).await;
    working.start(&id).await;
    let seen = socket.until_terminal().await;
    socket.close().await;
    let log = log_of(working, &id).await;
    assert_eq!(seen.len(), log.len());
}

by_every_bus!(
    a_node_that_is_cut_from_the_bus_harms_nobody,
    the_bus_restarts_under_the_fleet,
);

async fn a_node_that_is_cut_from_the_bus_harms_nobody(bus: Bus) {
    let Some(mut fleet) = Fleet::start_by(&bus, 2, |setup| setup).await else {
        return;
    };
    let (way, (variable, through)) = bus.relayed(&fleet.first.database());
    let variables = [(variable, through.as_str())];
    fleet.others.push(fleet.first.another_node_with(&variables));
    fleet.know_each_other().await;
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    fleet.until(HEARING, 3).await;

    // Each says so, and everything is found by looks, in both directions.
    way.cut();
    fleet.until(HEARING, 2).await;
    shows(&at[2], &at[0]).await;
    shows(&at[0], &at[2]).await;
    way.hold();
    shows(&at[2], &at[0]).await;
    way.pass();
    fleet.until(HEARING, 3).await;
    shows(&at[2], &at[0]).await;
    fleet.finish().await;
}

/// How the first node says that it hears the others; it serves, however that is.
async fn bus_of(fleet: &Fleet) -> String {
    text(&ready(fleet.node(0)).await.has(200).json()["bus"])
}

/// Nobody hears anybody for a while: nothing is lost, and nothing is later than a look.
async fn the_bus_restarts_under_the_fleet(bus: Bus) {
    /// What the table in docs/how-to/several-nodes.md promises, and what a busy machine takes beside it.
    const A_LOOK: Duration = Duration::from_secs(1 + 3);
    let slow = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &slow)]);
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let (way, (variable, through)) = bus.relayed(&setup.database());
    let setup = setup.file(&file).set(variable, &through);
    let mut fleet = Fleet::of_one(setup).await;
    for _ in 0..2 {
        fleet.others.push(fleet.first.another_node());
    }
    fleet.know_each_other().await;
    fleet.until(HEARING, 3).await;
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let body = samples::evaluation_by(&["slow"]);
    let (lasting, stopped) = (nora.create(&body).await, nora.create(&body).await);
    let mut elsewhere = at[0].connect().await;
    for id in [&lasting, &stopped] {
        elsewhere.join(id).await;
        at[1].start(id).await;
    }
    slow.until_asked(2).await;

    assert_eq!(bus_of(&fleet).await, "heard");
    way.cut();
    fleet.until(HEARING, 0).await;
    assert_eq!(bus_of(&fleet).await, "deaf");
    let begin = Instant::now();
    at[0].cancel(&stopped).await.has(202);
    let end = elsewhere.next_of("evaluation_cancelled").await;
    assert_eq!(end.value["session_id"], stopped.as_str());
    let cancelled = begin.elapsed();
    // A run that begins while nobody hears it.
    shows(&at[0], &at[1]).await;
    shows(&at[1], &at[0]).await;
    let begin = Instant::now();
    slow.open();
    let end = elsewhere.next_of("evaluation_complete").await;
    assert_eq!(end.value["session_id"], lasting.as_str());
    let shown = begin.elapsed();
    println!(
        "without a bus a cancel took {} ms, and an event was shown elsewhere after {} ms",
        cancelled.as_millis(),
        shown.as_millis()
    );
    assert!(
        cancelled < A_LOOK && shown < A_LOOK,
        "{cancelled:?} {shown:?}"
    );

    way.pass();
    fleet.until(HEARING, 3).await;
    shows(&at[0], &at[1]).await;
    let log = log_of(&at[0], &lasting).await;
    for (event, seq) in log.iter().zip(1..) {
        assert_eq!(event["seq"], seq);
    }
    elsewhere.close().await;
    fleet.finish().await;
}

/// How a way is broken.
#[derive(Clone, Copy)]
enum Broken {
    /// Every connection ends, and no new one is taken.
    Cut,
    /// Every connection stays, and nothing comes through in either direction.
    Held,
}

#[tokio::test]
async fn a_node_that_is_cut_from_its_database_harms_nobody() {
    without_a_database(Broken::Cut).await;
}

#[tokio::test]
async fn a_node_whose_database_does_not_answer_harms_nobody() {
    without_a_database(Broken::Held).await;
}

async fn without_a_database(broken: Broken) {
    let slow = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &slow)]);
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let setup = setup
        .file(&file)
        .set("AUDITOR_FLEET__PATIENCE_MS", PATIENCE);
    let mut fleet = Fleet::of_one(setup).await;
    let (to_database, through) = Relay::before(&fleet.first.database());
    let variables = [("DATABASE_URL", through.as_str())];
    fleet.others.push(fleet.first.another_node_with(&variables));
    fleet.others.push(fleet.first.another_node());
    fleet.know_each_other().await;
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);

    // Its run goes on elsewhere, its clients stay and get the rest.
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    let (mut there, mut here) = (at[1].connect().await, at[0].connect().await);
    there.join(&id).await;
    here.join(&id).await;
    at[1].start(&id).await;
    slow.until_asked(1).await;
    assert_eq!(fleet.owner_of(&id), Some(1));
    let begin = Instant::now();
    match broken {
        Broken::Cut => to_database.cut(),
        Broken::Held => to_database.hold(),
    }
    slow.until_asked(2).await;
    if let Broken::Cut = broken {
        let refused = ready(fleet.node(1)).await;
        refused.is_problem(503, "overloaded");
    }
    println!(
        "a run of a node without its database went on after {} ms",
        begin.elapsed().as_millis()
    );
    slow.open();
    let seen = here.until_terminal().await;
    assert_eq!(seen.last().unwrap().kind(), "evaluation_complete");
    to_database.pass();
    let rest = there.until_terminal().await;
    assert_eq!(texts(&rest), texts(&seen));
    assert_eq!(log_of(&at[0], &id).await.len(), seen.len());
    // It is a node again.
    fleet.until("SELECT count(*) AS count FROM nodes", 3).await;
    let id = at[1].create(&samples::evaluation_by(&["lexical"])).await;
    let begin = Instant::now();
    while at[1]
        .post(&format!("/evaluations/{id}/start"), &json!({}))
        .await
        .status
        != 202
    {
        assert!(begin.elapsed() < DEADLINE, "it does not begin anew");
        tokio::time::sleep(GLANCE).await;
    }
    becomes(&at[0], &id, "completed", DEADLINE).await;
    there.close().await;
    here.close().await;
    fleet.finish().await;
}

#[tokio::test]
async fn the_database_restarts_under_the_fleet() {
    let Some(cluster) = Cluster::start_new() else {
        return;
    };
    let slow = ScriptedJudge::start(Manner::Waits);
    let setup = Setup::sqlite()
        .set("DATABASE_URL", &cluster.url())
        .file(&file_of(&[("slow", &slow)]))
        .set("AUDITOR_FLEET__PATIENCE_MS", PATIENCE);
    let mut fleet = Fleet::of_one(setup).await;
    for _ in 0..2 {
        fleet.others.push(fleet.first.another_node());
    }
    fleet.know_each_other().await;
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    let mut watchers: Vec<Socket> = Vec::new();
    for person in &at {
        let mut socket = person.connect().await;
        socket.join(&id).await;
        watchers.push(socket);
    }
    at[1].start(&id).await;
    slow.until_asked(1).await;
    let who = "SELECT count(*) AS count FROM nodes";
    let ids = "SELECT ('x' || substr(md5(string_agg(id, ',' ORDER BY id)), 1, 15))::bit(60)::bigint AS count FROM nodes";
    let before = fleet.count(ids);
    cluster.crash();
    // Longer than anybody's patience with a node that is dead.
    tokio::time::sleep(Duration::from_secs(4)).await;
    cluster.start();
    slow.open();
    let mut seen = Vec::new();
    for mut socket in watchers {
        let events = socket.until_terminal().await;
        seen.push(texts(&events).join(","));
        socket.close().await;
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
    assert_eq!(slow.asked(), 1, "nobody was asked twice");
    assert_eq!(
        (fleet.count(who), fleet.count(ids)),
        (3, before),
        "nobody was buried"
    );
    let owners = "SELECT fence AS count FROM evaluation_sessions";
    assert_eq!(fleet.count(owners), 1, "the run had one owner");
    fleet.until(HEARING, 3).await;
    fleet.finish().await;
}

/// Hears what the nodes tell each other.
struct Listener(PgConnection);

impl Listener {
    fn new(url: &str) -> Self {
        let mut connection = PgConnection::establish(url).unwrap();
        diesel::sql_query("LISTEN judge_auditor")
            .execute(&mut connection)
            .unwrap();
        Self(connection)
    }

    /// Lines that were told since the last call, without what a node tells itself.
    #[expect(
        clippy::disallowed_methods,
        reason = "the connection blocks this thread, which is the test's own, all the same"
    )]
    fn lines(&mut self) -> Vec<String> {
        // What was told before comes before this.
        diesel::sql_query("NOTIFY judge_auditor, 'mark'")
            .execute(&mut self.0)
            .unwrap();
        let begin = Instant::now();
        let mut lines = Vec::new();
        loop {
            for notice in self.0.notifications_iter() {
                let text = notice.unwrap().payload;
                if text == "mark" {
                    return lines;
                }
                if !text.starts_with("echo ") {
                    lines.extend(text.lines().skip(1).map(str::to_owned));
                }
            }
            assert!(begin.elapsed() < DEADLINE, "the server passes nothing on");
            std::thread::sleep(GLANCE);
        }
    }

    /// Waits for a line that begins so.
    async fn until(&mut self, start: &str) {
        let begin = Instant::now();
        while !self.lines().iter().any(|line| line.starts_with(start)) {
            assert!(begin.elapsed() < DEADLINE, "nobody tells: {start}");
            tokio::time::sleep(GLANCE).await;
        }
    }
}

#[tokio::test]
async fn nodes_tell_each_other_and_one_tells_nobody() {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let file = file_of(&[("slow", &judge)]);
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let mut fleet = Fleet::of_one(setup.file(&file)).await;
    let mut listener = Listener::new(&fleet.first.database());
    let nora = fleet.first.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    nora.delete(&format!("/evaluations/{id}")).await.has(204);
    assert_eq!(listener.lines(), Vec::<String>::new());

    fleet.others.push(fleet.first.another_node());
    fleet.know_each_other().await;
    let at = fleet.everywhere(&nora);
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    at[0].start(&id).await;
    listener.until(&format!("stored {id} ")).await;
    judge.until_asked(1).await;
    at[1].cancel(&id).await.has(202);
    listener.until(&format!("stop {id} ")).await;
    becomes(&at[1], &id, "cancelled", DEADLINE).await;
    at[1].delete(&format!("/evaluations/{id}")).await.has(204);
    listener.until(&format!("gone {id}")).await;
    let guest = fleet.first.register("ada").await;
    let mut socket = fleet.everywhere(&guest)[0].connect().await;
    let body = json!({ "refresh_token": guest.refresh });
    at[1].door().post("/auth/logout", &body).await.has(204);
    listener.until("revoked login ").await;
    assert_eq!(socket.until_closed().await.1, 4503);
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    at[1].start(&id).await;
    judge.until_asked(2).await;
    let node = fleet.node_mut(1);
    node.terminate();
    listener.until("due").await;
    assert!(fleet.node_mut(1).ended().await.success());
    judge.until_asked(3).await;
    at[0].cancel(&id).await.has(202);
    becomes(&at[0], &id, "cancelled", DEADLINE).await;
    fleet.finish().await;
}

/// A run whose owner does not know of it, as after an answer of the database that was lost.
#[tokio::test]
async fn a_run_that_its_node_does_not_know_of_is_taken_up() {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let file = file_of(&[("slow", &judge)]);
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let fleet = Fleet::of_one(setup.file(&file)).await;
    let nora = fleet.first.register("nora").await;
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    nora.start(&id).await;
    judge.until_asked(1).await;
    let change = "UPDATE evaluation_sessions SET fence = fence + 1";
    crate::harness::change(&fleet.first.database(), change);
    judge.until_asked(2).await;
    nora.cancel(&id).await.has(202);
    becomes(&nora, &id, "cancelled", DEADLINE).await;
    fleet.finish().await;
}
