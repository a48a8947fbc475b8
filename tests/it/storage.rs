//! How much is kept, for how long, and that what was deleted is gone.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::harness::{PASSWORD, Person, Server, Setup, change, text};
use crate::samples;

on_every_database!(
    what_a_user_stores_is_limited_by_the_minute,
    a_user_keeps_so_many_evaluations_and_no_more,
    a_user_keeps_so_many_bytes_and_no_more,
    what_is_older_than_it_shall_be_kept_goes_and_the_rest_stays,
    a_log_that_begins_later_is_told_as_one,
    creating_and_starting_is_one_step,
);

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(30);

async fn what_a_user_stores_is_limited_by_the_minute(setup: Setup) {
    let setup = setup
        .limit("creates_per_minute", 2)
        .limit("writes_per_minute", 2);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.create_evaluation().await;
    let refused = nora.post("/evaluations", &samples::evaluation()).await;
    refused.is_problem(429, "rate_limited");
    let opinion = json!({ "score": 50 });
    let path = format!("/evaluations/{id}/feedback");
    nora.post(&path, &opinion).await.has(201);
    let preference = nora.request(Method::PUT, "/preferences");
    let preference = preference.json(&json!({ "theme": "dark" }));
    nora.door().send(preference).await.has(200);
    nora.post(&path, &opinion)
        .await
        .is_problem(429, "rate_limited");
    nora.post(&format!("/evaluations/{id}/shares"), &json!({}))
        .await
        .is_problem(429, "rate_limited");
    let other = server.register("other").await;
    other.create_evaluation().await;
    server.finish().await;
}

async fn a_user_keeps_so_many_evaluations_and_no_more(setup: Setup) {
    let server = setup.limit("evaluations_per_user", 2).start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let key = |key: &str| {
        let request = nora.request(Method::POST, "/evaluations");
        let request = request.header("Idempotency-Key", key);
        nora.door().send(request.json(&samples::evaluation()))
    };
    let second = text(&key("a").await.has(201).json()["id"]);
    let refused = nora.post("/evaluations", &samples::evaluation()).await;
    let problem = refused.is_problem(409, "limit_exceeded");
    assert!(
        problem["detail"].as_str().unwrap().contains("delete some"),
        "{problem}"
    );
    // What was made before is found again, and what was refused has not used up its key.
    assert_eq!(text(&key("a").await.has(201).json()["id"]), second);
    key("b").await.is_problem(409, "limit_exceeded");
    nora.delete(&format!("/evaluations/{id}")).await.has(204);
    key("b").await.has(201);
    let list = nora.get("/evaluations").await.has(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    server.finish().await;
}

async fn a_user_keeps_so_many_bytes_and_no_more(setup: Setup) {
    let server = setup.limit("bytes_per_user", 100_000).start().await;
    let nora = server.register("nora").await;
    let large = json!({ "source_text": "x".repeat(60_000), "candidate_output": "y" });
    let id = nora.create(&large).await;
    nora.post("/evaluations", &large)
        .await
        .is_problem(409, "limit_exceeded");
    let collection = nora
        .post("/collections", &json!({ "name": "Manuals" }))
        .await
        .has(201)
        .json();
    let path = format!("/collections/{}/documents", text(&collection["id"]));
    let document = |words: usize| json!({ "name": "a.txt", "text": "words ".repeat(words) });
    nora.post(&path, &document(7_000))
        .await
        .is_problem(409, "limit_exceeded");
    nora.post(&path, &document(6_000)).await.has(201);
    // A run adds to it: one begins while there is any room, and the next does not.
    let small = nora.create_evaluation().await;
    nora.audit(&small).await;
    nora.post(&format!("/evaluations/{small}/start"), &json!({}))
        .await
        .is_problem(409, "limit_exceeded");
    nora.delete(&format!("/evaluations/{id}")).await.has(204);
    nora.audit(&small).await;
    server.finish().await;
}

async fn what_is_older_than_it_shall_be_kept_goes_and_the_rest_stays(setup: Setup) {
    let setup = setup.set("AUDITOR_RETENTION__EVALUATIONS_DAYS", "30");
    let mut server = setup.start().await;
    let nora = server.register("nora").await;
    let (old, new) = (
        nora.create_evaluation().await,
        nora.create_evaluation().await,
    );
    nora.audit(&old).await;
    nora.audit(&new).await;
    server.terminate();
    server.ended().await;
    let long_ago = format!(
        "UPDATE evaluation_sessions SET created_at = '2020-01-01 00:00:00', \
         completed_at = '2020-01-01 00:00:00' WHERE id = '{old}'"
    );
    change(&server.database(), &long_ago);
    server.start_again();
    let nora = server.login("nora").await;
    let begin = Instant::now();
    while nora.get(&format!("/evaluations/{old}")).await.status != 404 {
        assert!(begin.elapsed() < PATIENCE, "it is still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(nora.evaluation(&new).await["status"], "completed");
    server.finish().await;
}

async fn a_log_that_begins_later_is_told_as_one(setup: Setup) {
    let setup = setup.set("AUDITOR_RETENTION__EVENTS_DAYS", "30");
    let mut server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    let before = nora.evaluation(&id).await;
    server.terminate();
    server.ended().await;
    let long_ago = "UPDATE evaluation_sessions SET completed_at = '2020-01-01 00:00:00'".to_owned();
    change(&server.database(), &long_ago);
    server.start_again();
    let nora = server.login("nora").await;
    let path = format!("/evaluations/{id}/events");
    let begin = Instant::now();
    while nora.get(&path).await.has(200).json()["events"] != json!([]) {
        assert!(begin.elapsed() < PATIENCE, "the events are still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The result is kept, and the numbers go on.
    let after = nora.evaluation(&id).await;
    assert_eq!(after["result"], before["result"]);
    assert_eq!(after["last_seq"], before["last_seq"]);
    let mut socket = nora.connect().await;
    let joined = socket.resume(&id, &after["epoch"], 0).await;
    assert_eq!(joined["data"]["recovered"], false, "{joined}");
    assert_eq!(joined["data"]["reason"], "too_far_behind", "{joined}");
    nora.start(&id).await;
    let next = socket.next_event().await;
    assert_eq!(next.seq(), after["last_seq"].as_u64().unwrap() + 1);
    socket.close().await;
    server.finish().await;
}

async fn creating_and_starting_is_one_step(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut body = samples::evaluation_by(&["lexical"]);
    body["start"] = json!(true);
    let made = nora.post("/evaluations", &body).await.has(201).json();
    assert!(made["run_id"].is_string(), "{made}");
    assert_ne!(made["status"], "pending");
    let id = text(&made["id"]);
    let begin = Instant::now();
    while nora.evaluation(&id).await["status"] != "completed" {
        assert!(begin.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.finish().await;
}

/// The files of a SQLite database.
fn files(server: &Server) -> Vec<PathBuf> {
    let url = server.database();
    let path = url.strip_prefix("sqlite:").unwrap();
    ["", "-wal", "-shm"]
        .map(|suffix| PathBuf::from(format!("{path}{suffix}")))
        .into_iter()
        .filter(|file| file.exists())
        .collect()
}

fn holds(file: &Path, mark: &str) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes
        .windows(mark.len())
        .any(|part| part == mark.as_bytes())
}

fn size(server: &Server) -> u64 {
    let sizes = files(server).into_iter();
    sizes.map(|file| file.metadata().unwrap().len()).sum()
}

/// Words that stand nowhere else, in the texts, the index, and what judges say of them.
const MARK: &str = "quetzalwortel";

async fn fill(nora: &Person) -> (String, String) {
    let source = format!("The {MARK} of Vessen has five floors. {}", samples::SOURCE);
    let candidate = format!("The {MARK} of Vessen has seven floors.");
    let mut body = json!({ "source_text": source, "candidate_output": candidate });
    body["question"] = json!(format!("What is the {MARK}?"));
    let id = nora.create(&body).await;
    nora.audit(&id).await;
    let comment = json!({ "score": 10, "comment": format!("No {MARK} at all") });
    nora.post(&format!("/evaluations/{id}/feedback"), &comment)
        .await
        .has(201);
    let name = json!({ "name": format!("About the {MARK}") });
    let collection = nora.post("/collections", &name).await.has(201).json();
    let collection = text(&collection["id"]);
    let text = format!("The {MARK} is old.\n\n").repeat(300);
    let document = json!({ "name": format!("{MARK}.txt"), "text": text });
    let path = format!("/collections/{collection}/documents");
    nora.post(&path, &document).await.has(201);
    (id, collection)
}

/// SQLite alone: PostgreSQL keeps deleted rows until its VACUUM.
#[tokio::test]
async fn what_is_deleted_is_gone_from_the_files_and_gives_its_space_back() {
    let mut server = Setup::sqlite().start().await;
    let nora = server.register("nora").await;
    let other = nora.create_evaluation().await;
    let (id, collection) = fill(&nora).await;
    // Enough that the files are larger than what is left of them.
    let mut large = Vec::new();
    for _ in 0..20 {
        let body = json!({ "source_text": "x".repeat(200_000), "candidate_output": MARK });
        large.push(nora.create(&body).await);
    }
    assert!(files(&server).iter().any(|file| holds(file, MARK)));
    let before = size(&server);
    for id in large.iter().chain([&id]) {
        nora.delete(&format!("/evaluations/{id}")).await.has(204);
    }
    nora.delete(&format!("/collections/{collection}"))
        .await
        .has(204);

    // A backup does not wait until it is removed.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let mut backup = server.beside(&["backup", copy.to_str().unwrap()]);
    let output = backup.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!holds(&copy, MARK), "the backup has it");

    let begin = Instant::now();
    while files(&server).iter().any(|file| holds(file, MARK)) || size(&server) > before - 3_000_000
    {
        assert!(
            begin.elapsed() < PATIENCE,
            "{} bytes before, {} now; still there: {:?}",
            before,
            size(&server),
            files(&server)
                .into_iter()
                .filter(|file| holds(file, MARK))
                .collect::<Vec<_>>()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("{before} bytes with it, {} without", size(&server));
    assert_eq!(nora.evaluation(&other).await["status"], "pending");

    // After a clean stop the file alone is the database.
    server.terminate();
    assert!(server.ended().await.success());
    for file in files(&server).into_iter().skip(1) {
        if file.to_str().unwrap().ends_with("-wal") {
            assert_eq!(file.metadata().unwrap().len(), 0, "{file:?}");
        }
        std::fs::remove_file(file).unwrap();
    }
    server.start_again();
    let nora = server.login("nora").await;
    assert_eq!(nora.evaluation(&other).await["status"], "pending");
    server.finish().await;
}

#[tokio::test]
async fn a_file_of_an_earlier_version_gives_space_back_once_it_is_compacted() {
    let mut server = Setup::sqlite().start().await;
    server.register("nora").await;
    server.terminate();
    server.ended().await;
    let file = files(&server).remove(0);
    change(
        &server.database(),
        "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM;",
    );
    server.start_again();
    let nora = server.login("nora").await;
    let fill_and_delete = async |nora: &Person| {
        let body = json!({ "source_text": "x".repeat(200_000), "candidate_output": "y" });
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(nora.create(&body).await);
        }
        for id in made {
            nora.delete(&format!("/evaluations/{id}")).await.has(204);
        }
    };
    fill_and_delete(&nora).await;
    server.terminate();
    server.ended().await;
    let before = file.metadata().unwrap().len();
    let output = server.beside(&["compact"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let after = file.metadata().unwrap().len();
    assert!(after + 800_000 < before, "{before} bytes, then {after}");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains(&format!("{after} bytes now")), "{told}");

    server.start_again();
    let nora = server.login("nora").await;
    fill_and_delete(&nora).await;
    let begin = Instant::now();
    while file.metadata().unwrap().len() > after + 100_000 || size(&server) > after + 200_000 {
        assert!(begin.elapsed() < PATIENCE, "{} bytes", size(&server));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.finish().await;
}

/// The removal of an account has its own way to the rows, and the log of the file has them too.
#[tokio::test]
async fn what_a_deleted_account_kept_is_gone_from_the_files() {
    let server = Setup::sqlite().start().await;
    let nora = server.register("nora").await;
    fill(&nora).await;
    assert!(files(&server).iter().any(|file| holds(file, MARK)));
    let body = json!({ "current_password": PASSWORD });
    nora.post("/auth/delete", &body).await.has(204);
    let begin = Instant::now();
    while files(&server).iter().any(|file| holds(file, MARK)) {
        assert!(begin.elapsed() < PATIENCE, "{:?}", files(&server));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.finish().await;
}
