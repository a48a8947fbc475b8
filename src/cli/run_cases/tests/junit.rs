use super::*;
use crate::cli::run_cases::record::tests::sample;

#[test]
fn failed_and_errored_are_told_apart_and_cases_keep_their_order() {
    let mut junit = Junit::new();
    let of = |id: &str, outcome| Record {
        outcome,
        probability: Some(0.1),
        ..sample(id)
    };
    junit.add(3, &of("errored", Outcome::Errored));
    junit.add(1, &of("failed <&\u{1}>", Outcome::Failed));
    junit.add(0, &of("passed", Outcome::Passed));
    junit.add(2, &of("greeting", Outcome::NothingToCheck));
    let report = junit.finish().unwrap();
    for count in [
        r#"tests="4""#,
        r#"failures="1""#,
        r#"errors="1""#,
        r#"skipped="1""#,
    ] {
        assert!(report.contains(count), "{count}: {report}");
    }
    let place = |name: &str| {
        report
            .find(name)
            .unwrap_or_else(|| panic!("{name}: {report}"))
    };
    assert!(place("\"passed\"") < place("failed &lt;&amp;"), "{report}");
    assert!(
        place("failed &lt;&amp;") < place("\"greeting\"")
            && place("\"greeting\"") < place("\"errored\"")
    );
    assert!(
        report.contains("<failure") && report.contains("<error"),
        "{report}"
    );
    assert!(report.contains("nobody answered"));
    assert!(!report.contains('\u{1}'), "no sign that XML can't hold");
}

#[test]
fn what_xml_forbids_is_replaced() {
    let mut junit = Junit::new();
    let record = Record {
        file: "a\u{fffe}.jsonl".to_owned(),
        error: Some("no\u{ffff} answer".to_owned()),
        ..sample("x\u{fffe}\u{ffff}")
    };
    junit.add(0, &record);
    let report = junit.finish().unwrap();
    assert!(!report.contains(['\u{fffe}', '\u{ffff}']), "{report}");
    assert!(report.contains("x\u{fffd}\u{fffd}") && report.contains("no\u{fffd} answer"));
}
