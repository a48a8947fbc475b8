//! A backup taken beside a busy server, and a server that begins with it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::harness::{Frame, Manner, Person, ScriptedJudge, Server, Setup};
use crate::samples;

/// Backups in a row, all under load.
const BACKUPS: usize = 5;

/// The command, on a thread of its own: the load must go on meanwhile.
async fn back_up(server: &Server, file: &Path) -> Output {
    let mut command = server.beside(&["backup", file.to_str().unwrap()]);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// The whole log.
async fn log(person: &Person, id: &str) -> Vec<Value> {
    let path = format!("/evaluations/{id}/events?limit=500");
    let page = person.get(&path).await.has(200).json();
    page["events"].as_array().unwrap().clone()
}

fn without_hole(events: &[Value]) {
    for (event, seq) in events.iter().zip(1..) {
        assert_eq!(event["seq"], json!(seq), "{event}");
    }
}

/// Starts runs one after another, for as long as it is polled.
async fn load(person: &Person, started: &AtomicUsize) {
    loop {
        let id = person.create_evaluation().await;
        person.start(&id).await;
        started.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_backup_under_load_becomes_a_server_that_goes_on() {
    let hangs = ScriptedJudge::start(Manner::Hangs);
    let setup = Setup::sqlite().file(&hangs.configured("slow"));
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let done = nora.create_evaluation().await;
    nora.audit(&done).await;
    let live = nora
        .create(&samples::evaluation_by(&["lexical", "slow"]))
        .await;
    let mut socket = nora.connect().await;
    socket.join(&live).await;
    nora.start(&live).await;
    while socket.next_event().await.kind() != "judge_result" {}
    socket.close().await;

    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let started = AtomicUsize::new(0);
    let backups = async {
        for _ in 0..BACKUPS {
            // The last one is kept.
            if copy.exists() {
                std::fs::remove_file(&copy).unwrap();
            }
            let begin = started.load(Ordering::Relaxed);
            let output = back_up(&server, &copy).await;
            assert!(output.status.success(), "{output:?}");
            let told = String::from_utf8(output.stdout).unwrap();
            assert!(told.ends_with("bytes, checked\n"), "{told}");
            // Nobody waited for the copy to end.
            while started.load(Ordering::Relaxed) == begin {
                tokio::task::yield_now().await;
            }
        }
    };
    tokio::select! {
        () = load(&nora, &started) => {}
        () = backups => {}
    }
    println!(
        "{} runs started beside {BACKUPS} backups",
        started.load(Ordering::Relaxed)
    );
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let again = back_up(&server, &copy).await;
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    let (mut evaluation, events) = (nora.evaluation(&done).await, log(&nora, &live).await);
    let seen_later = events.len() as u64 + 1;
    nora.cancel(&live).await.has(202);
    server.finish().await;

    let mut command = Command::new(env!("CARGO_BIN_EXE_judge-auditor"));
    let url = format!("sqlite:{}", copy.display());
    command
        .env_clear()
        .env("HOME", folder.path())
        .env("DATABASE_URL", url);
    let output = command.arg("after-restore").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with("logs with a new epoch: "), "{told}");

    let rates = ScriptedJudge::start(Manner::Rates(4));
    let setup = Setup::sqlite().file(&rates.configured("slow"));
    let server = setup.restored(&copy).start().await;
    let token = server.door().request(reqwest::Method::GET, "/auth/me");
    let token = server.door().send(token.bearer_auth(&nora.access)).await;
    token.has(401);
    let body = json!({ "refresh_token": nora.refresh });
    // A logout that came after the copy must not be undone by it.
    server.door().post("/auth/refresh", &body).await.has(401);
    let nora = server.login("nora").await;
    let restored = nora.evaluation(&done).await;
    let epoch = evaluation["epoch"].take();
    assert_ne!(restored["epoch"], epoch);
    evaluation["epoch"] = restored["epoch"].clone();
    assert_eq!(restored, evaluation);
    let mut socket = nora.connect().await;
    socket.join(&live).await;
    let told = socket.until_terminal().await;
    assert_eq!(told.last().map(Frame::kind), Some("evaluation_complete"));
    assert_eq!(rates.asked(), 1, "the judge that had not answered");
    let told: Vec<Value> = told.into_iter().map(|event| event.value).collect();
    without_hole(&told);
    assert_eq!(
        told[..events.len()],
        events,
        "what was told is not told anew"
    );
    socket.close().await;

    // The log is longer again than what somebody saw of the old one, and other than that.
    assert!(told.len() as u64 > seen_later);
    let mut socket = nora.connect().await;
    let joined = socket.resume(&live, &events[0]["epoch"], seen_later).await;
    assert_eq!(
        (&joined["data"]["recovered"], &joined["data"]["reason"]),
        (&json!(false), &json!("epoch_mismatch"))
    );
    socket.close().await;

    let (mut listed, mut cursor) = (0, String::new());
    loop {
        let page = format!("/evaluations?limit=100{cursor}");
        let page = nora.get(&page).await.has(200).json();
        for item in page["items"].as_array().unwrap() {
            listed += 1;
            let id = item["id"].as_str().unwrap();
            // Created before the copy, started after it.
            if nora.evaluation(id).await["status"] == "pending" {
                continue;
            }
            let mut socket = nora.connect().await;
            socket.join(id).await;
            let events = socket.until_terminal().await;
            socket.close().await;
            let events: Vec<Value> = events.into_iter().map(|event| event.value).collect();
            without_hole(&events);
            assert_eq!(log(&nora, id).await, events);
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(listed > 2, "{listed} evaluations");
    server.finish().await;
}

#[tokio::test]
async fn postgresql_is_left_to_its_own_tool() {
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let server = setup.start().await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let output = back_up(&server, &copy).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("use pg_dump"), "{told}");
    assert!(!copy.exists());
    server.finish().await;
}

on_every_database!(a_database_that_was_put_back_begins_anew);

async fn a_database_that_was_put_back_begins_anew(setup: Setup) {
    let mut server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let seen = nora.audit(&id).await.len() as u64;
    let epoch = nora.evaluation(&id).await["epoch"].clone();
    let path = format!("/evaluations/{id}/shares");
    let share = nora.post(&path, &json!({})).await.has(201).json();
    let link = share["url"].as_str().unwrap().to_owned();
    nora.door().get(&link).await.has(200);
    if server.database().starts_with("sqlite:") {
        let refused = server.beside(&["after-restore"]).output().unwrap();
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success(), "{told}");
        assert!(told.contains("stop it first"), "{told}");
    }
    let wanted = json!({ "name": "robot", "scopes": ["read"] });
    let made = nora.post("/keys", &wanted).await.has(201).json();
    let mut robot = nora.clone();
    robot.access = made["key"].as_str().unwrap().to_owned();
    server.terminate();
    assert!(server.ended().await.success());
    let output = server.beside(&["after-restore"]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        told,
        "logs with a new epoch: 1; logins that were ended: 1; API keys that were revoked: 1; links that were taken back: 1\n"
    );
    server.start_again();
    // It may have been taken back after the copy was made.
    nora.door().get(&link).await.is_problem(404, "not_found");
    robot
        .get("/auth/me")
        .await
        .is_problem(401, "unauthenticated");
    let nora = server.login("nora").await;
    let mut socket = nora.connect().await;
    let joined = socket.resume(&id, &epoch, seen).await;
    assert_eq!(joined["data"]["reason"], "epoch_mismatch", "{joined}");
    socket.close().await;
    let mut socket = nora.connect().await;
    let joined = socket.resume(&id, &joined["data"]["epoch"], seen).await;
    assert_eq!(joined["data"]["recovered"], true, "{joined}");
    socket.close().await;
    server.finish().await;
}

#[test]
fn what_was_not_put_back_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_judge-auditor"));
    command.env_clear().env("HOME", folder.path());
    let data = folder.path().join("elsewhere");
    command.env("AUDITOR_DATA_DIR", &data).arg("after-restore");
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("there is no database at"), "{told}");
    assert!(!data.join("judge-auditor.db").exists());
}
