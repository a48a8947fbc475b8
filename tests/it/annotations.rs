//! Names, tags and notes; the runs that an evaluation had.

use serde_json::{Value, json};

use crate::harness::Setup;

on_every_database!(
    names_tags_and_notes_are_kept_and_found,
    wrong_annotations_are_refused,
    runs_are_listed,
);

async fn names_tags_and_notes_are_kept_and_found(setup: Setup) {
    let mut server = setup.start().await;
    let (nora, other) = (
        server.register("nora").await,
        server.register("other").await,
    );
    let id = nora.create_evaluation().await;
    nora.create_evaluation().await;
    let path = format!("/evaluations/{id}");
    let all =
        json!({ "name": "The library", "tags": ["weekly", "wrong", "weekly"], "notes": "ask Ada" });
    let kept = nora.patch(&path, &all).await.has(200).json();
    assert_eq!(
        kept,
        json!({ "name": "The library", "tags": ["weekly", "wrong"], "notes": "ask Ada" })
    );
    other.patch(&path, &all).await.is_problem(404, "not_found");
    nora.audit(&id).await;
    server.restart().await;
    let whole = nora.evaluation(&id).await;
    for key in ["name", "tags", "notes"] {
        assert_eq!(whole[key], kept[key], "{key}");
    }
    for query in ["?tag=wrong", "?q=LIBRARY%20x", "?q=ask%20ada", "?q=weekly"] {
        let listed = nora.get(&format!("/evaluations{query}")).await.has(200);
        let listed = listed.json();
        let expected = usize::from(!query.contains('x'));
        assert_eq!(
            listed["items"].as_array().unwrap().len(),
            expected,
            "{query}"
        );
    }
    let listed = nora.get("/evaluations?sort=probability&limit=1").await;
    let first = &listed.has(200).json()["items"][0];
    assert_eq!((&first["id"], &first["name"]), (&json!(id), &kept["name"]));
    let claims = &whole["result"]["claims"];
    for key in ["supported", "refuted", "not_enough_info"] {
        assert_eq!(first["claims"][key], claims[key], "{key}");
    }
    let probability = &whole["result"]["faithfulness"]["probability"];
    assert_eq!(first["probability"], *probability);
    let tags = nora.get("/tags").await.has(200).json();
    assert_eq!(
        tags["items"],
        json!([{ "tag": "weekly", "evaluations": 1 }, { "tag": "wrong", "evaluations": 1 }])
    );
    for (tag, total) in [("wrong", 1), ("none", 0)] {
        let sums = nora.get(&format!("/statistics?tag={tag}")).await.has(200);
        assert_eq!(sums.json()["evaluations"]["total"], total, "{tag}");
    }
    // What is left out stays, null takes away.
    let kept = nora.patch(&path, &json!({ "name": null })).await.has(200);
    assert_eq!(
        kept.json(),
        json!({ "name": null, "tags": ["weekly", "wrong"], "notes": "ask Ada" })
    );
    nora.delete(&path).await.has(204);
    assert_eq!(nora.get("/tags").await.has(200).json()["items"], json!([]));
    server.finish().await;
}

async fn wrong_annotations_are_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let path = format!("/evaluations/{}", nora.create_evaluation().await);
    for (body, pointer) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "name": "n".repeat(201) }), "/name"),
        (json!({ "tags": ["a", "\u{0}"] }), "/tags/1"),
        (json!({ "tags": vec!["a"; 21] }), "/tags"),
        (json!({ "notes": "n".repeat(10_001) }), "/notes"),
    ] {
        nora.patch(&path, &body).await.is_invalid_at(pointer);
    }
    nora.patch(&path, &json!({ "title": "t" }))
        .await
        .is_problem(422, "validation");
    nora.get("/evaluations?tag=").await.is_invalid_at("/tag");
    nora.get("/statistics?tag=").await.is_invalid_at("/tag");
    server.finish().await;
}

async fn runs_are_listed(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let path = format!("/evaluations/{id}/runs");
    let none = nora.get(&path).await.has(200).json();
    assert_eq!(none, json!({ "items": [], "next_cursor": null }));
    for _ in 0..2 {
        nora.audit(&id).await;
    }
    let first = nora.get(&format!("{path}?limit=1")).await.has(200).json();
    let whole = nora.evaluation(&id).await;
    assert_eq!(first["items"][0]["id"], whole["run_id"], "the newest first");
    assert_eq!(
        first["items"][0]["consensus_score"],
        whole["result"]["consensus_score"]
    );
    let next = first["next_cursor"].as_str().unwrap();
    let second = nora.get(&format!("{path}?limit=1&cursor={next}")).await;
    let second = second.has(200).json();
    assert_eq!(second["next_cursor"], Value::Null);
    assert_eq!(second["items"][0]["status"], "completed");
    assert_ne!(second["items"][0]["id"], first["items"][0]["id"]);
    nora.get(&format!("{path}?limit=51"))
        .await
        .is_invalid_at("/limit");
    server.finish().await;
}
