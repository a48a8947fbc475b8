//! Creating, starting, cancelling and deleting evaluations over REST.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Manner, ScriptedJudge, Setup, redacted, text};
use crate::samples;

on_every_database!(
    a_created_evaluation_waits_to_be_started,
    what_is_wrong_with_a_request_is_pointed_at,
    an_idempotency_key_creates_once,
    a_created_evaluation_can_start_at_once,
    a_live_run_is_not_started_twice,
    a_finished_evaluation_starts_again,
    only_a_live_run_can_be_cancelled,
    a_deleted_evaluation_is_gone,
);

async fn a_created_evaluation_waits_to_be_started(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut body = samples::evaluation();
    body["question"] = json!("What is known about the library?");
    let answer = nora.post("/evaluations", &body).await.has(201);
    let created = answer.json();
    let id = text(&created["id"]);
    assert_eq!(
        answer.header("location"),
        format!("/api/v1/evaluations/{id}")
    );
    assert_eq!(nora.evaluation(&id).await, created);
    assert_snapshot!("created_with_the_server_s_own_settings", redacted(&created));
    server.finish().await;
}

async fn what_is_wrong_with_a_request_is_pointed_at(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let config =
        |config: Value| json!({ "source_text": "a", "candidate_output": "b", "config": config });
    let cases = [
        (
            json!({ "source_text": "", "candidate_output": "b" }),
            "/source_text",
        ),
        (
            json!({ "source_text": "a", "candidate_output": "" }),
            "/candidate_output",
        ),
        (
            json!({ "source_text": "a\u{0}b", "candidate_output": "b" }),
            "/source_text",
        ),
        (
            json!({ "source_text": "a", "candidate_output": "\u{0}" }),
            "/candidate_output",
        ),
        (
            json!({ "source_text": "a", "candidate_output": "b", "question": "\u{0}?" }),
            "/question",
        ),
        (
            json!({ "source_text": "a".repeat(200_001), "candidate_output": "b" }),
            "/source_text",
        ),
        (
            json!({ "source_text": "a", "candidate_output": "b".repeat(50_001) }),
            "/candidate_output",
        ),
        (config(json!({ "judges": [] })), "/config/judges"),
        (
            config(json!({ "judges": ["lexical", "nobody"] })),
            "/config/judges/1",
        ),
        (config(json!({ "deadline_ms": 999 })), "/config/deadline_ms"),
        (
            config(json!({ "deadline_ms": 3_600_001 })),
            "/config/deadline_ms",
        ),
    ];
    for (body, pointer) in cases {
        nora.post("/evaluations", &body)
            .await
            .is_invalid_at(pointer);
    }
    for wrong in [
        json!({ "temperature": 1 }),
        json!({ "aggregation_strategy": "loudest" }),
    ] {
        nora.post("/evaluations", &config(wrong))
            .await
            .is_problem(422, "validation");
    }
    let largest =
        json!({ "source_text": "a".repeat(200_000), "candidate_output": "b".repeat(50_000) });
    nora.post("/evaluations", &largest).await.has(201);
    server.finish().await;
}

async fn an_idempotency_key_creates_once(setup: Setup) {
    let server = setup.start().await;
    let (nora, otto) = (server.register("nora").await, server.register("otto").await);
    let create = async |person: &crate::harness::Person, key: &str| {
        let request = person
            .request(Method::POST, "/evaluations")
            .header("Idempotency-Key", key)
            .json(&samples::evaluation());
        text(&server.door().send(request).await.has(201).json()["id"])
    };
    let first = create(&nora, "key-1").await;
    assert_eq!(create(&nora, "key-1").await, first);
    assert_ne!(create(&nora, "key-2").await, first);
    assert_ne!(
        create(&otto, "key-1").await,
        first,
        "a key is its user's own"
    );
    let list = nora.get("/evaluations").await.has(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
    server.finish().await;
}

async fn a_created_evaluation_can_start_at_once(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut body = samples::evaluation();
    body["start"] = json!(true);
    let id = nora.create(&body).await;
    let mut socket = nora.connect().await;
    socket.join(&id).await;
    let events = socket.until_terminal().await;
    assert_eq!(events[0].seq(), 1);
    assert_eq!(nora.evaluation(&id).await["status"], "completed");
    socket.close().await;
    server.finish().await;
}

async fn a_live_run_is_not_started_twice(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = setup.file(&judge.configured("slow")).start().await;
    let nora = server.register("nora").await;
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    let start = format!("/evaluations/{id}/start");
    let named = json!({ "client_request_id": "mine-1" });

    let started = nora.post(&start, &named).await.has(202).json();
    assert_eq!(started["session_id"], id.as_str());
    assert_eq!(started["status"], "in_progress");
    assert_eq!(started["websocket_url"], "/ws");
    let run = text(&started["run_id"]);
    assert_eq!(
        nora.post(&start, &named).await.has(202).json()["run_id"],
        run.as_str()
    );
    for other in [json!({}), json!({ "client_request_id": "mine-2" })] {
        let refused = nora
            .post(&start, &other)
            .await
            .is_problem(409, "evaluation_in_progress");
        assert_eq!(refused["run_id"], run.as_str(), "{refused}");
    }
    let mut socket = nora.connect().await;
    let refused = socket
        .refused("start_evaluation", json!({ "session_id": id }))
        .await;
    assert_eq!(refused["code"], "evaluation_in_progress");
    let same = json!({ "session_id": id, "client_request_id": "mine-1" });
    let again = socket.command("start_evaluation", same).await;
    assert_eq!(
        again["type"], "evaluation_started",
        "both doors know the same requests: {again}"
    );
    assert_eq!(again["data"]["run_id"], run.as_str());

    nora.cancel(&id).await.has(202);
    socket.join(&id).await;
    socket.until_terminal().await;
    assert_eq!(
        nora.post(&start, &named).await.has(202).json()["run_id"],
        run.as_str(),
        "the same request, even after its run has ended"
    );
    socket.close().await;
    server.finish().await;
}

async fn a_finished_evaluation_starts_again(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let first = nora.audit(&id).await;
    let second_run = nora.start(&id).await;
    assert_ne!(first[0].value["run_id"], second_run.as_str());
    let mut socket = nora.connect().await;
    let last = first.last().unwrap();
    socket.resume(&id, &last.value["epoch"], last.seq()).await;
    let second = socket.until_terminal().await;
    for (event, seq) in second.iter().zip(last.seq() + 1..) {
        assert_eq!(event.seq(), seq, "the same log goes on");
        assert_eq!(event.value["run_id"], second_run.as_str());
        assert_eq!(event.value["epoch"], last.value["epoch"]);
    }
    let evaluation = nora.evaluation(&id).await;
    assert_eq!(evaluation["run_id"], second_run.as_str());
    assert_eq!(evaluation["last_seq"], second.last().unwrap().seq());
    socket.close().await;
    server.finish().await;
}

async fn only_a_live_run_can_be_cancelled(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.cancel(&id).await.is_problem(409, "not_running");
    nora.audit(&id).await;
    nora.cancel(&id).await.is_problem(409, "not_running");
    let mut socket = nora.connect().await;
    let refused = socket
        .refused("cancel_evaluation", json!({ "session_id": id }))
        .await;
    assert_eq!(refused["code"], "not_running");
    socket.close().await;
    server.finish().await;
}

async fn a_deleted_evaluation_is_gone(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = setup.file(&judge.configured("slow")).start().await;
    let nora = server.register("nora").await;

    let idle = nora.create_evaluation().await;
    nora.audit(&idle).await;
    nora.delete(&format!("/evaluations/{idle}")).await.has(204);
    nora.delete(&format!("/evaluations/{idle}"))
        .await
        .is_problem(404, "not_found");

    let live = nora.create(&samples::evaluation_by(&["slow"])).await;
    let mut socket = nora.connect().await;
    socket.join(&live).await;
    nora.start(&live).await;
    nora.delete(&format!("/evaluations/{live}")).await.has(204);
    let end = socket.next_of("evaluation_cancelled").await;
    assert_eq!(end.data()["reason"], "deleted");
    let closed = socket.next_of("session_closed").await;
    assert_eq!(closed.data()["session_id"], live.as_str());
    for id in [&idle, &live] {
        nora.get(&format!("/evaluations/{id}"))
            .await
            .is_problem(404, "not_found");
        nora.get(&format!("/evaluations/{id}/events"))
            .await
            .is_problem(404, "not_found");
    }
    socket.close().await;
    server.finish().await;
}
