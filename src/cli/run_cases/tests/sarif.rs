use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::cli::run_cases::record::tests::sample;
use crate::domain::claim::Span;
use crate::domain::verdict::Evidence;

fn claim(text: &str, start: usize, label: Label) -> ClaimRecord {
    ClaimRecord {
        text: text.to_owned(),
        span: Span {
            start,
            end: start + text.encode_utf16().count(),
        },
        label,
        confidence: 0.9,
        probability: None,
        reasoning: "the year differs".to_owned(),
        evidence: vec![Evidence {
            text: "1874".to_owned(),
            span: Span { start: 5, end: 9 },
            source: "source_text".to_owned(),
            document: None,
        }],
    }
}

fn report(record: &Record, sources: Option<&Sources>) -> Value {
    let mut sarif = Sarif::new();
    sarif.add(0, record, sources);
    serde_json::from_str(&sarif.finish().unwrap()).unwrap()
}

#[test]
fn a_claim_of_a_file_stands_at_its_line_and_its_evidence_at_the_sources() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a b.txt");
    fs::write(&path, "Old:\n1874").unwrap();
    let sources = Sources::read(&path).unwrap();
    let record = Record {
        file: "docs/a b.md".to_owned(),
        line: None,
        candidate: "# Mill\n\nIt is old. Built 1902.".to_owned(),
        claims: vec![
            claim("It is old.", 8, Label::Supported),
            claim("Built 1902.", 19, Label::Refuted),
        ],
        error: None,
        ..sample("docs/a b.md")
    };
    let log = report(&record, Some(&sources));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "what is supported is no finding");
    let finding = &results[0];
    assert_eq!(
        (&finding["ruleId"], &finding["level"]),
        (&"refuted-claim".into(), &"error".into())
    );
    let place = &finding["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "docs/a%20b.md");
    let region =
        serde_json::json!({"startLine": 3, "startColumn": 12, "endLine": 3, "endColumn": 23});
    assert_eq!(place["region"], region);
    let beside = &finding["relatedLocations"][0];
    assert_eq!(beside["physicalLocation"]["region"]["startLine"], 2);
    assert!(
        beside["physicalLocation"]["artifactLocation"]["uri"]
            .as_str()
            .unwrap()
            .ends_with("a%20b.txt")
    );
    assert_eq!(
        log["runs"][0]["invocations"][0]["executionSuccessful"],
        true
    );
}

#[test]
fn a_claim_of_a_case_stands_at_the_cases_line_and_errors_are_told() {
    let record = Record {
        claims: vec![claim("It is new.", 0, Label::NotEnoughInfo)],
        ..sample("7")
    };
    let log = report(&record, None);
    let finding = &log["runs"][0]["results"][0];
    assert_eq!(finding["ruleId"], "unsupported-claim");
    let place = &finding["locations"][0];
    assert_eq!(
        place["physicalLocation"]["region"],
        serde_json::json!({"startLine": 3})
    );
    assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "7");
    let text = finding["message"]["text"].as_str().unwrap();
    assert!(
        text.ends_with("(item 7, line 1, column 1 of the output)"),
        "{text}"
    );
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(
        invocation["toolExecutionNotifications"][0]["level"],
        "error"
    );
}

#[test]
fn a_report_has_a_bound_and_says_what_it_leaves_out() {
    let claims = vec![claim("It is new.", 0, Label::Refuted); MOST + 7];
    let record = Record {
        claims,
        ..sample("7")
    };
    let log = report(&record, None);
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), MOST);
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("7 findings more are not listed"), "{notes}");
}

#[test]
fn an_item_of_a_list_has_no_line_and_an_absolute_path_has_a_scheme() {
    let record = Record {
        file: "/texts/a b.json".to_owned(),
        line: None,
        item: Some(3),
        claims: vec![claim("It is new.", 0, Label::Refuted)],
        ..sample("7")
    };
    let log = report(&record, None);
    let finding = &log["runs"][0]["results"][0];
    let place = &finding["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "file:///texts/a%20b.json");
    assert_eq!(place["region"], Value::Null);
    let text = finding["message"]["text"].as_str().unwrap();
    assert!(text.contains("(item 7, line 1"), "{text}");
}
