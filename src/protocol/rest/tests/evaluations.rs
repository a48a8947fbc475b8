use super::*;
use crate::protocol::rest::MAX_SOURCE_CHARS;

#[test]
fn a_text_is_as_long_as_what_it_becomes() {
    let fault = |text: &str, max| text_fault("/text", text, 1, max).map(|fault| fault.detail);
    assert_eq!(fault(&"\u{FDFA}".repeat(5), 90), None);
    let told = fault(&"\u{FDFA}".repeat(6), 90).unwrap();
    assert!(told.contains("has 108 once"), "{told}");
    // What is one letter in any form is one: no text of a living script grows.
    for text in ["é", "한국어", "漢字", "ß", "İ", "ﬃ", "½", "👨‍👩‍👧"] {
        let most = text.chars().count() + 3;
        assert_eq!(fault(text, most), None, "{text}");
    }
    let long = fault(&"a".repeat(11), 10).unwrap();
    assert_eq!(long, "must have 1 to 10 characters, has 11");
}

fn create(source: &str, candidate: &str) -> CreateEvaluation {
    CreateEvaluation {
        source_text: source.into(),
        sources: Vec::new(),
        candidate_output: candidate.into(),
        question: None,
        config: None,
        start: false,
    }
}

#[test]
fn lengths_are_counted_in_characters_and_nul_is_refused() {
    assert!(
        create(&"ä".repeat(MAX_SOURCE_CHARS), "x")
            .faults()
            .is_empty()
    );
    let pointers = |body: CreateEvaluation| -> Vec<String> {
        body.faults()
            .into_iter()
            .map(|fault| fault.pointer)
            .collect()
    };
    assert_eq!(
        pointers(create(&"ä".repeat(MAX_SOURCE_CHARS + 1), "")),
        ["/source_text", "/candidate_output"]
    );
    assert_eq!(pointers(create("a\0b", "x")), ["/source_text"]);
}

#[test]
fn a_whole_number_may_be_written_with_a_fraction_of_zero() {
    let deadline = |text: &str| {
        let config = serde_json::from_str::<ConfigRequest>(text);
        config.map(|config| config.deadline_ms).ok()
    };
    assert_eq!(deadline(r#"{"deadline_ms":2000.0}"#), Some(Some(2000)));
    assert_eq!(deadline(r#"{"deadline_ms":null}"#), Some(None));
    for wrong in ["2000.5", "-1", "1e999", "\"2000\"", "true"] {
        let text = format!(r#"{{"deadline_ms":{wrong}}}"#);
        assert_eq!(deadline(&text), None, "{wrong}");
    }
}

#[test]
fn an_unknown_setting_is_refused() {
    let text = r#"{"source_text":"a","candidate_output":"b","config":{"judge":["x"]}}"#;
    assert!(serde_json::from_str::<CreateEvaluation>(text).is_err());
}
