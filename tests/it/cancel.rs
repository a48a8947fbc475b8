//! A run ends when it is told to, whatever it is doing: by its user, its deadline, its deletion.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{DEADLINE, Frame, GLANCE, Manner, Person, ScriptedJudge, Setup, Socket};
use crate::samples;

on_every_database!(
    a_cancel_is_told_at_once_whatever_the_run_is_doing,
    a_deadline_is_kept_while_judged_and_while_queued,
    a_live_session_that_is_deleted_is_closed_to_everybody,
);

/// What is promised is 200 ms, on a machine that has a core to spare; beside other tests, in a debug
/// build, the figure is printed and the bound is this.
const BOUND: Duration = Duration::from_secs(2);

/// How late a deadline may be noticed, under the same conditions.
const SLACK: Duration = Duration::from_secs(2);

/// A source of 80,000 characters and a candidate of 50,000, which each judge has seconds to do with in a build that is
/// not optimised. A longer source would take longer to be read before any of them is asked.
fn heavy(judges: &[&str]) -> Value {
    let mut body = samples::evaluation_by(judges);
    let source = samples::SOURCE.repeat(80_000 / samples::SOURCE.len());
    let candidate = samples::CANDIDATE.repeat(50_000 / samples::CANDIDATE.len());
    body["source_text"] = json!(source);
    body["candidate_output"] = json!(candidate);
    body
}

async fn until_deserted(judge: &ScriptedJudge, times: usize) {
    let begin = Instant::now();
    while judge.deserted() < times {
        assert!(begin.elapsed() < DEADLINE, "the judge's request goes on");
        tokio::time::sleep(GLANCE).await;
    }
}

/// Events up to the first that fits.
async fn until(socket: &mut Socket, fits: impl Fn(&Frame) -> bool) {
    while !fits(&socket.next_event().await) {}
}

/// Cancels, and says how long after the command the last event came.
async fn cancel(socket: &mut Socket, id: &str) -> Duration {
    let begin = Instant::now();
    let reply = socket
        .command("cancel_evaluation", json!({ "session_id": id }))
        .await;
    assert_eq!(reply["type"], "evaluation_cancelling", "{reply}");
    let events = socket.until_terminal().await;
    let took = begin.elapsed();
    let end = events.last().unwrap();
    assert_eq!(
        (end.kind(), &end.data()["reason"]),
        ("evaluation_cancelled", &json!("user")),
        "{}",
        end.text
    );
    took
}

async fn started(nora: &Person, body: &Value) -> (String, Socket) {
    let id = nora.create(body).await;
    let mut socket = nora.connect().await;
    socket.join(&id).await;
    nora.start(&id).await;
    (id, socket)
}

async fn a_cancel_is_told_at_once_whatever_the_run_is_doing(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = setup
        .file(&judge.configured("slow"))
        .set("AUDITOR_RUNS__MAX_CONCURRENT", "1")
        .limit("commands_per_second", 0)
        .start()
        .await;
    let nora = server.register("nora").await;
    let mut figures = Vec::new();

    let (held, mut first) = started(&nora, &samples::evaluation_by(&["slow"])).await;
    judge.until_asked(1).await;
    let (id, mut socket) = started(&nora, &samples::evaluation_by(&["lexical"])).await;
    until(&mut socket, |event| event.data()["stage"] == "queued").await;
    figures.push(("queued", cancel(&mut socket, &id).await));
    socket.close().await;

    figures.push(("a judge's request", cancel(&mut first, &held).await));
    until_deserted(&judge, 1).await;
    first.close().await;

    let (id, mut socket) = started(&nora, &heavy(&["lexical"])).await;
    until(&mut socket, |event| event.kind() == "claim_verdict").await;
    figures.push(("verification", cancel(&mut socket, &id).await));
    socket.close().await;

    // A candidate without a claim to verify comes to its judges with the whole source.
    for name in samples::OFFLINE_JUDGES {
        let mut body = heavy(&[name, "slow"]);
        let asked = judge.asked();
        let sentence = "Does the Harbour Library in Vessen hold about 310,000 books, as they say? ";
        body["candidate_output"] = json!(sentence.repeat(50_000 / sentence.len()));
        let (id, mut socket) = started(&nora, &body).await;
        until(&mut socket, |event| event.data()["stage"] == "judging").await;
        judge.until_asked(asked + 1).await;
        figures.push((name, cancel(&mut socket, &id).await));
        socket.close().await;
    }
    until_deserted(&judge, 1 + samples::OFFLINE_JUDGES.len()).await;

    // Nothing goes on computing behind the cancelled runs.
    let begin = Instant::now();
    let id = nora.create(&samples::evaluation_by(&["lexical"])).await;
    nora.audit(&id).await;
    println!(
        "cancelled during: {figures:?}; the next run took {:?}",
        begin.elapsed()
    );
    for (what, took) in figures {
        assert!(took < BOUND, "{what}: {took:?}");
    }
    server.finish().await;
}

async fn a_deadline_is_kept_while_judged_and_while_queued(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = setup
        .file(&judge.configured("slow"))
        .set("AUDITOR_RUNS__MAX_CONCURRENT", "1")
        .start()
        .await;
    let nora = server.register("nora").await;
    let mut body = samples::evaluation_by(&["slow"]);
    body["config"]["deadline_ms"] = json!(3000);
    let begin = Instant::now();
    let (_, mut judged) = started(&nora, &body).await;
    judge.until_asked(1).await;
    body["config"]["deadline_ms"] = json!(1000);
    let queued_at = Instant::now();
    let (_, mut queued) = started(&nora, &body).await;
    for (what, socket, begin, deadline) in [
        ("queued", &mut queued, queued_at, Duration::from_secs(1)),
        ("judged", &mut judged, begin, Duration::from_secs(3)),
    ] {
        let events = socket.until_terminal().await;
        let took = begin.elapsed();
        let end = events.last().unwrap();
        assert_eq!(
            (end.kind(), &end.data()["reason"]),
            ("evaluation_cancelled", &json!("deadline")),
            "{what}"
        );
        println!("{what}: a deadline of {deadline:?} ended the run after {took:?}");
        assert!(
            took >= deadline && took < deadline + SLACK,
            "{what}: {took:?}"
        );
    }
    assert_eq!(
        judge.asked(),
        1,
        "the one that waited never came to its judge"
    );
    until_deserted(&judge, 1).await;
    judged.close().await;
    queued.close().await;
    server.finish().await;
}

async fn a_live_session_that_is_deleted_is_closed_to_everybody(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = setup.file(&judge.configured("slow")).start().await;
    let nora = server.register("nora").await;
    let (id, first) = started(&nora, &samples::evaluation_by(&["slow"])).await;
    let mut second = nora.connect().await;
    second.join(&id).await;
    judge.until_asked(1).await;
    nora.delete(&format!("/evaluations/{id}")).await.has(204);
    for mut socket in [first, second] {
        let events = socket.until_terminal().await;
        let end = events.last().unwrap();
        assert_eq!(
            (end.kind(), &end.data()["reason"]),
            ("evaluation_cancelled", &json!("deleted"))
        );
        let closed = socket.next_frame().await;
        assert_eq!(closed.kind(), "session_closed", "{}", closed.text);
        assert_eq!(closed.data()["session_id"], id.as_str());
        assert_eq!(closed.data()["reason"], "deleted");
        let refused = socket
            .refused("join_session", json!({ "session_id": id }))
            .await;
        assert_eq!(refused["code"], "not_found");
        assert_eq!(socket.command("ping", json!({})).await["type"], "pong");
        socket.close().await;
    }
    until_deserted(&judge, 1).await;
    for path in ["", "/events"] {
        nora.get(&format!("/evaluations/{id}{path}"))
            .await
            .is_problem(404, "not_found");
    }
    nora.cancel(&id).await.is_problem(404, "not_found");
    server.finish().await;
}
