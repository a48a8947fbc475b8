//! PostgreSQL fails over to a second server that lacks what was stored last, since nobody waited for it.

use std::time::Instant;

use diesel::prelude::*;
use serde_json::{Value, json};

use super::nodes::{becomes, log_of};
use super::{Fleet, file_of};
use crate::harness::{
    Cluster, DEADLINE, Frame, GLANCE, Manner, Relay, ScriptedJudge, Setup, Socket,
};
use crate::samples;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn count(cluster: &Cluster, query: &str) -> i64 {
    let mut connection = PgConnection::establish(&cluster.url()).unwrap();
    let row: Count = diesel::sql_query(query)
        .get_result(&mut connection)
        .unwrap();
    row.count
}

/// Events up to the one of this kind, and that one.
async fn until_kind(socket: &mut Socket, kind: &str) -> Vec<Frame> {
    let mut events = Vec::new();
    loop {
        let event = socket.next_event().await;
        let is_it = event.kind() == kind;
        events.push(event);
        if is_it {
            return events;
        }
    }
}

#[tokio::test]
async fn what_a_failover_loses_is_told_to_those_who_saw_it() {
    let Some(first) = Cluster::start_new() else {
        return;
    };
    let (replication, through) = Relay::before(&first.url());
    let second = first.standby_of(&through);
    let (quick, slow) = (
        ScriptedJudge::start(Manner::Waits),
        ScriptedJudge::start(Manner::Waits),
    );
    let setup = Setup::sqlite()
        .set("DATABASE_URL", &first.url_with(&second))
        .file(&file_of(&[("quick", &quick), ("slow", &slow)]));
    let mut fleet = Fleet::of_one(setup).await;
    for _ in 0..2 {
        fleet.others.push(fleet.first.another_node());
    }
    fleet.know_each_other().await;
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let id = nora
        .create(&samples::evaluation_by(&["quick", "slow"]))
        .await;
    let mut watchers = Vec::new();
    let mut epoch = Value::Null;
    for person in &at {
        let mut socket = person.connect().await;
        epoch = socket.join(&id).await["data"]["epoch"].clone();
        watchers.push(socket);
    }
    nora.start(&id).await;
    quick.until_asked(1).await;
    slow.until_asked(1).await;
    // All of that is on the second server, what comes next is not.
    let stored = format!("SELECT last_seq AS count FROM evaluation_sessions WHERE id = '{id}'");
    let before = count(&first, &stored);
    let begin = Instant::now();
    while count(&second, &stored) < before {
        assert!(begin.elapsed() < DEADLINE, "the standby repeats nothing");
        tokio::time::sleep(GLANCE).await;
    }
    replication.hold();
    quick.open();
    for watcher in &mut watchers {
        let seen = until_kind(watcher, "judge_result").await;
        assert!(seen.last().unwrap().seq() as i64 > before);
    }
    first.crash();
    second.promote();
    assert_eq!(count(&second, &stored), before);

    // The answer is gone, and whoever saw it is told that the log is another one.
    for watcher in &mut watchers {
        let closed = watcher.next_of("session_closed").await;
        assert_eq!(closed.data()["session_id"], id.as_str());
        assert_eq!(closed.data()["reason"], "log_replaced", "{}", closed.text);
    }
    let mut again = at[1].connect().await;
    let joined = again.resume(&id, &epoch, 1).await;
    assert_eq!(joined["data"]["reason"], "epoch_mismatch", "{joined}");
    let mut watching: Vec<Socket> = Vec::new();
    for person in &at {
        let mut socket = person.connect().await;
        socket.join(&id).await;
        watching.push(socket);
    }
    quick.until_asked(2).await;
    slow.open();
    let mut seen: Vec<Vec<Value>> = Vec::new();
    for watcher in &mut watching {
        let events = watcher.until_terminal().await;
        assert_eq!(events.last().unwrap().kind(), "evaluation_complete");
        seen.push(events.into_iter().map(|event| event.value).collect());
    }
    let log: Vec<Value> = log_of(&at[2], &id).await;
    assert_eq!(seen, [log.clone(), log.clone(), log.clone()]);
    let answers = log.iter().filter(|event| event["type"] == "judge_result");
    assert_eq!(answers.count(), 2);
    let told = (0..3).map(|node| fleet.node(node).printed());
    let told = told.filter(|printed| printed.contains("has lost events that were shown"));
    assert!(told.count() > 0, "the operator is told");

    // For what nobody watched.
    let mut command = fleet.first.beside(&["after-restore"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("logs with a new epoch: 1; logins"),
        "{said}"
    );
    for watcher in &mut watching {
        assert_eq!(watcher.until_closed().await.1, 4503, "its login has ended");
    }
    // The nodes begin anew, and work.
    fleet
        .until("SELECT count(*) AS count FROM nodes WHERE beat > 2", 3)
        .await;
    let nora = fleet.first.login("nora").await;
    for person in fleet.everywhere(&nora) {
        let other = person.create(&samples::evaluation_by(&["lexical"])).await;
        person.start(&other).await;
        becomes(&nora, &other, "completed", DEADLINE).await;
        let position = json!({ "session_id": id, "epoch": joined["data"]["epoch"], "last_seq": 1 });
        let mut socket = person.connect().await;
        let joined = socket.command("join_session", position).await;
        assert_eq!(joined["data"]["reason"], "epoch_mismatch", "{joined}");
        socket.close().await;
    }
    fleet.finish().await;
}
