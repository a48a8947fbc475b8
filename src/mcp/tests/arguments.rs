use serde_json::json;

use super::*;

fn object(value: Value) -> JsonObject {
    value.as_object().cloned().unwrap()
}

#[test]
fn what_is_left_out_has_its_default() {
    let arguments: AuditArguments = read(object(
        json!({ "source_text": "a", "candidate_output": "b" }),
    ))
    .unwrap();
    assert_eq!(arguments.wait_s, 50);
    assert!(arguments.sources.is_none());
}

#[test]
fn a_fault_names_its_place() {
    for (arguments, place) in [
        (json!({ "source_text": "a" }), "candidate_output"),
        (
            json!({ "candidate_output": "b", "sources": [{ "name": "x", "text": 3 }] }),
            "/sources[0]/text",
        ),
        (
            json!({ "candidate_output": "b", "source": "x" }),
            "unknown field `source`",
        ),
    ] {
        let refusal = read::<AuditArguments>(object(arguments)).unwrap_err();
        let told = format!(
            "{}: {}",
            refusal.fields[0].pointer, refusal.fields[0].detail
        );
        assert!(told.contains(place), "{told}");
    }
}
