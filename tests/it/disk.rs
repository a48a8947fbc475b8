//! SQLite where nothing can be written: a full disk, a file that may only be read.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{DEADLINE, GLANCE, Manner, Scrape, ScriptedJudge, Setup, is_root};
use crate::samples;

/// In less than this a client hears that nothing can be written: who waits for a database that is busy waits
/// as long.
const PROMPT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_full_disk_stops_writing_and_loses_nothing() {
    let judge = ScriptedJudge::start(Manner::Waits);
    let server = Setup::sqlite()
        .file(&judge.configured("patient"))
        .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0")
        .without_size_signal()
        .start()
        .await;
    let nora = server.register("nora").await;
    let live = nora
        .create(&samples::evaluation_by(&["lexical", "patient"]))
        .await;
    let waiting = nora.create(&samples::evaluation_by(&["lexical"])).await;
    let mut socket = nora.connect().await;
    socket.join(&live).await;
    nora.start(&live).await;
    let begin = Instant::now();
    while judge.asked() == 0 {
        assert!(begin.elapsed() < DEADLINE, "the judge was not asked");
        tokio::time::sleep(GLANCE).await;
    }

    // Other judges of the run may notice at once.
    let before = Scrape::of(&server).await;
    server.limit_file_size("0");
    for (path, body) in [
        ("/evaluations".to_owned(), samples::evaluation()),
        (format!("/evaluations/{waiting}/start"), json!({})),
    ] {
        let begin = Instant::now();
        let refused = nora.post(&path, &body).await;
        assert!(begin.elapsed() < PROMPT, "{:?}", begin.elapsed());
        refused.is_problem(503, "overloaded");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    }
    // What is stored can be read.
    assert_eq!(nora.evaluation(&waiting).await["status"], "pending");
    let told = nora
        .get(&format!("/evaluations/{live}/events?limit=500"))
        .await
        .has(200)
        .json();
    let full = Scrape::of(&server).await;
    judge.open();
    let begin = Instant::now();
    while !server
        .printed()
        .contains("the journal waits for the database")
    {
        assert!(
            begin.elapsed() < DEADLINE,
            "the run does not say that it waits"
        );
        tokio::time::sleep(GLANCE).await;
    }
    let after = Scrape::of(&server).await;
    let errors = r#"auditor_database_errors_total{kind="unavailable"}"#;
    assert!(after.value(errors) > before.value(errors), "{}", after.text);
    let commits = "auditor_commit_duration_seconds_count";
    assert_eq!(
        after.value(commits),
        full.value(commits),
        "no commit, no time of one"
    );
    let stored = nora
        .get(&format!("/evaluations/{live}/events?limit=500"))
        .await
        .has(200)
        .json();
    assert_eq!(
        stored["last_seq"], told["last_seq"],
        "nothing is shown that is not stored"
    );

    server.limit_file_size("unlimited");
    let events = socket.until_terminal().await;
    for (event, seq) in events.iter().zip(1..) {
        assert_eq!(event.seq(), seq);
    }
    let end = events.last().unwrap();
    assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);
    assert_eq!(
        judge.asked(),
        1,
        "its answer was kept until it could be stored"
    );
    let list = nora.get("/evaluations").await.has(200).json();
    assert_eq!(
        list["items"].as_array().map(Vec::len),
        Some(2),
        "what was refused is not there"
    );
    assert_eq!(
        nora.audit(&waiting).await.last().unwrap().kind(),
        "evaluation_complete"
    );
    let printed = server.printed().to_lowercase();
    assert!(
        printed.contains("disk"),
        "the log names the cause\n{printed}"
    );
    socket.close().await;
    server.finish().await;
}

#[test]
fn a_file_that_may_only_be_read_is_named_and_nothing_starts() {
    let directory = tempfile::TempDir::with_prefix("auditor-ro-").unwrap();
    let file = directory.path().join("auditor.db");
    let binary = env!("CARGO_BIN_EXE_judge-auditor");
    let url = format!("sqlite:{}", file.display());
    let made = Command::new(binary)
        .arg("migrate")
        .env_clear()
        .env("DATABASE_URL", &url)
        .env("AUDITOR_DATA_DIR", directory.path())
        .status()
        .unwrap();
    assert!(made.success());
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&file, 0o444);
    mode(directory.path(), 0o555);
    // Nothing is read-only for root.
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", binary]);
        command
    } else {
        Command::new(binary)
    };
    let output = command
        .args(["serve"])
        .env_clear()
        .env("DATABASE_URL", &url)
        .env("AUDITOR_DATA_DIR", "/tmp")
        .env(
            "AUDITOR_JWT_SECRET",
            "a secret of at least thirty-two bytes, for this test",
        )
        .env("AUDITOR_BIND", "127.0.0.1:0")
        .env("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("database"), "{said}");
    assert!(
        said.contains("can't be written") && said.matches("Permission denied").count() == 1,
        "{said}"
    );
    assert!(!said.contains("panicked"), "{said}");
    mode(directory.path(), 0o755);
}
