//! Users' own documents: kept, found, and used by runs.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{DEADLINE, Frame, Manner, Person, ScriptedJudge, Setup, text};
use crate::samples;

on_every_database!(
    claims_are_checked_against_a_collection,
    documents_come_and_go,
    files_are_read,
    what_is_not_allowed_is_refused,
    a_collection_is_its_owners_alone,
    a_run_that_was_killed_goes_on_with_its_collection,
    a_run_whose_collection_is_gone_says_so_and_goes_on,
    a_preferred_collection_is_used_until_it_is_gone,
    uploads_and_searches_are_limited,
);

/// What the source does not say, behind characters of two UTF-16 code units.
const NOTES: &str = "\u{1f3db} Notes on the Harbour Library.\n\n\
    The café of the library serves soup until 15:00. It has twelve tables.\n\n\
    The library's boat carries books to the islands on Thursdays.";

const OUTPUT: &str = "The building has five floors. The café of the library has twelve tables. \
    The library's boat carries books to the islands on Fridays.";

async fn collection(person: &Person, name: &str) -> String {
    let made = person
        .post("/collections", &json!({ "name": name }))
        .await
        .has(201);
    let id = text(&made.json()["id"]);
    assert_eq!(made.header("location"), format!("/api/v1/collections/{id}"));
    id
}

async fn add(person: &Person, collection: &str, name: &str, content: &str) -> String {
    let body = json!({ "name": name, "text": content });
    let path = format!("/collections/{collection}/documents");
    let added = person.post(&path, &body).await.has(201);
    let id = text(&added.json()["id"]);
    assert_eq!(added.header("location"), format!("/api/v1{path}/{id}"));
    id
}

async fn send(person: &Person, path: &str, kind: &str, bytes: &[u8]) -> crate::harness::Answer {
    let request = person
        .request(Method::POST, path)
        .header("Content-Type", kind);
    person.door().send(request.body(bytes.to_vec())).await
}

async fn found(person: &Person, collection: &str, query: &str) -> Vec<Value> {
    let path = format!("/collections/{collection}/search?{query}");
    let answer = person.get(&path).await.has(200).json();
    answer["items"].as_array().unwrap().clone()
}

fn evaluation(collection: &str, judges: &[&str]) -> Value {
    let mut body = samples::evaluation_by(judges);
    body["candidate_output"] = json!(OUTPUT);
    body["config"]["collection_id"] = json!(collection);
    body
}

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

async fn documents_come_and_go(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let (mine, empty) = (
        collection(&nora, "Harbour").await,
        collection(&nora, "Empty").await,
    );
    let notes = add(&nora, &mine, "notes.txt", NOTES).await;
    let other = add(&nora, &mine, "磨坊.txt", "磨坊在五月卖给了面包师。").await;

    let listed = nora.get("/collections").await.has(200).json();
    let sums = |at: usize| {
        let one = &listed["items"][at];
        [&one["documents"], &one["chars"]].map(|sum| sum.as_u64().unwrap())
    };
    let chars = (NOTES.chars().count() + 12) as u64;
    assert_eq!((sums(0), sums(1)), ([2, chars], [0, 0]));
    assert_eq!(listed["items"][1]["id"], json!(empty));
    assert_eq!(listed["next_cursor"], Value::Null);
    let first = nora.get("/collections?limit=1").await.has(200).json();
    let cursor = text(&first["next_cursor"]);
    let second = nora
        .get(&format!("/collections?limit=1&cursor={cursor}"))
        .await;
    assert_eq!(second.has(200).json()["items"][0]["id"], json!(empty));
    let one = nora
        .get(&format!("/collections/{mine}"))
        .await
        .has(200)
        .json();
    assert_eq!(one, listed["items"][0]);

    let documents = format!("/collections/{mine}/documents");
    let page = nora.get(&documents).await.has(200).json();
    let names: Vec<&Value> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["notes.txt", "磨坊.txt"]);
    assert_eq!(page["items"][0].get("text"), None);
    let page = nora
        .get(&format!("{documents}?limit=1&cursor={notes}"))
        .await
        .has(200)
        .json();
    assert_eq!(page["items"][0]["id"], json!(other));

    let hits = found(&nora, &mine, "q=which+tables+are+in+the+caf%C3%A9&limit=1").await;
    assert_eq!(hits[0]["document_id"], json!(notes));
    assert_eq!(hits[0]["document_name"], "notes.txt");
    assert_eq!(samples::slice(NOTES, &hits[0]["span"]), hits[0]["text"]);
    assert!(hits[0]["score"].as_f64().unwrap() > 0.0);
    let hits = found(&nora, &mine, "q=%E9%9D%A2%E5%8C%85%E5%B8%88").await;
    assert_eq!(hits[0]["document_id"], json!(other));
    for nothing in ["q=zebra", "q=the+of", "q=%22%29+OR+%2A%3A%27--"] {
        assert_eq!(
            found(&nora, &mine, nothing).await,
            Vec::<Value>::new(),
            "{nothing}"
        );
    }
    assert!(found(&nora, &empty, "q=tables").await.is_empty());

    nora.delete(&format!("{documents}/{notes}")).await.has(204);
    nora.delete(&format!("{documents}/{notes}"))
        .await
        .is_problem(404, "not_found");
    nora.get(&format!("{documents}/{notes}"))
        .await
        .is_problem(404, "not_found");
    assert!(found(&nora, &mine, "q=tables").await.is_empty());
    let one = nora
        .get(&format!("/collections/{mine}"))
        .await
        .has(200)
        .json();
    assert_eq!((&one["documents"], &one["chars"]), (&json!(1), &json!(12)));
    nora.delete(&format!("/collections/{mine}")).await.has(204);
    for path in [
        format!("/collections/{mine}"),
        documents,
        format!("/collections/{mine}/search?q=a"),
    ] {
        nora.get(&path).await.is_problem(404, "not_found");
    }
    server.finish().await;
}

async fn files_are_read(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mine = collection(&nora, "Files").await;
    let path = format!("/collections/{mine}/documents");
    let named = format!("{path}?name=a.txt");
    let kind = "text/plain; charset=utf-8";
    let added = send(&nora, &named, kind, NOTES.as_bytes());
    let added = added.await.has(201).json();
    assert_eq!(
        (&added["name"], &added["media_type"]),
        (&json!("a.txt"), &json!("text/plain"))
    );
    let kept = async |id: &Value| {
        let answer = nora.get(&format!("{path}/{}", text(id))).await.has(200);
        text(&answer.json()["text"])
    };
    assert_eq!(kept(&added["id"]).await, NOTES);

    let markdown = "# Opening *hours*\n\n- The café opens at **nine**.\n";
    let added = send(&nora, &path, "text/markdown", markdown.as_bytes()).await;
    let added = added.has(201).json();
    assert_eq!(
        added["name"], "Opening hours",
        "its title, where it is given no name"
    );
    let read = kept(&added["id"]).await;
    assert_eq!(read, "# Opening hours\n\n- The café opens at nine.");

    let page = "<title>Boat</title><p>The boat is caf&eacute;-red.<p hidden>All is well.";
    let added = send(&nora, &path, "text/html; charset=utf-8", page.as_bytes()).await;
    let read = kept(&added.has(201).json()["id"]).await;
    assert_eq!(read, "The boat is café-red.");

    // The program's own report is a PDF like others.
    let audited = nora.create_evaluation().await;
    nora.audit(&audited).await;
    let export = format!("/evaluations/{audited}/export?format=pdf");
    let report = nora.get(&export).await.has(200).bytes;
    let named = format!("{path}?name=report.pdf");
    let added = send(&nora, &named, "application/pdf", &report).await;
    let read = kept(&added.has(201).json()["id"]).await;
    let flat = read.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("The building has five floors"), "{read}");
    let hits = found(&nora, &mine, "q=architect+Mira+Oland").await;
    assert_eq!(hits[0]["document_name"], "report.pdf");

    let broken = send(&nora, &named, "application/pdf", b"%PDF-1.5 nothing").await;
    broken.is_invalid_at("");
    server.finish().await;
}

async fn what_is_not_allowed_is_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mine = collection(&nora, "Harbour").await;
    let documents = format!("/collections/{mine}/documents");
    for name in ["", "  ", "a\u{0}", &"x".repeat(101)] {
        let refused = nora.post("/collections", &json!({ "name": name })).await;
        refused.is_invalid_at("/name");
    }
    let longest = "a b ".repeat(250_000);
    for (body, pointer) in [
        (json!({ "name": "", "text": "a" }), "/name"),
        (json!({ "name": "source_text", "text": "a" }), "/name"),
        (json!({ "name": "a", "text": "" }), "/text"),
        (json!({ "name": "a", "text": " \n . " }), "/text"),
        (json!({ "name": "a", "text": "b\u{0}" }), "/text"),
        (
            json!({ "name": "a", "text": format!("{longest}c") }),
            "/text",
        ),
        (json!({ "name": "a" }), "/text"),
        (json!({ "name": "a", "text": "b", "kind": "c" }), "/kind"),
    ] {
        nora.post(&documents, &body).await.is_invalid_at(pointer);
    }
    add(&nora, &mine, "longest", &longest).await;
    send(&nora, &documents, "image/png", b"x")
        .await
        .is_problem(415, "bad_request");
    send(&nora, &documents, "application/json", b"{")
        .await
        .is_problem(400, "bad_request");
    send(
        &nora,
        &format!("{documents}?name=a"),
        "text/plain",
        b"\xff\xfe",
    )
    .await
    .is_problem(422, "validation");
    let flood = vec![b'a'; (8 << 20) + 1];
    send(&nora, &documents, "text/plain", &flood)
        .await
        .is_problem(413, "payload_too_large");
    for (query, pointer) in [("q=", "/q"), ("q=a&limit=51", "/limit"), ("", "/q")] {
        let path = format!("/collections/{mine}/search?{query}");
        nora.get(&path).await.is_invalid_at(pointer);
    }
    for (path, pointer) in [
        ("/collections?limit=0".to_owned(), "/limit"),
        (format!("{documents}?limit=101"), "/limit"),
        (format!("{documents}?cursor=x"), "/cursor"),
    ] {
        nora.get(&path).await.is_invalid_at(pointer);
    }
    for path in ["/collections/x", "/collections/x/documents"] {
        nora.get(path).await.is_problem(404, "not_found");
    }
    nora.get(&format!("{documents}/x"))
        .await
        .is_problem(404, "not_found");

    let unknown = uuid::Uuid::now_v7().to_string();
    let body = evaluation(&unknown, &["lexical"]);
    nora.post("/evaluations", &body)
        .await
        .is_invalid_at("/config/collection_id");
    let mut body = evaluation(&mine, &["lexical"]);
    body["config"]["enable_retrieval"] = json!(false);
    nora.post("/evaluations", &body)
        .await
        .is_invalid_at("/config/collection_id");
    server.finish().await;
}

async fn a_collection_is_its_owners_alone(setup: Setup) {
    let server = setup.start().await;
    let (nora, omar) = (server.register("nora").await, server.register("omar").await);
    let mine = collection(&nora, "Harbour").await;
    let document = add(&nora, &mine, "notes.txt", NOTES).await;
    let (one, documents) = (
        format!("/collections/{mine}"),
        format!("/collections/{mine}/documents"),
    );
    let paths = [
        one.clone(),
        documents.clone(),
        format!("{documents}/{document}"),
        format!("{one}/search?q=soup"),
    ];
    for path in &paths {
        omar.get(path).await.is_problem(404, "not_found");
    }
    let body = json!({ "name": "a", "text": "b" });
    omar.post(&documents, &body)
        .await
        .is_problem(404, "not_found");
    omar.delete(&paths[2]).await.is_problem(404, "not_found");
    omar.delete(&one).await.is_problem(404, "not_found");
    assert_eq!(
        omar.get("/collections").await.has(200).json()["items"],
        json!([])
    );
    let body = evaluation(&mine, &["lexical"]);
    omar.post("/evaluations", &body)
        .await
        .is_invalid_at("/config/collection_id");
    let preferred = json!({ "collection_id": mine });
    let request = omar.request(Method::PUT, "/preferences").json(&preferred);
    omar.door()
        .send(request)
        .await
        .is_invalid_at("/collection_id");
    for path in &paths {
        nora.get(path).await.has(200);
    }
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

async fn uploads_and_searches_are_limited(setup: Setup) {
    let setup = setup
        .limit("uploads_per_minute", 2)
        .limit("searches_per_minute", 1);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mine = collection(&nora, "Harbour").await;
    add(&nora, &mine, "notes.txt", NOTES).await;
    let body = json!({ "name": "a", "text": "b" });
    let refused = nora
        .post(&format!("/collections/{mine}/documents"), &body)
        .await;
    refused.is_problem(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!(Duration::from_secs(wait) <= DEADLINE.max(Duration::from_secs(60)));
    found(&nora, &mine, "q=soup").await;
    let refused = nora
        .get(&format!("/collections/{mine}/search?q=soup"))
        .await;
    refused.is_problem(429, "rate_limited");
    server.finish().await;
}
