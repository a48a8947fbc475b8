//! What people say of claims and of whole evaluations.

use serde_json::{Value, json};

use crate::harness::Setup;
use crate::samples;

on_every_database!(
    what_people_say_is_kept,
    what_people_say_can_be_taken_back,
    what_says_nothing_or_too_much_is_refused,
    opinions_outlive_a_restart_and_not_their_evaluation,
);

async fn what_people_say_is_kept(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create(&samples::evaluation()).await;
    nora.audit(&id).await;
    let claim = nora.evaluation(&id).await["claims"][1]["id"].clone();
    let path = format!("/evaluations/{id}/feedback");
    let given = [
        json!({ "claim_id": claim, "label": "REFUTED", "comment": "five, not seven \u{1f3e2}" }),
        json!({ "claim_id": null, "score": 40.5 }),
        json!({ "label": "NOT_ENOUGH_INFO" }),
    ];
    let mut kept = Vec::new();
    for body in &given {
        let answer: Value = nora.post(&path, body).await.has(201).json();
        for key in ["claim_id", "label", "score", "comment"] {
            assert_eq!(answer[key], *body.get(key).unwrap_or(&Value::Null), "{key}");
        }
        kept.push(answer);
    }
    let listed = nora.get(&path).await.has(200).json();
    assert_eq!(listed["items"], json!(kept), "the oldest first");
    assert_eq!(listed["next_cursor"], Value::Null);
    let first = nora.get(&format!("{path}?limit=2")).await.has(200).json();
    assert_eq!(first["items"], json!(kept[..2]));
    let next = first["next_cursor"].as_str().unwrap();
    let second = nora.get(&format!("{path}?limit=2&cursor={next}")).await;
    assert_eq!(
        second.has(200).json(),
        json!({ "items": kept[2..], "next_cursor": null })
    );
    for (query, pointer) in [("limit=0", "/limit"), ("limit=101", "/limit")] {
        let refused = nora.get(&format!("{path}?{query}")).await;
        refused.is_invalid_at(pointer);
    }
    server.finish().await;
}

async fn what_people_say_can_be_taken_back(setup: Setup) {
    let server = setup.start().await;
    let (nora, other) = (
        server.register("nora").await,
        server.register("other").await,
    );
    let id = nora.create_evaluation().await;
    let path = format!("/evaluations/{id}/feedback");
    let said = nora.post(&path, &json!({ "score": 3 })).await.has(201);
    let opinion = format!("{path}/{}", said.json()["id"].as_str().unwrap());
    other.delete(&opinion).await.is_problem(404, "not_found");
    nora.delete(&format!("{path}/no-id"))
        .await
        .is_problem(404, "not_found");
    nora.delete(&opinion).await.has(204);
    nora.delete(&opinion).await.is_problem(404, "not_found");
    assert_eq!(nora.get(&path).await.has(200).json()["items"], json!([]));
    server.finish().await;
}

async fn what_says_nothing_or_too_much_is_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let (id, other) = (
        nora.create_evaluation().await,
        nora.create_evaluation().await,
    );
    nora.audit(&other).await;
    let foreign = nora.evaluation(&other).await["claims"][0]["id"].clone();
    let path = format!("/evaluations/{id}/feedback");
    for (body, pointer) in [
        (json!({}), "/label"),
        (json!({ "label": "REFUTED", "score": 1 }), "/label"),
        (json!({ "label": "maybe" }), "/label"),
        (json!({ "score": 100.5 }), "/score"),
        (json!({ "score": -1 }), "/score"),
        (
            json!({ "score": 1, "comment": "x".repeat(4001) }),
            "/comment",
        ),
        (json!({ "score": 1, "comment": "\u{0}" }), "/comment"),
        (
            json!({ "label": "REFUTED", "claim_id": foreign }),
            "/claim_id",
        ),
        (
            json!({ "label": "REFUTED", "claim_id": "no-id" }),
            "/claim_id",
        ),
    ] {
        nora.post(&path, &body).await.is_invalid_at(pointer);
    }
    assert_eq!(nora.get(&path).await.has(200).json()["items"], json!([]));
    server.finish().await;
}

async fn opinions_outlive_a_restart_and_not_their_evaluation(setup: Setup) {
    let mut server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let path = format!("/evaluations/{id}/feedback");
    nora.post(&path, &json!({ "score": 3 })).await.has(201);
    server.restart().await;
    let listed = nora.get(&path).await.has(200).json();
    assert_eq!(listed["items"][0]["score"], 3.0);
    nora.delete(&format!("/evaluations/{id}")).await.has(204);
    nora.get(&path).await.is_problem(404, "not_found");
    server.finish().await;
}
