//! What a user prefers, and what comes of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Person, Setup};
use crate::samples;

on_every_database!(
    preferences_are_replaced_as_a_whole,
    a_new_evaluation_takes_what_it_does_not_say,
    what_can_not_be_preferred_is_refused,
    a_judge_that_is_gone_is_passed_over,
);

async fn prefer(person: &Person, body: &Value) -> Answer {
    let request = person.request(Method::PUT, "/preferences").json(body);
    person.door().send(request).await
}

async fn preferred(person: &Person) -> Value {
    person.get("/preferences").await.has(200).json()
}

async fn preferences_are_replaced_as_a_whole(setup: Setup) {
    let mut server = setup.start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    assert_eq!(preferred(&nora).await, json!({ "theme": "system" }));
    let first = json!({ "judges": ["facts"], "deadline_ms": 5000, "theme": "dark" });
    assert_eq!(prefer(&nora, &first).await.has(200).json(), first);
    let second = json!({ "aggregation_strategy": "median", "theme": "light" });
    assert_eq!(prefer(&nora, &second).await.has(200).json(), second);
    server.restart().await;
    assert_eq!(preferred(&nora).await, second);
    assert_eq!(preferred(&ben).await, json!({ "theme": "system" }));
    server.finish().await;
}

async fn config(person: &Person, config: Value) -> Value {
    let mut body = samples::evaluation();
    body["config"] = config;
    let id = person.create(&body).await;
    person.evaluation(&id).await["config"].clone()
}

async fn a_new_evaluation_takes_what_it_does_not_say(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let usual = config(&nora, Value::Null).await;
    let preferences = json!({
        "judges": ["logic", "facts", "lexical"], "enable_retrieval": true, "quorum": 2,
        "aggregation_strategy": "median", "deadline_ms": 5000,
    });
    prefer(&nora, &preferences).await.has(200);
    let expected = json!({
        "judges": ["logic", "facts", "lexical"], "enable_retrieval": true, "quorum": 2,
        "aggregation_strategy": "median", "deadline_ms": 5000,
    });
    assert_eq!(config(&nora, Value::Null).await, expected);
    assert_eq!(config(&nora, json!({ "judges": null })).await, expected);
    let asked = json!({
        "judges": ["novelty"], "enable_retrieval": false, "aggregation_strategy": "mean",
        "deadline_ms": 6000,
    });
    let mut own = asked.clone();
    // One judge can't be two.
    own["quorum"] = json!(1);
    assert_eq!(config(&nora, asked).await, own);
    prefer(&nora, &json!({})).await.has(200);
    assert_eq!(config(&nora, Value::Null).await, usual);
    server.finish().await;
}

async fn what_can_not_be_preferred_is_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let kept = json!({ "judges": ["facts"], "theme": "dark" });
    prefer(&nora, &kept).await.has(200);
    for (body, pointer) in [
        (json!({ "judges": [] }), "/judges"),
        (json!({ "judges": ["oracle"] }), "/judges/0"),
        (json!({ "judges": ["facts", "facts"] }), "/judges/1"),
        (json!({ "deadline_ms": 999 }), "/deadline_ms"),
        (json!({ "collection_id": "x" }), "/collection_id"),
        (
            json!({ "aggregation_strategy": "guess" }),
            "/aggregation_strategy",
        ),
        (json!({ "quorum": 0 }), "/quorum"),
        (json!({ "quorum": 2, "judges": ["facts"] }), "/quorum"),
        (json!({ "theme": "pink" }), "/theme"),
        (json!({ "colour": "pink" }), "/colour"),
    ] {
        prefer(&nora, &body).await.is_invalid_at(pointer);
    }
    assert_eq!(preferred(&nora).await, kept);
    server.finish().await;
}

async fn a_judge_that_is_gone_is_passed_over(setup: Setup) {
    // A judge of the file is there, and at the next start it is not.
    let file = "[[judges]]\nname = \"strict\"\nkind = \"facts\"\n";
    let mut server = setup.file(file).start().await;
    let nora = server.register("nora").await;
    prefer(
        &nora,
        &json!({ "judges": ["strict", "lexical"], "quorum": 2 }),
    )
    .await
    .has(200);
    assert_eq!(
        config(&nora, Value::Null).await["judges"],
        json!(["strict", "lexical"])
    );
    server.rewrite_file("");
    server.restart().await;
    let config = config(&nora, Value::Null).await;
    assert_eq!(
        (&config["judges"], &config["quorum"]),
        (&json!(["lexical"]), &json!(1))
    );
    server.finish().await;
}
