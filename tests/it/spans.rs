//! Log lines: what went wrong stands beside whose request or run it was.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::Setup;

on_every_database!(
    the_cause_of_a_failed_request_has_the_request_s_id,
    what_a_run_s_computation_logs_names_the_run,
);

/// Carries out a statement behind the server's back.
fn execute(url: &str, statement: &str) {
    let done = match url.strip_prefix("sqlite:") {
        Some(path) => SqliteConnection::establish(path)
            .unwrap()
            .batch_execute(&format!("PRAGMA busy_timeout = 10000; {statement}")),
        None => PgConnection::establish(url)
            .unwrap()
            .batch_execute(statement),
    };
    done.unwrap();
}

/// What makes the database refuse claims.
fn refusing(url: &str) -> &'static str {
    if url.starts_with("sqlite:") {
        "CREATE TRIGGER refuse BEFORE INSERT ON claims BEGIN SELECT RAISE(ABORT, 'on purpose'); END"
    } else {
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'on purpose'; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON claims FOR EACH ROW EXECUTE FUNCTION refuse()"
    }
}

/// The database's URL, which a SQLite file has in a folder of the test.
fn placed(setup: Setup, folder: &TempDir) -> (Setup, String) {
    let file = || format!("sqlite:{}", folder.path().join("auditor.db").display());
    let url = setup.postgres_url().unwrap_or_else(file);
    (setup.set("DATABASE_URL", &url), url)
}

/// The lines of a log in JSON.
fn lines(printed: &str) -> Vec<Value> {
    let lines = printed.lines();
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// The span of that name that a line stands in.
fn span<'l>(line: &'l Value, name: &str) -> Option<&'l Value> {
    let spans = line["spans"].as_array()?;
    spans.iter().find(|span| span["name"] == name)
}

async fn the_cause_of_a_failed_request_has_the_request_s_id(setup: Setup) {
    let folder = TempDir::new().unwrap();
    let (setup, url) = placed(setup, &folder);
    // No filter of levels takes the ids away.
    let setup = setup
        .set("AUDITOR_TELEMETRY__FORMAT", "json")
        .set("AUDITOR_LOG", "error");
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let me = nora.get("/auth/me").await.has(200).json();
    execute(&url, "ALTER TABLE collections RENAME TO elsewhere");
    let failed = nora.get("/collections?limit=5").await;
    failed.is_problem(500, "internal");
    execute(&url, "ALTER TABLE elsewhere RENAME TO collections");
    nora.get("/collections").await.has(200);

    let printed = server.printed();
    let log = lines(&printed);
    let cause = log.iter().find(|line| line["error"].is_string());
    let cause = cause.unwrap_or_else(|| panic!("no cause in\n{printed}"));
    let request = span(cause, "request").unwrap_or_else(|| panic!("no request in {cause}"));
    assert_eq!(request["request_id"], failed.header("x-request-id"));
    assert_eq!(request["route"], "/api/v1/collections");
    assert_eq!(request["user"], me["id"]);
    let told = cause["error"].as_str().unwrap();
    assert_eq!(told.matches("the database refused").count(), 1, "{told}");
    server.finish().await;
}

async fn what_a_run_s_computation_logs_names_the_run(setup: Setup) {
    let folder = TempDir::new().unwrap();
    let (setup, url) = placed(setup, &folder);
    let setup = setup.set("AUDITOR_TELEMETRY__FORMAT", "json");
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    // The claims of a run can't be kept: the refusal is found on the writer's thread.
    execute(&url, refusing(&url));
    let last = nora.audit(&id).await.pop().unwrap();
    assert_eq!(last.kind(), "evaluation_error", "{}", last.text);
    let printed = server.printed();
    let log = lines(&printed);
    let refused = log.iter().find(|line| {
        let message = line["message"].as_str().unwrap_or_default();
        message.contains("refuses what has to be kept")
    });
    let refused = refused.unwrap_or_else(|| panic!("nothing is said of it in\n{printed}"));
    let told = refused["error"].as_str().unwrap();
    assert_eq!(told.matches("the database refused").count(), 1, "{told}");
    let run = span(refused, "run").unwrap_or_else(|| panic!("no run in {refused}"));
    assert_eq!(run["session"], id.as_str());
    assert!(run["run"].is_string(), "{run}");
    server.finish().await;
}
