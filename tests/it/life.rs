//! The life of the process: ready, draining, ended, killed, back again.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Manner, ScriptedJudge, Setup, Socket, text};
use crate::samples;

on_every_database!(
    it_says_when_it_is_ready_and_ends_on_sigterm,
    a_drain_says_goodbye_and_the_run_goes_on_after_it,
    a_killed_server_forgets_nothing_that_it_told,
    the_documents_are_served,
);

async fn it_says_when_it_is_ready_and_ends_on_sigterm(setup: Setup) {
    let mut server = setup.start().await;
    let door = server.door().clone();
    door.send(door.outside(Method::GET, "/readyz"))
        .await
        .has(200);
    let health = door.health().await;
    assert_eq!(
        (&health["connections"], &health["rooms"], &health["runs"]),
        (&json!(0), &json!(0), &json!(0))
    );
    let nora = server.register("nora").await;
    let socket = nora.connect().await;
    assert_eq!(door.health().await["connections"], 1);
    socket.close().await;
    server.is_idle().await;
    server.terminate();
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.printed());
}

/// Joins a run that its only judge will never end, and waits until that judge was asked.
async fn until_judging(socket: &mut Socket) -> u64 {
    loop {
        let event = socket.next_event().await;
        if event.data()["stage"] == "judging" {
            return event.seq();
        }
    }
}

async fn a_drain_says_goodbye_and_the_run_goes_on_after_it(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let setup = setup
        .file(&judge.configured("slow"))
        .set("AUDITOR_SERVER__DRAIN_MS", "3000");
    let mut server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    let mut socket = nora.connect().await;
    let epoch = socket.join(&id).await["data"]["epoch"].clone();
    let run = nora.start(&id).await;
    let seen = until_judging(&mut socket).await;

    server.terminate();
    let (frames, code) = socket.until_closed().await;
    assert_eq!(code, 1012);
    let drain = frames
        .iter()
        .find(|frame| frame.kind() == "drain")
        .expect("a drain notice");
    assert!(
        drain.data()["reconnect_after_ms"]
            .as_u64()
            .is_some_and(|ms| ms <= 3000),
        "{}",
        drain.text
    );
    assert!(drain.data()["deadline_ms"].is_u64(), "{}", drain.text);
    assert!(
        !frames
            .iter()
            .any(|frame| frame.kind() == "evaluation_cancelled"),
        "{frames:?}"
    );
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.printed());

    server.start_again();
    let mut socket = nora.connect().await;
    let joined = socket.resume(&id, &epoch, seen).await;
    assert_eq!(joined["data"]["recovered"], true, "{joined}");
    assert_eq!(
        joined["data"]["status"], "in_progress",
        "the run was taken up again: {joined}"
    );
    nora.cancel(&id).await.has(202);
    let rest = socket.until_terminal().await;
    for (event, seq) in rest.iter().zip(seen + 1..) {
        assert_eq!(event.seq(), seq);
        assert_eq!(event.value["run_id"], run.as_str());
    }
    socket.close().await;
    server.finish().await;
}

async fn a_killed_server_forgets_nothing_that_it_told(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let mut server = setup.file(&judge.configured("slow")).start().await;
    let nora = server.register("nora").await;
    let id = nora
        .create(&samples::evaluation_by(&["lexical", "slow"]))
        .await;
    let mut socket = nora.connect().await;
    socket.join(&id).await;
    nora.start(&id).await;
    let mut seen = Vec::new();
    loop {
        let event = socket.next_event().await;
        let heard = event.kind() == "judge_result";
        seen.push(event);
        if heard {
            break;
        }
    }
    server.kill();
    drop(socket);
    server.start_again();

    let last = seen.last().unwrap();
    let mut socket = nora.connect().await;
    let joined = socket.join(&id).await;
    assert_eq!(joined["data"]["recovered"], true, "{joined}");
    for event in &seen {
        assert_eq!(
            socket.next_event().await.text,
            event.text,
            "what was told stands in the log"
        );
    }
    nora.cancel(&id).await.has(202);
    let rest = socket.until_terminal().await;
    for (event, seq) in rest.iter().zip(last.seq() + 1..) {
        assert_eq!(event.seq(), seq);
    }
    let before = seen.iter().chain(&rest);
    let mut decided = before
        .filter(|event| event.kind() == "claim_verdict")
        .map(|event| text(&event.data()["claim"]["id"]))
        .collect::<Vec<_>>();
    decided.sort_unstable();
    let all = decided.len();
    decided.dedup();
    assert_eq!(decided.len(), all, "no claim was decided twice");
    let heard = rest
        .iter()
        .filter(|event| event.data()["judge_name"] == "lexical")
        .count();
    assert_eq!(heard, 0, "no judge was heard twice");
    socket.close().await;
    server.finish().await;
}

async fn the_documents_are_served(setup: Setup) {
    let server = setup.start().await;
    let door = server.door();
    let openapi = door.get("/openapi.json").await.has(200).json();
    assert!(
        openapi["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3."))
    );
    let prefix = "/docs";
    let docs = door.send(door.outside(Method::GET, prefix)).await;
    assert!(
        [200, 301, 302, 303, 307, 308].contains(&docs.status),
        "{}",
        docs.status
    );
    server.finish().await;
}
