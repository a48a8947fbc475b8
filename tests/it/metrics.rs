//! `/metrics`: what happened is what is counted, all of it is described, and nothing of anybody is in it.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Instant;

use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{
    DEADLINE, Family, GLANCE, Knock, Manner, Scrape, ScriptedJudge, Setup, text, until,
};
use crate::samples;

on_every_database!(
    what_happens_is_counted,
    runs_at_work_and_waiting_are_told_apart,
    refusals_and_failed_proofs_are_counted,
    the_figures_are_described_and_nobody_is_in_them,
);

fn measured(setup: Setup) -> Setup {
    setup.set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0")
}

async fn what_happens_is_counted(setup: Setup) {
    let server = measured(setup).start().await;
    Scrape::of(&server).await.says(&[
        ("auditor_connections", 0.0),
        ("auditor_rooms", 0.0),
        ("auditor_draining", 0.0),
        (r#"auditor_joins_total{outcome="recovered"}"#, 0.0),
        (r#"auditor_closes_total{code="client"}"#, 0.0),
        ("auditor_events_committed_total", 0.0),
    ]);
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    let total = events.len() as f64;
    let epoch = events[0].value["epoch"].clone();

    let scrape = until(&server, r#"auditor_closes_total{code="client"}"#, 1.0).await;
    scrape.says(&[
        ("auditor_runs_started_total", 1.0),
        (r#"auditor_runs_ended_total{outcome="completed"}"#, 1.0),
        ("auditor_events_committed_total", total),
        ("auditor_commit_events_sum", total),
        (
            "auditor_commit_events_count",
            scrape.value("auditor_commit_duration_seconds_count"),
        ),
        (r#"auditor_joins_total{outcome="recovered"}"#, 1.0),
        ("auditor_replayed_events_total", 0.0),
        (r#"auditor_http_requests_total{method="POST",route="/api/v1/auth/register",status="2xx"}"#, 1.0),
        (r#"auditor_http_requests_total{method="POST",route="/api/v1/evaluations/{id}/start",status="2xx"}"#, 1.0),
        (r#"auditor_http_request_duration_seconds_count{method="POST",route="/api/v1/evaluations/{id}/start"}"#, 1.0),
        (r#"auditor_http_requests_total{method="GET",route="/ws",status="1xx"}"#, 1.0),
        (r#"auditor_database_errors_total{kind="unavailable"}"#, 0.0),
        (r#"auditor_database_errors_total{kind="refused"}"#, 0.0),
    ]);
    assert!(scrape.value("auditor_commit_events_count") >= 1.0);
    assert!(scrape.value("auditor_database_wait_seconds_count") > 0.0);
    let mut heard = 0;
    for event in &events {
        if event.kind() == "judge_result" {
            let name = text(&event.data()["judge_name"]);
            let outcome = text(&event.data()["status"]);
            let kind = text(&event.data()["kind"]);
            let labels = format!(r#"judge="{name}",kind="{kind}""#);
            scrape.says(&[
                (
                    &format!(r#"auditor_judge_calls_total{{{labels},outcome="{outcome}"}}"#),
                    1.0,
                ),
                (
                    &format!("auditor_judge_call_duration_seconds_count{{{labels}}}"),
                    1.0,
                ),
            ]);
            heard += 1;
        }
    }
    assert_eq!(heard, 4);
    assert_eq!(scrape.sum("auditor_judge_calls_total"), 4.0);

    // The whole log for one, a part of it for another; a third and a fourth can't have it.
    let (mut whole, mut part) = (nora.connect().await, nora.connect().await);
    whole.join(&id).await;
    part.resume(&id, &epoch, 3).await;
    for _ in &events {
        whole.next_event().await;
    }
    for _ in 3..events.len() {
        part.next_event().await;
    }
    whole.join(&id).await;
    let (mut future, mut live) = (nora.connect().await, nora.connect().await);
    future.resume(&id, &epoch, 9999).await;
    live.command("join_session", json!({ "session_id": id }))
        .await;
    Scrape::of(&server).await.says(&[
        ("auditor_connections", 4.0),
        ("auditor_rooms", 1.0),
        ("auditor_runs_live", 0.0),
        (r#"auditor_joins_total{outcome="recovered"}"#, 3.0),
        (r#"auditor_joins_total{outcome="again"}"#, 1.0),
        (r#"auditor_joins_total{outcome="future_position"}"#, 1.0),
        (r#"auditor_joins_total{outcome="epoch_mismatch"}"#, 0.0),
        (r#"auditor_joins_total{outcome="live"}"#, 1.0),
        ("auditor_replayed_events_total", 2.0 * total - 3.0),
        ("auditor_lags_total", 0.0),
        ("auditor_evictions_total", 0.0),
    ]);

    whole.send(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(whole.until_closed().await.1, 1003);
    drop(part);
    future.close().await;
    live.close().await;
    until(&server, "auditor_connections", 0.0).await;
    until(&server, r#"auditor_closes_total{code="none"}"#, 1.0)
        .await
        .says(&[
            (r#"auditor_closes_total{code="1003"}"#, 1.0),
            (r#"auditor_closes_total{code="client"}"#, 3.0),
            ("auditor_lagging_members", 0.0),
        ]);
    server.finish().await;
}

async fn runs_at_work_and_waiting_are_told_apart(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = measured(setup)
        .file(&judge.configured("slow"))
        .set("AUDITOR_RUNS__MAX_CONCURRENT", "1")
        .start()
        .await;
    let nora = server.register("nora").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = nora.create(&samples::evaluation_by(&["slow"])).await;
        nora.start(&id).await;
        ids.push(id);
    }
    until(&server, "auditor_runs_queued", 2.0).await;
    until(&server, "auditor_runs_at_work", 1.0).await.says(&[
        ("auditor_runs_live", 3.0),
        ("auditor_runs_started_total", 3.0),
        (r#"auditor_runs_ended_total{outcome="cancelled"}"#, 0.0),
    ]);
    for id in &ids {
        nora.cancel(id).await.has(202);
    }
    until(
        &server,
        r#"auditor_runs_ended_total{outcome="cancelled"}"#,
        3.0,
    )
    .await;
    until(&server, "auditor_runs_live", 0.0).await.says(&[
        ("auditor_runs_queued", 0.0),
        ("auditor_runs_at_work", 0.0),
        ("auditor_runs_lost_total", 0.0),
    ]);
    let heard = Scrape::of(&server).await.sum("auditor_judge_calls_total");
    assert!(
        heard.abs() < f64::EPSILON,
        "one that was dismissed is not heard: {heard}"
    );
    server.finish().await;
}

async fn refusals_and_failed_proofs_are_counted(setup: Setup) {
    let server = measured(setup)
        .limit("starts_per_minute", 1)
        .limit("commands_per_second", 1)
        .limit("commands_burst", 2)
        .start()
        .await;
    let door = server.door();
    let mut nora = server.register("nora").await;
    let wrong = json!({ "username": "nora", "password": "not the right one" });
    for _ in 0..2 {
        door.post("/auth/login", &wrong).await.has(401);
    }
    let forged = door.request(Method::GET, "/auth/me").bearer_auth("a.b.c");
    door.send(forged).await.has(401);
    let unknown = json!({ "refresh_token": "made up" });
    door.post("/auth/refresh", &unknown).await.has(401);
    let spent = json!({ "refresh_token": nora.refresh });
    let tokens = door.post("/auth/refresh", &spent).await.has(200).json();
    nora.take(&tokens);
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    nora.post(&format!("/evaluations/{id}/start"), &json!({}))
        .await
        .has(429);
    let mut socket = nora.connect().await;
    let mut refused = 0.0;
    while refused < 3.0 {
        let reply = socket.command("ping", json!({})).await;
        refused += f64::from(u8::from(reply["type"] == "error"));
    }
    // A spent token that comes back ends the login, and its socket.
    door.post("/auth/refresh", &spent).await.has(401);
    assert_eq!(socket.until_closed().await.1, 4503);
    nora.get("/auth/me").await.has(401);

    Scrape::of(&server).await.says(&[
        (r#"auditor_auth_failures_total{kind="password"}"#, 2.0),
        (r#"auditor_auth_failures_total{kind="access_token"}"#, 1.0),
        (r#"auditor_auth_failures_total{kind="refresh_token"}"#, 1.0),
        (
            r#"auditor_auth_failures_total{kind="refresh_token_reused"}"#,
            1.0,
        ),
        (r#"auditor_auth_failures_total{kind="login_ended"}"#, 1.0),
        (r#"auditor_rate_limited_total{limit="starts"}"#, 1.0),
        (r#"auditor_rate_limited_total{limit="commands"}"#, refused),
        (
            r#"auditor_rate_limited_total{limit="logins_by_strangers"}"#,
            0.0,
        ),
        (r#"auditor_closes_total{code="4503"}"#, 1.0),
        (
            r#"auditor_http_requests_total{method="POST",route="/api/v1/auth/login",status="4xx"}"#,
            2.0,
        ),
    ]);
    server.finish().await;
}

async fn the_figures_are_described_and_nobody_is_in_them(setup: Setup) {
    let server = measured(setup).start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    let door = server.door();
    let paths = ["/nowhere/jabberwock", "/ws?token=jabberwock"];
    for path in paths {
        let status = door.send(door.outside(Method::GET, path)).await.status;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    let odd = Method::from_bytes(b"JABBERWOCK").unwrap();
    door.send(door.outside(odd, "/healthz")).await;
    Knock::at_path(door, "/ws")
        .header("Origin", "https://jabberwock.example")
        .refused()
        .await
        .has(403);
    // The main listener has no figures.
    door.send(door.outside(Method::GET, "/metrics"))
        .await
        .has(404);
    let scrape = Scrape::of(&server).await;

    for secret in door.secrets() {
        assert!(!scrape.text.contains(&secret), "a secret is in it");
    }
    let run = text(&events[0].value["run_id"]);
    for stranger in [
        "jabberwock",
        "JABBERWOCK",
        "nora",
        "Harbour",
        "Vessen",
        "127.0.0.1",
        &nora.id,
        &id,
        &run,
    ] {
        assert!(
            !scrape.text.contains(stranger),
            "{stranger}\n{}",
            scrape.text
        );
    }
    for (name, family) in &scrape.families {
        assert!(name.starts_with("auditor_"), "{name}");
        assert!(family.help.ends_with('.'), "{name}: {}", family.help);
        let unit = ["_ms", "_millis", "_minutes", "_kb", "_percent"];
        assert!(!unit.iter().any(|unit| name.contains(unit)), "{name}");
        match family.kind.as_str() {
            "counter" => assert!(name.ends_with("_total"), "{name}"),
            "gauge" => assert!(!name.ends_with("_total"), "{name}"),
            "histogram" => assert!(
                name.ends_with("_seconds") || name.ends_with("_events"),
                "{name}"
            ),
            other => panic!("{name}: {other}"),
        }
    }
    assert_eq!(
        documented(),
        scrape.families,
        "the page's table and what is served"
    );
    server.finish().await;
}

/// The metrics that the reference describes.
fn documented() -> BTreeMap<String, Family> {
    let mut families = BTreeMap::new();
    for line in include_str!("../../docs/reference/metrics.md").lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, help] = cells.as_slice() else {
            continue;
        };
        let Some(name) = name.strip_prefix("`auditor_") else {
            continue;
        };
        let names = labels
            .split(',')
            .map(|label| label.trim().trim_matches('`'));
        let family = Family {
            kind: (*kind).to_owned(),
            help: (*help).to_owned(),
            labels: names
                .filter(|label| !label.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        let name = format!("auditor_{}", name.trim_end_matches('`'));
        assert!(families.insert(name, family).is_none(), "{line}");
    }
    families
}

/// Runs the program to its end with figures on a port that is taken.
async fn with_a_taken_port(command: &str) -> (Option<i32>, String) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_judge-auditor"))
        .arg(command)
        .env_clear()
        .env("AUDITOR_BIND", "127.0.0.1:0")
        .env("AUDITOR_DATA_DIR", directory.path())
        .env(
            "AUDITOR_TELEMETRY__PROMETHEUS_BIND",
            taken.local_addr().unwrap().to_string(),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while process.try_wait().unwrap().is_none() {
        if begin.elapsed() > DEADLINE {
            process.kill().unwrap();
        }
        tokio::time::sleep(GLANCE).await;
    }
    let output = process.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), complaint)
}

#[tokio::test]
async fn a_taken_port_is_a_clear_error() {
    let (code, complaint) = with_a_taken_port("serve").await;
    assert_eq!(code, Some(1), "{complaint}");
    assert!(
        complaint.contains("telemetry.prometheus_bind"),
        "{complaint}"
    );
    assert!(complaint.contains("in use"), "{complaint}");
}

/// The default is nobody's choice: a second server of a machine goes on without figures.
#[tokio::test]
async fn the_default_port_may_be_taken() {
    const DEFAULT: &str = "127.0.0.1:9464";
    let begin = Instant::now();
    let _taken = loop {
        match TcpListener::bind(DEFAULT) {
            Ok(listener) => break listener,
            Err(why) => assert!(begin.elapsed() < DEADLINE, "{why}"),
        }
        tokio::time::sleep(GLANCE).await;
    };
    let setup = Setup::sqlite().set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", DEFAULT);
    let mut server = setup.start().await;
    server.terminate();
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.printed());
    let printed = server.printed();
    assert!(
        printed.contains("127.0.0.1:9464 is taken: no /metrics"),
        "{printed}"
    );
}

#[tokio::test]
async fn the_demo_serves_no_figures() {
    let (code, complaint) = with_a_taken_port("demo").await;
    assert_eq!(code, Some(0), "{complaint}");
}
