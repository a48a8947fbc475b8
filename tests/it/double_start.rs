//! However a start is repeated, by whichever door, before or after a crash: it is one run.

use serde_json::{Value, json};

use crate::harness::{Manner, Person, ScriptedJudge, Setup, Socket, text};
use crate::samples;

on_every_database!(
    two_starts_at_the_same_instant_are_one_run,
    a_named_start_is_the_same_run_after_a_restart,
);

const ROUNDS: usize = 16;

/// Both doors at once: the run that REST and the socket name, and whether each says that it started it.
async fn start_twice(
    nora: &Person,
    socket: &mut Socket,
    id: &str,
    name: Option<&str>,
) -> [(bool, String); 2] {
    let path = format!("/evaluations/{id}/start");
    let (body, mut data) = match name {
        Some(name) => (
            json!({ "client_request_id": name }),
            json!({ "client_request_id": name }),
        ),
        None => (json!({}), json!({})),
    };
    data["session_id"] = json!(id);
    let (rest, reply) = tokio::join!(
        nora.post(&path, &body),
        socket.command("start_evaluation", data)
    );
    let answer = rest.json();
    let rest = match rest.status {
        202 => (true, text(&answer["run_id"])),
        _ => {
            rest.is_problem(409, "evaluation_in_progress");
            (false, text(&answer["run_id"]))
        }
    };
    [rest, told(&reply)]
}

fn told(reply: &Value) -> (bool, String) {
    if reply["type"] == "evaluation_started" {
        return (true, text(&reply["data"]["run_id"]));
    }
    assert_eq!(reply["error"]["code"], "evaluation_in_progress", "{reply}");
    (false, text(&reply["error"]["details"]["run_id"]))
}

async fn two_starts_at_the_same_instant_are_one_run(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = setup
        .file(&judge.configured("slow"))
        .limit("commands_per_second", 0)
        .limit("sessions_per_connection", 0)
        .start()
        .await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    let mut by_rest = 0;
    for round in 0..ROUNDS {
        let id = nora.create(&samples::evaluation_by(&["slow"])).await;
        let name = format!("round-{round}");
        let name = (round % 2 == 0).then_some(name.as_str());
        let [rest, reply] = start_twice(&nora, &mut socket, &id, name).await;
        assert_eq!(rest.1, reply.1, "one run");
        match name {
            Some(_) => assert!(rest.0 && reply.0, "the same request, both times"),
            None => assert_ne!(rest.0, reply.0, "one started it, one is told so"),
        }
        by_rest += usize::from(rest.0 && !reply.0);
        nora.cancel(&id).await.has(202);
        let mut watcher = nora.connect().await;
        watcher.join(&id).await;
        let events = watcher.until_terminal().await;
        assert!(
            events
                .iter()
                .all(|event| event.value["run_id"] == rest.1.as_str())
        );
        watcher.close().await;
    }
    println!(
        "of {} starts without a name REST was first {by_rest} times",
        ROUNDS / 2
    );
    socket.close().await;
    server.finish().await;
}

async fn a_named_start_is_the_same_run_after_a_restart(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let mut server = setup.file(&judge.configured("slow")).start().await;
    let nora = server.register("nora").await;
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    let mut socket = nora.connect().await;
    let [rest, reply] = start_twice(&nora, &mut socket, &id, Some("mine")).await;
    assert_eq!(rest, reply);
    drop(socket);
    server.kill();
    server.start_again();
    let mut socket = nora.connect().await;
    assert_eq!(
        start_twice(&nora, &mut socket, &id, Some("mine")).await,
        [rest.clone(), rest.clone()]
    );
    socket.join(&id).await;
    nora.cancel(&id).await.has(202);
    socket.until_terminal().await;
    socket.close().await;
    server.restart().await;
    let mut socket = nora.connect().await;
    assert_eq!(
        start_twice(&nora, &mut socket, &id, Some("mine")).await,
        [rest.clone(), rest],
        "also after its run has ended"
    );
    assert_eq!(
        nora.evaluation(&id).await["status"],
        "cancelled",
        "nothing was started"
    );
    socket.close().await;
    server.finish().await;
}
