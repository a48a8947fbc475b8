//! Judges whose provider fails or is slow: left alone, spared, asked twice, done without.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{
    DEADLINE, Format, Frame, GLANCE, Manner, Person, Scrape, ScriptedJudge, Setup,
};
use crate::samples;

on_every_database!(
    a_provider_that_fails_in_a_row_is_left_alone_until_it_is_back,
    a_provider_is_asked_no_more_often_than_it_takes,
    a_hedge_answers_for_a_request_that_hangs,
    fewer_scores_than_the_quorum_are_no_result,
);

/// The judge's part of the file, with more keys.
fn with(judge: &ScriptedJudge, name: &str, keys: &str) -> String {
    format!("{}\n{keys}\n", judge.configured(name).trim_end())
}

async fn audited(person: &Person, judges: &[&str], question: &str) -> Vec<Frame> {
    let mut body = samples::evaluation_by(judges);
    body["question"] = json!(question);
    let id = person.create(&body).await;
    person.audit(&id).await
}

fn heard(events: &[Frame]) -> &Value {
    let mut results = events.iter().filter(|event| event.kind() == "judge_result");
    results.next().unwrap().data()
}

async fn state(person: &Person, judge: &str) -> String {
    let judges = person.get("/judges").await.has(200).json();
    let judges = judges["items"].as_array().unwrap();
    let found = judges.iter().find(|one| one["name"] == judge).unwrap();
    found["state"].as_str().unwrap().to_owned()
}

async fn a_provider_that_fails_in_a_row_is_left_alone_until_it_is_back(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Fails(503));
    let keys = "circuit_failures = 2\ncircuit_open_ms = 2000";
    let server = setup
        .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0")
        .file(&with(&judge, "broken", keys))
        .start()
        .await;
    let nora = server.register("nora").await;
    for n in 0..2 {
        assert_eq!(state(&nora, "broken").await, "closed");
        let events = audited(&nora, &["broken"], &format!("{n}")).await;
        assert_eq!(heard(&events)["failure"], "overloaded");
    }
    assert_eq!(state(&nora, "broken").await, "open");
    let gauge = r#"auditor_judge_circuit{judge="broken",kind="openai"}"#;
    assert_eq!(Scrape::of(&server).await.value(gauge), 2.0);
    let events = audited(&nora, &["broken"], "while it is open").await;
    let report = heard(&events);
    assert_eq!(
        (&report["status"], &report["failure"]),
        (&json!("unavailable"), &json!("circuit_open"))
    );
    assert_eq!((&report["attempts"], judge.asked()), (&json!(0), 2));
    judge.turns(Manner::Rates(4));
    let waiting = async {
        while state(&nora, "broken").await != "half_open" {
            tokio::time::sleep(GLANCE).await;
        }
    };
    tokio::time::timeout(DEADLINE, waiting).await.unwrap();
    let events = audited(&nora, &["broken"], "back again").await;
    assert_eq!(heard(&events)["status"], "completed");
    assert_eq!(
        (state(&nora, "broken").await.as_str(), judge.asked()),
        ("closed", 3)
    );
    assert_eq!(Scrape::of(&server).await.value(gauge), 0.0);
    server.finish().await;
}

async fn a_provider_is_asked_no_more_often_than_it_takes(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    // One each 600 ms once a minute's hundred are used: two judges of one provider share them.
    let keys = "requests_per_minute = 100\nrepeats = 20";
    let file = format!("{}{}", with(&judge, "one", keys), with(&judge, "two", keys));
    let server = setup.file(&file).start().await;
    let nora = server.register("nora").await;
    for n in 0..2 {
        audited(&nora, &["one", "two"], &format!("{n}")).await;
    }
    assert_eq!(judge.asked(), 80);
    let events = audited(&nora, &["one", "two"], "more than is left").await;
    assert_eq!(heard(&events)["status"], "completed");
    let mut times: Vec<_> = judge.questions("").iter().map(|one| one.at).collect();
    times.sort();
    assert_eq!(times.len(), 120);
    let took = times[119].duration_since(times[0]).unwrap();
    // A hundred at once, and what flows in while they are asked.
    assert!(took >= Duration::from_millis(19 * 600), "{took:?}");
    server.finish().await;
}

async fn a_hedge_answers_for_a_request_that_hangs(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    judge.first(&[Manner::Hangs]);
    let keys = "max_attempts = 2\ntimeout_ms = 600000\nhedge_after_ms = 300";
    let server = setup
        .file(&judge.configured_as("slow", Format::OpenAi, keys))
        .start()
        .await;
    let nora = server.register("nora").await;
    let events = audited(&nora, &["slow"], "one").await;
    let report = heard(&events);
    assert_eq!(
        (&report["status"], &report["attempts"]),
        (&json!("completed"), &json!(2))
    );
    assert_eq!(judge.asked(), 2);
    let hung_up = async {
        while judge.deserted() < 1 {
            tokio::time::sleep(GLANCE).await;
        }
    };
    tokio::time::timeout(DEADLINE, hung_up).await.unwrap();
    server.finish().await;
}

async fn fewer_scores_than_the_quorum_are_no_result(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Fails(400));
    let file = format!("[runs]\nquorum = 2\n\n{}", judge.configured("broken"));
    let server = setup.file(&file).start().await;
    let nora = server.register("nora").await;
    let events = audited(&nora, &["broken", "lexical"], "one").await;
    let end = events.last().unwrap();
    assert_eq!(
        (end.kind(), &end.data()["error_type"]),
        ("evaluation_error", &json!("all_judges_failed"))
    );
    assert_eq!(
        end.data()["details"],
        json!({"completed": 1, "quorum": 2, "failed": 1, "abstained": 0, "failures": {"rejected": 1}})
    );
    // An evaluation has its own, and one judge is never asked to be two.
    let mut body = samples::evaluation_by(&["broken", "lexical"]);
    body["config"]["quorum"] = json!(1);
    let id = nora.create(&body).await;
    let events = nora.audit(&id).await;
    assert_eq!(events.last().unwrap().kind(), "evaluation_complete");
    assert_eq!(nora.evaluation(&id).await["config"]["quorum"], 1);
    let events = audited(&nora, &["lexical"], "alone").await;
    assert_eq!(events.last().unwrap().kind(), "evaluation_complete");
    for wrong in [0, 3] {
        body["config"]["quorum"] = json!(wrong);
        let refused = nora.post("/evaluations", &body).await;
        refused.is_invalid_at("/config/quorum");
    }
    server.finish().await;
}
