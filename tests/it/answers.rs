//! What each resource answers, whole: its members and their values are the contract of a client.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, Person, Setup, redacted, text};
use crate::samples;

on_every_database!(
    an_evaluation_from_its_making_to_its_result,
    what_belongs_to_an_evaluation,
    an_account_and_what_it_used,
    a_collection_and_its_documents,
    refusals_say_what_to_do,
);

/// Without the model in the program: its figures are not the last digit alike on every processor.
fn setup(setup: Setup) -> Setup {
    setup.set("AUDITOR_NEURAL__ENABLED", "false")
}

async fn got(person: &Person, path: &str) -> String {
    redacted(&person.get(path).await.has(200).json())
}

async fn posted(person: &Person, path: &str, body: &Value, status: u16) -> Value {
    person.post(path, body).await.has(status).json()
}

async fn audited(person: &Person) -> String {
    let mut body = samples::evaluation_by(&["facts", "logic"]);
    body["question"] = json!("What is known about the library?");
    let id = person.create(&body).await;
    person.audit(&id).await;
    id
}

async fn an_evaluation_from_its_making_to_its_result(server: Setup) {
    let server = setup(server).start().await;
    let nora = server.register("nora").await;
    assert_snapshot!("no_evaluations", got(&nora, "/evaluations").await);
    let body = samples::evaluation_by(&["facts", "logic"]);
    let created = posted(&nora, "/evaluations", &body, 201).await;
    assert_snapshot!("evaluation_created", redacted(&created));
    let id = text(&created["id"]);
    nora.audit(&id).await;
    assert_snapshot!(
        "evaluation_completed",
        got(&nora, &format!("/evaluations/{id}")).await
    );
    nora.create(&body).await;
    assert_snapshot!("evaluations", got(&nora, "/evaluations?limit=1").await);
    let again = format!("/evaluations/{id}/start");
    let started = posted(&nora, &again, &json!({}), 202).await;
    assert_snapshot!("evaluation_started", redacted(&started));
    let mut socket = nora.connect().await;
    socket.join(&id).await;
    socket.until_terminal().await;
    socket.close().await;
    server.finish().await;
}

async fn what_belongs_to_an_evaluation(server: Setup) {
    let server = setup(server).start().await;
    let nora = server.register("nora").await;
    let id = audited(&nora).await;
    let of = |what: &str| format!("/evaluations/{id}/{what}");
    let estimate = posted(&nora, &of("estimate"), &json!({}), 200).await;
    assert_snapshot!("estimate", redacted(&estimate));
    let claim = &nora.evaluation(&id).await["claims"][0]["id"];
    let opinion = json!({ "claim_id": claim, "label": "SUPPORTED", "comment": "so it is" });
    let given = posted(&nora, &of("feedback"), &opinion, 201).await;
    assert_snapshot!("feedback_given", redacted(&given));
    assert_snapshot!("feedback", got(&nora, &of("feedback")).await);
    let share = posted(&nora, &of("shares"), &json!({}), 201).await;
    assert_snapshot!("share_made", redacted(&share));
    assert_snapshot!("shares", got(&nora, &of("shares")).await);
    server.finish().await;
}

async fn an_account_and_what_it_used(server: Setup) {
    let server = setup(server).start().await;
    let nora = server.register("nora").await;
    assert_snapshot!("account", got(&nora, "/auth/me").await);
    assert_snapshot!("statistics_of_nothing", got(&nora, "/statistics").await);
    audited(&nora).await;
    assert_snapshot!("statistics", got(&nora, "/statistics").await);
    assert_snapshot!("usage", got(&nora, "/usage").await);
    assert_snapshot!("judges", got(&nora, "/judges").await);
    assert_snapshot!("preferences_of_nobody", got(&nora, "/preferences").await);
    let preferred = json!({ "judges": ["facts"], "quorum": 1, "theme": "dark" });
    let put = nora.request(Method::PUT, "/preferences").json(&preferred);
    let kept = server.door().send(put).await.has(200).json();
    assert_snapshot!("preferences", redacted(&kept));
    server.finish().await;
}

async fn a_collection_and_its_documents(server: Setup) {
    let server = setup(server).start().await;
    let nora = server.register("nora").await;
    let made = posted(&nora, "/collections", &json!({ "name": "Manuals" }), 201).await;
    let path = format!("/collections/{}", text(&made["id"]));
    let documents = format!("{path}/documents");
    let body = json!({ "name": "library.txt", "text": samples::SOURCE });
    let added = posted(&nora, &documents, &body, 201).await;
    assert_snapshot!("document_added", redacted(&added));
    let document = format!("{documents}/{}", text(&added["id"]));
    assert_snapshot!("document", got(&nora, &document).await);
    assert_snapshot!("documents", got(&nora, &documents).await);
    assert_snapshot!("collection", got(&nora, &path).await);
    assert_snapshot!("collections", got(&nora, "/collections").await);
    let search = format!("{path}/search?q=reading%20room");
    let mut found = nora.get(&search).await.has(200).json();
    // Each database ranks by a measure of its own.
    found["items"][0]["score"] = json!("[score]");
    assert_snapshot!("search", redacted(&found));
    server.finish().await;
}

/// Every code as a problem is in the unit tests of `http/edge/problem.rs`: these are the sentences.
async fn refusals_say_what_to_do(server: Setup) {
    let server = setup(server)
        .set("AUDITOR_LIMITS__EVALUATIONS_PER_USER", "1")
        .start()
        .await;
    let door = server.door();
    door.keep_secret(PASSWORD);
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let taken = |name: &str, email: &str| json!({ "username": name, "email": format!("{email}@example.org"), "password": PASSWORD });
    let wrong = json!({ "username": "nora", "password": "not the one" });
    let unknown_judge = samples::evaluation_by(&["nobody"]);
    let none = json!({});
    let mut told = Vec::new();
    for answer in [
        door.get("/evaluations").await,
        door.post("/auth/login", &wrong).await,
        door.post("/auth/register", &taken("nora", "other")).await,
        door.post("/auth/register", &taken("other", "nora")).await,
        door.post(
            "/auth/register",
            &json!({ "username": "", "email": "", "password": "" }),
        )
        .await,
        door.get("/shared/no-such-token").await,
        nora.get("/no/such/resource").await,
        nora.get("/evaluations?limit=0&min_score=101&cursor=x")
            .await,
        nora.get("/usage?days=0").await,
        nora.get(&format!("/evaluations/{id}/export?format=docx"))
            .await,
        nora.get(&format!("/evaluations/{id}/export?format=pdf"))
            .await,
        nora.post("/evaluations", &none).await,
        nora.post("/evaluations", &unknown_judge).await,
        nora.post("/evaluations", &samples::evaluation()).await,
        nora.cancel(&id).await,
        nora.post(&format!("/evaluations/{id}/shares"), &none).await,
        nora.post("/collections", &json!({ "name": "" })).await,
        door.send(nora.request(Method::PATCH, "/evaluations")).await,
        door.send(nora.request(Method::POST, "/evaluations").body("{}"))
            .await,
    ] {
        let mut body = answer.json();
        // That it is the header's is looked at where every answer comes in.
        body["request_id"] = json!("[request]");
        told.push(redacted(&body));
    }
    assert_snapshot!("refusals", told.join("\n"));
    server.finish().await;
}
