//! What belongs to somebody else does not exist, and neither does what nobody owns.

use serde_json::json;

use crate::harness::{Person, Setup};

on_every_database!(
    foreign_unknown_and_malformed_ids_are_alike,
    nothing_is_open_without_a_login
);

async fn foreign_unknown_and_malformed_ids_are_alike(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let otto = server.register("otto").await;
    let foreign = nora.create_evaluation().await;
    nora.audit(&foreign).await;
    let unknown = uuid::Uuid::now_v7().to_string();
    for id in [foreign.as_str(), unknown.as_str(), "no-id-at-all"] {
        everything_is_refused(&otto, id).await;
    }
    let own = nora.evaluation(&foreign).await;
    assert_eq!(own["status"], "completed", "and nothing has happened to it");
    assert_eq!(
        otto.get("/evaluations").await.has(200).json()["items"],
        json!([])
    );
    server.finish().await;
}

async fn everything_is_refused(person: &Person, id: &str) {
    let at = |rest: &str| format!("/evaluations/{id}{rest}");
    for rest in ["", "/events", "/export?format=json", "/shares", "/feedback"] {
        person.get(&at(rest)).await.is_problem(404, "not_found");
    }
    person
        .post(&at("/start"), &json!({}))
        .await
        .is_problem(404, "not_found");
    person
        .post(&at("/cancel"), &json!({}))
        .await
        .is_problem(404, "not_found");
    person
        .post(&at("/shares"), &json!({}))
        .await
        .is_problem(404, "not_found");
    let feedback = json!({ "claim_id": null, "score": 50, "comment": "not mine" });
    person
        .post(&at("/feedback"), &feedback)
        .await
        .is_problem(404, "not_found");
    person.delete(&at("")).await.is_problem(404, "not_found");

    // What is no id at all can't be taken for somebody else's.
    let code = if uuid::Uuid::try_parse(id).is_ok() {
        "not_found"
    } else {
        "validation"
    };
    let mut socket = person.connect().await;
    for command in ["join_session", "start_evaluation", "cancel_evaluation"] {
        let error = socket.refused(command, json!({ "session_id": id })).await;
        assert_eq!(error["code"], code, "{command}");
    }
    socket.close().await;
}

async fn nothing_is_open_without_a_login(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let paths = [
        "/evaluations".to_owned(),
        format!("/evaluations/{id}"),
        format!("/evaluations/{id}/events"),
        "/judges".to_owned(),
    ];
    for path in paths {
        server
            .door()
            .get(&path)
            .await
            .is_problem(401, "unauthenticated");
    }
    server
        .door()
        .post("/evaluations", &json!({}))
        .await
        .has(401);
    server.finish().await;
}
