//! The examples in `tests/wire` are what travels: the types of the library read and write them.

use std::collections::BTreeSet;
use std::path::Path;

use judge_auditor::internals::EventBody;
use serde_json::Value;

const EVENTS: [&str; 7] = [
    "evaluation_progress",
    "claim_verdict",
    "claim_revised",
    "judge_result",
    "evaluation_complete",
    "evaluation_error",
    "evaluation_cancelled",
];
const COMMANDS: [&str; 8] = [
    "authenticate",
    "join_session",
    "leave_session",
    "start_evaluation",
    "cancel_evaluation",
    "begin_check",
    "add_to_check",
    "ping",
];
const REPLIES: [&str; 8] = [
    "welcome",
    "session_joined",
    "session_left",
    "evaluation_started",
    "evaluation_cancelling",
    "check_progress",
    "pong",
    "error",
];
const CONTROLS: [&str; 4] = ["token_expiring", "drain", "session_closed", "heartbeat"];

/// Every example of a kind, by its file's name: `kind.type.json` or `kind.type.variant.json`.
pub(crate) fn examples(kind: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let mut found: Vec<(String, Value)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let ours = name.starts_with(&format!("{kind}.")) && name.ends_with(".json");
            ours.then(|| {
                let text = std::fs::read_to_string(&path).unwrap();
                let value =
                    serde_json::from_str(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
                (name, value)
            })
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn types(kind: &str) -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    for (name, value) in examples(kind) {
        let named = name.split('.').nth(1).unwrap().to_owned();
        assert_eq!(value["type"], named, "{name}");
        types.insert(named);
    }
    types
}

#[test]
fn every_type_has_an_example_and_no_other_has() {
    for (kind, wanted) in [
        ("event", &EVENTS[..]),
        ("command", &COMMANDS[..]),
        ("reply", &REPLIES[..]),
        ("control", &CONTROLS[..]),
    ] {
        let wanted: BTreeSet<String> = wanted.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(types(kind), wanted, "{kind}");
    }
}

#[test]
fn events_are_read_and_written_alike() {
    for (name, envelope) in examples("event") {
        let body = serde_json::json!({ "type": envelope["type"], "data": envelope["data"] });
        let event: EventBody =
            serde_json::from_value(body.clone()).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(envelope["type"], event.name(), "{name}");
        assert_eq!(serde_json::to_value(&event).unwrap(), body, "{name}");
    }
}

#[test]
fn events_stand_in_a_whole_envelope() {
    for (name, envelope) in examples("event") {
        let members: BTreeSet<&str> = envelope
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let wanted = ["type", "session_id", "run_id", "epoch", "seq", "ts", "data"];
        assert_eq!(members, BTreeSet::from(wanted), "{name}");
    }
}

#[test]
fn the_end_of_a_run_is_told_apart() {
    for (name, envelope) in examples("event") {
        let body = serde_json::json!({ "type": envelope["type"], "data": envelope["data"] });
        let event: EventBody = serde_json::from_value(body).unwrap();
        let frame = crate::harness::Frame::of(&envelope.to_string());
        assert_eq!(event.is_terminal(), frame.is_terminal(), "{name}");
    }
}
