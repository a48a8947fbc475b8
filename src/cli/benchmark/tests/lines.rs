use std::io::Write as _;

use super::*;

fn of(text: &str) -> Result<Vec<Pair>, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    read(file.path())
}

#[test]
fn pairs_of_one_document_share_it() {
    let pairs = of(
        "{\"id\":\"1\",\"source\":\"a\",\"candidate\":\"b\",\"label\":1,\"doc\":\"x\"}\n\n\
         {\"source\":\"c\",\"candidate\":\"d\",\"label\":0,\"doc\":\"y\",\"label_detail\":{\"class\":\"REFUTES\",\"spans\":[{\"start\":0,\"end\":1,\"type\":\"t\"}]}}\n\
         {\"source\":\"a\",\"candidate\":\"e\",\"label\":0,\"doc\":\"x\",\"question\":null}\n",
    )
    .unwrap();
    let documents: Vec<usize> = pairs.iter().map(|pair| pair.document).collect();
    assert_eq!(documents, [0, 1, 0]);
    assert_eq!(pairs[1].class.as_deref(), Some("REFUTES"));
    let marked = pairs[1].spans.as_ref().unwrap();
    assert_eq!((marked.len(), marked[0].clone()), (1, 0..1));
    assert!(pairs[0].supported && !pairs[2].supported);
    // The others have no class.
    assert_eq!(pairs[1].label, None);
}

#[test]
fn labels_are_read_as_other_programs_write_them() {
    let pairs = of(
        "\u{feff}{\"source\":\"a\",\"candidate\":\"b\",\"label\":true,\"label_detail\":{\"class\":\"entailment\"}}\r\n\
         {\"source\":\"a\",\"candidate\":\"b\",\"label\":false,\"label_detail\":{\"class\":\"NOT ENOUGH INFO\"}}\n\
         {\"source\":\"a\",\"candidate\":\"b\",\"label\":0.0,\"label_detail\":{\"class\":\"Refutes\"}}\n",
    )
    .unwrap();
    let got: Vec<_> = pairs.iter().map(|p| (p.supported, p.label)).collect();
    assert_eq!(
        got,
        [
            (true, Some(Label::Supported)),
            (false, Some(Label::NotEnoughInfo)),
            (false, Some(Label::Refuted))
        ]
    );
}

#[test]
fn a_label_is_one_or_zero_in_any_spelling_and_nothing_else() {
    let line = |label: &str| {
        of(&format!(
            "{{\"source\":\"a\",\"candidate\":\"b\",\"label\":{label}}}\r\n"
        ))
    };
    for (label, supported) in [
        ("1", true),
        ("1.0", true),
        ("\"1\"", true),
        ("\" 1.0 \"", true),
        ("\"True\"", true),
        ("true", true),
        ("0", false),
        ("-0.0", false),
        ("\"0\"", false),
        ("\"false\"", false),
    ] {
        assert_eq!(line(label).unwrap()[0].supported, supported, "{label}");
    }
    for label in ["2", "0.5", "\"yes\"", "\"\"", "[1]", "{}"] {
        let wrong = line(label).unwrap_err();
        assert!(
            wrong.contains("line 1: label is") && wrong.contains("give 1 for supported, 0 for not"),
            "{wrong}"
        );
    }
}

#[test]
fn claims_of_a_line_are_found_in_the_candidate_and_label_it() {
    let line = |claims: &str| {
        format!(
            "{{\"source\":\"a\",\"candidate\":\"Über 5. Ja 😀 gut. Über 5.\",\"claims\":{claims}}}"
        )
    };
    let pairs = of(&line(
        "[{\"text\":\"Über 5.\",\"label\":\"SUPPORTED\"},{\"text\":\"gut.\",\"label\":\"REFUTED\"},{\"text\":\"Über 5.\",\"label\":\"SUPPORTED\",\"why\":\"\"}]",
    ))
    .unwrap();
    let spans: Vec<_> = pairs[0]
        .claims
        .iter()
        .flatten()
        .map(|claim| (claim.span.start, claim.span.end))
        .collect();
    assert_eq!(spans, [(0, 7), (14, 18), (19, 26)]);
    assert!(!pairs[0].supported);
    let held = "[{\"text\":\"Ja\",\"label\":\"SUPPORTED\"}]";
    assert!(of(&line(held)).unwrap()[0].supported);
    let other = "[{\"text\":\"Nein\",\"label\":\"SUPPORTED\"}]";
    assert!(
        of(&line(other))
            .unwrap_err()
            .contains("does not have the claim")
    );
}

#[test]
fn a_bad_line_is_named_by_its_number() {
    let good = "{\"source\":\"a\",\"candidate\":\"b\",\"label\":1}\n";
    for (bad, why) in [
        ("{\"source\":\"a\"}", "missing field `candidate`"),
        (
            "{\"source\":\"a\",\"candidate\":\"b\"}",
            "missing field `label`",
        ),
        (
            "{\"source\":\"a\",\"candidate\":\"b\",\"label\":2}",
            "label is 2",
        ),
        (
            "{\"source\":\"a\",\"candidate\":\"\",\"label\":1}",
            "must not be empty",
        ),
        ("nonsense", "expected"),
    ] {
        let error = of(&format!("{good}{bad}\n")).unwrap_err();
        assert!(error.contains("line 2: ") && error.contains(why), "{error}");
    }
    assert!(of("\n").unwrap_err().contains("holds no pair"));
}
