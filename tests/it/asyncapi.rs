//! The AsyncAPI document: every example of `tests/wire` is what it says, and less is not.

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Server, Setup};
use crate::wire::examples;

const KINDS: [&str; 4] = ["command", "reply", "event", "control"];

async fn document(server: &Server) -> Value {
    server.door().get("/asyncapi.json").await.has(200).json()
}

/// What a message of this type has to be.
fn validator(document: &Value, name: &str) -> Validator {
    assert!(
        document["components"]["messages"][name].is_object(),
        "{name} is not listed"
    );
    let schema = json!({
        "$ref": format!("#/components/messages/{name}/payload"),
        "components": document["components"],
    });
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

#[tokio::test]
async fn every_example_is_what_the_document_says() {
    let server = Setup::sqlite().start().await;
    let document = document(&server).await;
    assert_eq!(document["asyncapi"], "3.0.0");
    let mut checked = 0;
    for (file, message) in KINDS.iter().flat_map(|kind| examples(kind)) {
        let validator = validator(&document, message["type"].as_str().unwrap());
        let faults: Vec<String> = validator
            .iter_errors(&message)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{file}: {faults:?}");
        checked += 1;
    }
    assert!(checked > 30, "{checked}");
    server.finish().await;
}

#[tokio::test]
async fn what_lacks_a_member_or_has_another_type_is_not() {
    let server = Setup::sqlite().start().await;
    let document = document(&server).await;
    for (file, message) in KINDS.iter().flat_map(|kind| examples(kind)) {
        let validator = validator(&document, message["type"].as_str().unwrap());
        let mut other = message.clone();
        other["type"] = json!("something_else");
        assert!(!validator.is_valid(&other), "{file} of another type");
        for member in ["type", "seq", "session_id", "epoch", "error"] {
            let mut less = message.clone();
            if less.as_object_mut().unwrap().remove(member).is_some() {
                assert!(!validator.is_valid(&less), "{file} without {member}");
            }
        }
        // What the server says is whole; of a command some members may be left out.
        let said = !file.starts_with("command.") && message["type"] != "pong";
        for member in message["data"]
            .as_object()
            .into_iter()
            .flat_map(|data| data.keys())
        {
            let mut wrong = message.clone();
            wrong["data"][member] = json!({ "neither": [] });
            let free = ["details", "ping"].contains(&member.as_str());
            assert!(
                free || !said || !validator.is_valid(&wrong),
                "{file}: {member}"
            );
        }
    }
    server.finish().await;
}

#[tokio::test]
async fn what_really_travels_is_what_the_document_says() {
    let server = Setup::sqlite().start().await;
    let document = document(&server).await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut socket = nora.connect().await;
    let answers = [
        socket.join(&id).await,
        socket.command("ping", json!([1])).await,
        socket.command("ping", json!({ "n": 1 })).await,
        socket
            .command("leave_session", json!({ "session_id": "no" }))
            .await,
    ];
    nora.start(&id).await;
    let events = socket.until_terminal().await;
    socket.close().await;
    let said = answers
        .into_iter()
        .chain(events.into_iter().map(|event| event.value));
    for message in said {
        let validator = validator(&document, message["type"].as_str().unwrap());
        let faults: Vec<String> = validator
            .iter_errors(&message)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{message}: {faults:?}");
    }
    let docs = server.door().outside(Method::GET, "/api/v1/openapi.json");
    let docs = server.door().send(docs).await.has(200).json();
    let told = docs["info"]["description"].as_str().unwrap();
    assert!(told.contains("/api/v1/asyncapi.json"), "{told}");
    server.finish().await;
}
