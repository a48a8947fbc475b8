//! Users' own documents: kept, found, and used by runs.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{DEADLINE, Person, Setup, text};
use crate::samples;

on_every_database!(
    documents_come_and_go,
    files_are_read,
    what_is_not_allowed_is_refused,
    a_collection_is_its_owners_alone,
    uploads_and_searches_are_limited,
);

/// What the source does not say, behind characters of two UTF-16 code units.
pub(crate) const NOTES: &str = "\u{1f3db} Notes on the Harbour Library.\n\n\
    The café of the library serves soup until 15:00. It has twelve tables.\n\n\
    The library's boat carries books to the islands on Thursdays.";

pub(crate) const OUTPUT: &str = "The building has five floors. The café of the library has twelve tables. \
    The library's boat carries books to the islands on Fridays.";

pub(crate) async fn collection(person: &Person, name: &str) -> String {
    let made = person
        .post("/collections", &json!({ "name": name }))
        .await
        .has(201);
    let id = text(&made.json()["id"]);
    assert_eq!(made.header("location"), format!("/api/v1/collections/{id}"));
    id
}

pub(crate) async fn add(person: &Person, collection: &str, name: &str, content: &str) -> String {
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

pub(crate) fn evaluation(collection: &str, judges: &[&str]) -> Value {
    let mut body = samples::evaluation_by(judges);
    body["candidate_output"] = json!(OUTPUT);
    body["config"]["collection_id"] = json!(collection);
    body
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
    // With a JSON body the query's name is not used, but has to be one.
    send(
        &nora,
        &format!("{documents}?name={}", "x".repeat(201)),
        "application/json",
        br#"{"name": "a", "text": "b"}"#,
    )
    .await
    .is_invalid_at("/name");
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
