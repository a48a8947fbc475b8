use serde_json::json;

use super::*;

fn request(changes: serde_json::Value) -> CheckRequest {
    let mut body = json!({"source_text": "The mill is old.", "candidate_output": "It is old."});
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    serde_json::from_value(body).unwrap()
}

fn pointers(changes: serde_json::Value) -> Vec<String> {
    let faults = request(changes).faults();
    faults.into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn each_value_has_its_bounds() {
    assert_eq!(pointers(json!({})), [""; 0]);
    assert_eq!(pointers(json!({"budget_ms": 50, "threshold": 0})), [""; 0]);
    assert_eq!(
        pointers(json!({"budget_ms": 60_000.0, "threshold": 1})),
        [""; 0]
    );
    for budget in [0, 49, 60_001] {
        assert_eq!(pointers(json!({"budget_ms": budget})), ["/budget_ms"]);
    }
    for threshold in [-0.1, 1.1] {
        assert_eq!(pointers(json!({"threshold": threshold})), ["/threshold"]);
    }
    let everything =
        json!({"source_text": "", "candidate_output": "a\u{0}", "judges": [], "budget_ms": 1});
    let all = ["/source_text", "/candidate_output", "/judges", "/budget_ms"];
    assert_eq!(pointers(everything), all);
}

#[test]
fn what_is_unknown_is_refused_and_what_is_kept_is_what_was_checked() {
    let unknown = json!({"source_text": "a", "candidate_output": "b", "budget": 3});
    assert!(serde_json::from_value::<CheckRequest>(unknown).is_err());
    let names = ["facts".to_owned()];
    let kept = request(json!({"question": "How old?"})).evaluation(&names);
    assert!(kept.faults().is_empty() && kept.start);
    assert_eq!(kept.question.as_deref(), Some("How old?"));
    assert_eq!(kept.config.unwrap().judges.unwrap(), names);
}
