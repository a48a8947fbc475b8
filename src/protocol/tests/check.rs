use serde_json::{Value, json};

use super::*;
use crate::protocol::command::decode;
use crate::protocol::error::ErrorCode;

fn begin(data: Value) -> Vec<String> {
    let data: BeginCheck = serde_json::from_value(data).unwrap();
    pointers(data.checked().err())
}

fn add(data: Value) -> Vec<String> {
    let data: AddToCheck = serde_json::from_value(data).unwrap();
    pointers(data.checked().err())
}

fn pointers(refusal: Option<Refusal>) -> Vec<String> {
    let fields = refusal.map(|refusal| refusal.fields).unwrap_or_default();
    fields.into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn each_value_has_its_bounds() {
    assert_eq!(begin(json!({"check_id": "a"})), [""; 0]);
    let wrong = json!({"check_id": "", "source_text": "a\u{0}", "budget_ms": 9000, "judges": [], "threshold": 2});
    assert_eq!(
        begin(wrong),
        [
            "/data/check_id",
            "/data/source_text",
            "/data/budget_ms",
            "/data/judges",
            "/data/threshold"
        ]
    );
    assert_eq!(
        begin(json!({"check_id": "a".repeat(65)})),
        ["/data/check_id"]
    );
    assert_eq!(
        add(json!({"check_id": "a", "piece": 0, "last": true})),
        [""; 0]
    );
    let wrong = json!({"check_id": "a", "piece": MAX_PIECES, "part": "source", "last": true, "text": "\u{0}"});
    assert_eq!(add(wrong), ["/data/text", "/data/piece", "/data/last"]);
}

#[test]
fn the_whole_is_checked_as_it_was_begun() {
    let data = json!({"check_id": "a", "judges": ["facts"], "budget_ms": 70, "threshold": 0.5, "accept_missing": true});
    let begun: BeginCheck = serde_json::from_value(data).unwrap();
    let request = begun.request("S", "C");
    assert!(request.faults().is_empty() && request.accept_missing && !request.keep);
    assert_eq!(
        (&*request.source_text, &*request.candidate_output),
        ("S", "C")
    );
    assert_eq!((request.budget_ms(), request.threshold), (70, Some(0.5)));
}

#[test]
fn a_misspelt_setting_is_an_error_and_not_left_out() {
    for (command, data, named) in [
        (
            "begin_check",
            json!({"check_id": "a", "treshold": 0.9}),
            "treshold",
        ),
        (
            "begin_check",
            json!({"check_id": "a", "sources": []}),
            "sources",
        ),
        (
            "add_to_check",
            json!({"check_id": "a", "piece": 0, "candidate": "x"}),
            "candidate",
        ),
    ] {
        let sent = json!({"type": command, "data": data}).to_string();
        let refused = decode(&sent).command.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Validation);
        let [fault] = &refused.fields[..] else {
            panic!("{refused:?}")
        };
        assert_eq!(fault.pointer, "/data");
        assert!(
            fault.detail.contains(&format!("unknown field `{named}`")),
            "{fault:?}"
        );
    }
}
