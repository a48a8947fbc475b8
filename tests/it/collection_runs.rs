//! Runs that check their claims against users' own documents too.

use reqwest::Method;
use serde_json::{Value, json};

use crate::collections::{NOTES, OUTPUT, add, collection, evaluation};
use crate::harness::{Frame, Manner, ScriptedJudge, Setup};
use crate::samples;

on_every_database!(
    claims_are_checked_against_a_collection,
    a_run_that_was_killed_goes_on_with_its_collection,
    a_run_whose_collection_is_gone_says_so_and_goes_on,
    a_preferred_collection_is_used_until_it_is_gone,
);

fn verdicts(events: &[Frame]) -> Vec<&Value> {
    let verdicts = events
        .iter()
        .filter(|event| event.kind() == "claim_verdict");
    verdicts.map(Frame::data).collect()
}

fn labels(events: &[Frame]) -> Vec<&str> {
    let labels = verdicts(events).into_iter();
    labels
        .map(|verdict| verdict["label"].as_str().unwrap())
        .collect()
}

async fn claims_are_checked_against_a_collection(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mine = collection(&nora, "Harbour").await;
    let document = add(&nora, &mine, "notes.txt", NOTES).await;
    add(
        &nora,
        &mine,
        "other.txt",
        "The ferry to Vessen sails at nine.",
    )
    .await;
    let filler = "The harbour of Vessen has a crane. Ships come and go. ".repeat(40);
    add(&nora, &mine, "filler.txt", &filler).await;

    let id = nora.create(&evaluation(&mine, &["lexical", "facts"])).await;
    let config = nora.evaluation(&id).await["config"].clone();
    assert_eq!(config["collection_id"], json!(mine));
    assert_eq!(config["enable_retrieval"], true, "naming it turns it on");
    let events = nora.audit(&id).await;
    assert_eq!(labels(&events), ["SUPPORTED", "SUPPORTED", "REFUTED"]);
    let verdicts = verdicts(&events);
    let own = &verdicts[0]["evidence"][0];
    assert_eq!(own["source"], "source_text");
    assert_eq!(own.get("document"), None);
    assert_eq!(samples::slice(samples::SOURCE, &own["span"]), own["text"]);
    let path = format!("/collections/{mine}/documents/{document}");
    let kept = nora.get(&path).await.has(200).json();
    assert_eq!(kept["text"], NOTES);
    for verdict in &verdicts[1..] {
        let evidence = &verdict["evidence"][0];
        assert_eq!(evidence["source"], "notes.txt", "{verdict}");
        assert_eq!(
            evidence["document"],
            json!({ "collection_id": mine, "document_id": document })
        );
        assert_eq!(samples::slice(NOTES, &evidence["span"]), evidence["text"]);
    }
    let told = events.iter().any(|event| {
        let message = event.data()["message"].as_str().unwrap_or_default();
        event.data()["stage"] == "retrieval" && message.contains("of the collection")
    });
    assert!(told, "the retrieval tells what it found");

    let without = json!({
        "source_text": samples::SOURCE, "candidate_output": OUTPUT,
        "config": { "judges": ["lexical"] },
    });
    let events = nora.audit(&nora.create(&without).await).await;
    let labels = labels(&events);
    assert_eq!(labels[0], "SUPPORTED");
    assert!(!labels[1..].contains(&"SUPPORTED"), "{labels:?}");
    server.finish().await;
}

async fn a_run_that_was_killed_goes_on_with_its_collection(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Waits);
    let mut server = setup.file(&judge.configured("slow")).start().await;
    let nora = server.register("nora").await;
    let mine = collection(&nora, "Harbour").await;
    add(&nora, &mine, "notes.txt", NOTES).await;
    let id = nora.create(&evaluation(&mine, &["slow", "lexical"])).await;
    let mut socket = nora.connect().await;
    let joined = socket.join(&id).await;
    nora.start(&id).await;
    let mut last = 0;
    // The offline judge is heard and the other one is being asked.
    loop {
        let event = socket.next_event().await;
        last = event.seq().max(last);
        if event.kind() == "judge_result" {
            break;
        }
    }
    server.kill();
    judge.open();
    server.start_again();
    let mut socket = nora.connect().await;
    socket.resume(&id, &joined["data"]["epoch"], last).await;
    let rest = socket.until_terminal().await;
    assert_eq!(rest.last().unwrap().kind(), "evaluation_complete");
    let asked = judge.questions("twelve tables");
    assert!(asked.len() >= 2, "asked before the end and after it");
    let shown = asked
        .iter()
        .all(|question| question.body.contains("on Thursdays"));
    assert!(shown, "each time with what the collection has");
    let claims = nora.evaluation(&id).await["claims"].clone();
    assert_eq!(claims[1]["evidence"][0]["source"], "notes.txt");
    socket.close().await;
    server.finish().await;
}

async fn a_run_whose_collection_is_gone_says_so_and_goes_on(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mine = collection(&nora, "Harbour").await;
    add(&nora, &mine, "notes.txt", NOTES).await;
    let id = nora.create(&evaluation(&mine, &["lexical"])).await;
    let before = nora.audit(&id).await;
    assert_eq!(labels(&before)[1], "SUPPORTED");
    nora.delete(&format!("/collections/{mine}")).await.has(204);
    let claims = nora.evaluation(&id).await["claims"].clone();
    assert_eq!(
        claims[1]["evidence"][0]["source"], "notes.txt",
        "evidence is kept"
    );

    let mut socket = nora.connect().await;
    let last = before.last().unwrap();
    socket.resume(&id, &last.value["epoch"], last.seq()).await;
    nora.start(&id).await;
    let events = socket.until_terminal().await;
    socket.close().await;
    let warning = events
        .iter()
        .find(|event| event.kind() == "evaluation_error")
        .unwrap();
    let data = warning.data();
    assert_eq!(
        (&data["fatal"], &data["error_type"]),
        (&json!(false), &json!("retrieval_error"))
    );
    assert!(
        data["message"]
            .as_str()
            .unwrap()
            .contains("no longer there"),
        "{data}"
    );
    assert_eq!(events.last().unwrap().kind(), "evaluation_complete");
    assert_ne!(labels(&events)[1], "SUPPORTED");
    server.finish().await;
}

async fn a_preferred_collection_is_used_until_it_is_gone(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mine = collection(&nora, "Harbour").await;
    let request = nora.request(Method::PUT, "/preferences");
    let preferred = request.json(&json!({ "collection_id": mine }));
    nora.door().send(preferred).await.has(200);
    let config = async |body: &Value| {
        let id = nora.create(body).await;
        nora.evaluation(&id).await["config"].clone()
    };
    assert_eq!(
        config(&samples::evaluation()).await["collection_id"],
        json!(mine)
    );
    let mut without = samples::evaluation();
    without["config"] = json!({ "enable_retrieval": false });
    assert_eq!(config(&without).await.get("collection_id"), None);
    without["config"] = json!({ "enable_retrieval": true, "collection_id": null });
    let alone = config(&without).await;
    assert_eq!(
        (alone.get("collection_id"), &alone["enable_retrieval"]),
        (None, &json!(true))
    );
    nora.delete(&format!("/collections/{mine}")).await.has(204);
    let config = config(&samples::evaluation()).await;
    assert_eq!(
        (config.get("collection_id"), &config["enable_retrieval"]),
        (None, &json!(false))
    );
    server.finish().await;
}
