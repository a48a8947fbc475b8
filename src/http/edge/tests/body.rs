use super::*;
use crate::protocol::rest::CreateEvaluation;

fn refused(text: &str) -> (u16, Option<String>) {
    let refusal = parse::<CreateEvaluation>(text.as_bytes()).err().unwrap();
    (
        refusal.http_status(),
        refusal.fields.first().map(|fault| fault.pointer.clone()),
    )
}

#[test]
fn a_fault_has_its_status_and_its_pointer() {
    let with_config =
        |config: &str| format!(r#"{{"source_text":"a","candidate_output":"b","config":{config}}}"#);
    let at = |pointer: &str| (422, Some(pointer.to_owned()));
    assert_eq!(refused("{"), (400, None));
    assert_eq!(refused(&"[".repeat(100_000)), (400, None));
    assert_eq!(refused(r#"["a","b"]"#), at(""));
    assert_eq!(refused(&with_config(r#"[["lexical"]]"#)), at("/config"));
    assert_eq!(
        refused(r#"{"source_text":"a","candidate_output":"b"} x"#),
        (400, None)
    );
    assert_eq!(refused(r#"{"source_text":"a"}"#), at("/candidate_output"));
    assert_eq!(
        refused(r#"{"source_text":5,"candidate_output":"b"}"#),
        at("/source_text")
    );
    assert_eq!(
        refused(&with_config(r#"{"jduges":[]}"#)),
        at("/config/jduges")
    );
    assert_eq!(
        refused(&with_config(r#"{"judges":[1]}"#)),
        at("/config/judges/0")
    );
    assert_eq!(
        refused(&with_config(r#"{"aggregation_strategy":"x"}"#)).0,
        422
    );
}

#[test]
fn bytes_that_are_no_utf8_are_broken_json_and_half_a_surrogate_is_a_bad_text() {
    let body = b"{\"source_text\":\"a \xff\",\"candidate_output\":\"b\"}";
    let refusal = parse::<CreateEvaluation>(body).err().unwrap();
    assert_eq!((refusal.http_status(), refusal.fields.len()), (400, 0));
    assert_eq!(
        refused(r#"{"source_text":"a \ud800","candidate_output":"b"}"#),
        (422, Some("/source_text".to_owned()))
    );
}

#[test]
fn a_refusal_does_not_repeat_what_was_sent() {
    let long = "x".repeat(100_000);
    for body in [
        format!("\"{long}\""),
        format!(r#"{{"start":"{long}"}}"#),
        format!(r#"{{"{long}":1,"source_text":5}}"#),
        format!(r#"{{"config":{{"{long}":1}}}}"#),
        format!(r#"{{"config":{{"aggregation_strategy":"{long}"}}}}"#),
    ] {
        let refusal = parse::<CreateEvaluation>(body.as_bytes()).err().unwrap();
        let fields: usize = refusal
            .fields
            .iter()
            .map(|fault| fault.pointer.len() + fault.detail.len())
            .sum();
        assert!(refusal.message.len() + fields < 1000, "{refusal:?}");
    }
}
