//! A whole audit as a watcher sees it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Frame, Setup, text};
use crate::samples;

on_every_database!(
    a_whole_audit_is_told_event_by_event,
    the_result_is_the_same_by_rest_and_after_a_restart,
    every_watcher_gets_the_same_bytes,
    an_output_without_claims_still_ends,
);

const STAGES: [&str; 6] = [
    "queued",
    "claim_extraction",
    "retrieval",
    "verification",
    "judging",
    "aggregation",
];

async fn a_whole_audit_is_told_event_by_event(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    for (event, seq) in events.iter().zip(1..) {
        assert_eq!(event.seq(), seq);
        is_an_envelope(event, &id);
    }
    progress_never_falls(&events);
    claims_are_counted(&events);
    every_judge_is_heard_once(&events);
    let ends = events.iter().filter(|event| event.is_terminal()).count();
    assert_eq!(ends, 1);
    let end = events.last().unwrap();
    assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);
    assert_eq!(end.data()["degraded"], false);
    assert!(end.data()["processing_time_ms"].is_u64());
    is_a_result(&end.data()["result"]);
    server.finish().await;
}

fn is_an_envelope(event: &Frame, session: &str) {
    let mut members: Vec<&str> = event
        .value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    members.sort_unstable();
    assert_eq!(
        members,
        ["data", "epoch", "run_id", "seq", "session_id", "ts", "type"]
    );
    assert_eq!(event.value["session_id"], session);
    let ts = event.value["ts"].as_str().unwrap();
    assert!(
        chrono::DateTime::parse_from_rfc3339(ts).is_ok() && ts.ends_with('Z'),
        "{ts}"
    );
}

fn progress_never_falls(events: &[Frame]) {
    let mut highest = 0.0;
    let mut stages = Vec::new();
    for event in events
        .iter()
        .filter(|event| event.kind() == "evaluation_progress")
    {
        let data = event.data();
        let progress = data["progress"].as_f64().unwrap();
        let within = data["stage_progress"].as_f64().unwrap();
        assert!(progress >= highest && progress <= 100.0, "{}", event.text);
        assert!((0.0..=100.0).contains(&within), "{}", event.text);
        assert!(data["message"].is_string());
        highest = progress;
        let stage = data["stage"].as_str().unwrap();
        let place = STAGES
            .iter()
            .position(|name| *name == stage)
            .expect("a known stage");
        if stages.last() != Some(&place) {
            stages.push(place);
        }
    }
    assert!(stages.is_sorted(), "stages follow each other: {stages:?}");
    assert_eq!(stages, [0, 1, 3, 4, 5], "all but retrieval, which is off");
    assert!((highest - 100.0).abs() < f64::EPSILON, "{highest}");
}

fn claims_are_counted(events: &[Frame]) {
    let verdicts: Vec<&Frame> = events
        .iter()
        .filter(|event| event.kind() == "claim_verdict")
        .collect();
    let mut labels = Vec::new();
    for (verdict, completed) in verdicts.iter().zip(1_u64..) {
        let data = verdict.data();
        assert_eq!(data["completed"], completed);
        assert_eq!(data["total"], verdicts.len());
        let confidence = data["confidence"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&confidence));
        let claim = &data["claim"];
        assert_eq!(
            samples::slice(samples::CANDIDATE, &claim["span"]),
            claim["text"].as_str().unwrap()
        );
        labels.push((text(&claim["text"]), text(&data["label"])));
    }
    assert_eq!(labels.len(), 5, "one claim a sentence: {labels:?}");
    let label_of = |part: &str| {
        &labels
            .iter()
            .find(|(text, _)| text.contains(part))
            .unwrap()
            .1
    };
    assert_eq!(label_of("14 May 1987"), "SUPPORTED");
    assert_eq!(label_of("Mira Oland"), "SUPPORTED");
    assert_eq!(label_of("seven floors"), "REFUTED");
}

fn every_judge_is_heard_once(events: &[Frame]) {
    let mut heard = BTreeSet::new();
    for event in events.iter().filter(|event| event.kind() == "judge_result") {
        let data = event.data();
        assert!(
            heard.insert(text(&data["judge_name"])),
            "twice: {}",
            event.text
        );
        match data["status"].as_str().unwrap() {
            "completed" => {
                assert!(
                    (0.0..=100.0).contains(&data["score"].as_f64().unwrap()),
                    "{}",
                    event.text
                );
                assert!(
                    (0.0..=1.0).contains(&data["confidence"].as_f64().unwrap()),
                    "{}",
                    event.text
                );
            }
            "abstained" => assert!(data["score"].is_null(), "{}", event.text),
            other => panic!("{other}: {}", event.text),
        }
        assert!(
            data["kind"].is_string() && data["model"].is_string() && data["reasoning"].is_string()
        );
        assert!(data["flagged_issues"].is_array() && data["claim_verdicts"].is_array());
        assert!(data["response_time_ms"].is_u64() && data["attempts"].is_u64());
    }
    assert_eq!(
        heard,
        BTreeSet::from(samples::OFFLINE_JUDGES.map(str::to_owned))
    );
}

fn is_a_result(result: &Value) {
    for score in ["consensus_score", "hallucination_score"] {
        let value = result[score]
            .as_f64()
            .unwrap_or_else(|| panic!("no {score}: {result}"));
        assert!((0.0..=100.0).contains(&value), "{score} {value}");
    }
    let claims = &result["claims"];
    let count = |what: &str| claims[what].as_u64().unwrap();
    assert_eq!(count("total"), 5);
    assert_eq!(
        count("supported") + count("refuted") + count("not_enough_info"),
        5
    );
    assert!(count("refuted") >= 1, "{claims}");
    assert_eq!(result["judges"]["requested"], 4);
    assert_eq!(result["judges"]["failed"], 0);
    assert_eq!(result["aggregation_strategy"], "weighted_average");
    if result["judges"]["completed"].as_u64().unwrap() >= 3 {
        let interval = &result["confidence_interval"];
        let consensus = result["consensus_score"].as_f64().unwrap();
        assert!(
            interval["lower"].as_f64().unwrap() <= consensus,
            "{interval}"
        );
        assert!(
            interval["upper"].as_f64().unwrap() >= consensus,
            "{interval}"
        );
        assert_eq!(interval["method"], "student_t");
    }
    for part in ["statistics", "agreement", "hallucination_breakdown"] {
        assert!(result[part].is_object(), "{part}: {result}");
    }
    assert!(
        ["high", "medium", "low", "unknown"].contains(&result["reliability"].as_str().unwrap())
    );
    assert!(result["reliability_reasons"].is_array());
}

/// The digits of a result as they stand in an event or in an evaluation: a parsed number would hide
/// that its last one has changed.
fn digits(text: &str) -> String {
    let from = text
        .find("\"result\":")
        .unwrap_or_else(|| panic!("no result: {text}"));
    let mut values = serde_json::Deserializer::from_str(&text[from + "\"result\":".len()..])
        .into_iter::<&serde_json::value::RawValue>();
    values.next().unwrap().unwrap().get().to_owned()
}

async fn the_result_is_the_same_by_rest_and_after_a_restart(setup: Setup) {
    let mut server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    let result = &events.last().unwrap().data()["result"];
    let before = nora.evaluation(&id).await;
    assert_eq!(&before["result"], result);
    let read = nora.get(&format!("/evaluations/{id}")).await.has(200).text;
    assert_eq!(digits(&read), digits(&events.last().unwrap().text));
    assert_eq!(before["status"], "completed");
    assert_eq!(before["last_seq"], events.last().unwrap().seq());
    assert_eq!(before["epoch"], events[0].value["epoch"]);
    let heard: Vec<&Value> = events
        .iter()
        .filter(|event| event.kind() == "judge_result")
        .map(Frame::data)
        .collect();
    for judge in before["judges"].as_array().unwrap() {
        assert!(heard.contains(&judge), "not as it was told: {judge}");
    }
    let log = nora
        .get(&format!("/evaluations/{id}/events?limit=500"))
        .await
        .has(200)
        .text;

    server.restart().await;
    assert_eq!(
        nora.evaluation(&id).await,
        before,
        "the same token still opens the same evaluation"
    );
    let kept = nora
        .get(&format!("/evaluations/{id}/events?limit=500"))
        .await
        .has(200)
        .text;
    assert_eq!(kept, log);
    server.finish().await;
}

async fn every_watcher_gets_the_same_bytes(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let (mut first, mut second) = (nora.connect().await, nora.connect().await);
    first.join(&id).await;
    second.join(&id).await;
    nora.start(&id).await;
    let bytes = |events: &[Frame]| {
        events
            .iter()
            .map(|event| event.text.clone())
            .collect::<Vec<_>>()
    };
    let seen = bytes(&first.until_terminal().await);
    assert_eq!(bytes(&second.until_terminal().await), seen);

    let mut late = nora.connect().await;
    let joined = late.join(&id).await;
    assert_eq!(joined["data"]["recovered"], true, "{joined}");
    assert_eq!(joined["data"]["last_seq"], seen.len());
    assert_eq!(
        bytes(&late.until_terminal().await),
        seen,
        "a replay is the same, to the byte"
    );

    let log = nora
        .get(&format!("/evaluations/{id}/events?limit=500"))
        .await
        .has(200)
        .text;
    let mut from = 0;
    for event in &seen {
        let at = log[from..].find(event.as_str());
        from += at.unwrap_or_else(|| panic!("not in the log as it was sent: {event}\n{log}"))
            + event.len();
    }
    for socket in [first, second, late] {
        socket.close().await;
    }
    server.finish().await;
}

async fn an_output_without_claims_still_ends(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    for candidate in ["?", "\u{200b}", "Hello! How are you?"] {
        let body =
            serde_json::json!({ "source_text": samples::SOURCE, "candidate_output": candidate });
        let id = nora.create(&body).await;
        let events = nora.audit(&id).await;
        let end = events.last().unwrap();
        assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);
        assert_eq!(nora.evaluation(&id).await["status"], "completed");
    }
    server.finish().await;
}
