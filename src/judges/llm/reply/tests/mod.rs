//! The reading of replies: whole, wrapped, wrong.

use super::*;
use crate::judges::llm::tests::scripted::case;

use proptest::prelude::*;

use crate::computing::recorder::on_processor;
use crate::domain::issue::Severity;

const SOURCE: &str = "The mill was built in 1812. It still stands.";
const CANDIDATE: &str = "The mill was built in 1821. It still stands.";
const GOOD: &str = r#"{"explanation":"Sentence 1 says 1812.","claims":[{"index":1,"sentences":[2],"quote":"It still stands.","label":"SUPPORTED","confidence":"high"},{"index":0,"quote":"the mill was  built in 1812","label":"refuted","confidence":0.8}],"issues":[{"type":"temporal_inconsistency","severity":"high","description":"wrong year","quote":"built in  1821"}],"rating":2,"confidence":"medium"}"#;

fn decoded(text: &str) -> Result<Assessment, JudgeError> {
    decode(text, &case(SOURCE, CANDIDATE), 2, None).map(|decoded| decoded.assessment)
}

#[test]
fn a_good_reply_is_read_whole() {
    let case = case(SOURCE, CANDIDATE);
    let Decoded {
        assessment: got,
        quotes,
        unlabelled: 0,
    } = decode(GOOD, &case, 2, None).unwrap()
    else {
        panic!("not every claim is labelled");
    };
    let all_there = QuoteCheck {
        given: 3,
        missing: 0,
        lowered: 0,
    };
    assert_eq!(quotes, all_there);
    assert_eq!((got.score, got.confidence), (25.0, 0.6));
    assert_eq!(got.reasoning, "Sentence 1 says 1812.");
    let labels: Vec<_> = got
        .claim_labels
        .iter()
        .map(|l| (l.claim_id, l.label, l.confidence))
        .collect();
    let expected = [
        (case.claims()[0].id, Label::Refuted, 0.8),
        (case.claims()[1].id, Label::Supported, 0.9),
    ];
    assert_eq!(labels, expected);
    let [issue] = got.issues.as_slice() else {
        panic!("{:?}", got.issues)
    };
    assert_eq!(
        (issue.kind, issue.severity),
        (IssueType::TemporalInconsistency, Severity::High)
    );
    let span = issue.span.unwrap();
    assert_eq!(&CANDIDATE[span.start..span.end], "built in 1821");
}

#[test]
fn wrapping_does_not_matter() {
    let wrapped = [
        format!("```json\n{GOOD}\n```"),
        format!("Here is my assessment {{as asked}}: {GOOD} I hope it helps {{}}."),
        format!("<think>maybe {{\"rating\": 5}}</think>\n{GOOD}"),
        format!("\u{feff}  {GOOD}"),
    ];
    for text in wrapped {
        assert_eq!(decoded(&text).unwrap(), decoded(GOOD).unwrap(), "{text}");
    }
}

#[test]
fn a_reply_without_a_clear_rating_is_no_score() {
    let table = [
        ("", "no JSON object with a rating in \"\""),
        (
            "I rate it 5.",
            "no JSON object with a rating in \"I rate it 5.\"",
        ),
        (
            r#"{"confidence":"high"}"#,
            r#"no JSON object with a rating in "{"confidence":"high"}""#,
        ),
        (
            r#"{"rating":5"#,
            r#"no JSON object with a rating in "{"rating":5""#,
        ),
        (
            r#"{"rating":5,"confidence":"high"} {"rating":1,"confidence":"high"}"#,
            "it holds several ratings",
        ),
        (r#"{"rating":0,"confidence":"high"}"#, "its rating is 0"),
        (r#"{"rating":3.5,"confidence":"high"}"#, "its rating is 3.5"),
        (
            r#"{"rating":"good","confidence":"high"}"#,
            r#"its rating is "good""#,
        ),
        (
            r#"{"rating":null,"confidence":"high"}"#,
            "its rating is null",
        ),
        (r#"{"rating":85,"confidence":"high"}"#, "its rating is 85"),
        (r#"{"rating":5}"#, "it has no confidence"),
        (
            r#"{"rating":5,"confidence":"90 %"}"#,
            r#"its confidence is "90 %""#,
        ),
        (r#"{"rating":5,"confidence":1.5}"#, "its confidence is 1.5"),
        (r#"{"rating":5,"confidence":"high"}"#, "it has no claims"),
        (
            r#"{"rating":5,"confidence":"high","claims":"none"}"#,
            r#"its claims is "none""#,
        ),
        (
            r#"{"rating":5,"confidence":"high","claims":[],"issues":"none"}"#,
            r#"its issues is "none""#,
        ),
        (
            r#"{"rating":1,"confidence":"high","claims":[],"rating":5}"#,
            "it holds several ratings",
        ),
    ];
    for (text, expected) in table {
        let got = decoded(text).unwrap_err().to_string();
        assert_eq!(got, format!("the answer can't be used: {expected}"));
    }
}

#[test]
fn thoughts_come_before_the_answer_and_an_answer_may_name_their_tag() {
    let answer = GOOD.replacen(
        "\"explanation\":\"",
        "\"explanation\":\"It says </think> there. ",
        1,
    );
    assert_ne!(answer, GOOD);
    let got = decoded(&answer).unwrap();
    assert!(
        got.reasoning.starts_with("It says </think> there."),
        "{}",
        got.reasoning
    );
    let thought = format!("<think>a draft {{\"rating\":1}}</think>\n{GOOD}");
    assert_eq!(decoded(&thought).unwrap(), decoded(GOOD).unwrap());
}

#[test]
fn looking_for_an_object_is_bounded() {
    // From each opening the text could be read to its end.
    let reading = |openings: usize| {
        let text = "{\"a\":".repeat(openings) + "[" + &"1,".repeat(1_500_000);
        let begun = on_processor();
        decoded(&text).unwrap_err();
        on_processor() - begun
    };
    let (once, bounded) = (reading(1), reading(100));
    // The bound is eleven times such a text; without it there are a hundred.
    assert!(bounded < once * 30, "{once:?}, then {bounded:?}");
}

#[test]
fn the_levels_span_the_scale() {
    for (rating, score) in [
        ("1", 0.0),
        ("2", 25.0),
        ("3", 50.0),
        ("\"4\"", 75.0),
        ("5.0", 100.0),
    ] {
        let text = format!(
            r#"{{"rating":{rating},"confidence":"low","claims":[{{"index":0,"label":"NOT_ENOUGH_INFO"}}]}}"#
        );
        let got = decoded(&text).unwrap();
        assert_eq!((got.score, got.confidence), (score, 0.3));
    }
}

#[test]
fn entries_that_make_no_sense_are_dropped() {
    let text = r#"{"rating":1,"confidence":"low",
        "claims":[{"index":7,"label":"SUPPORTED"},{"index":-1,"label":"SUPPORTED"},{"index":0,"label":"MAYBE"},
                  {"index":0,"label":"not enough info"},{"index":0,"label":"SUPPORTED"},"x",null],
        "issues":[{"type":"typo","severity":"low","description":"d"},{"type":"bias","severity":"awful","description":"d"},
                  {"type":"bias","severity":"low","description":" \u0000"},{"type":"Factual-Error","severity":"LOW","description":"d\u0000","quote":"not there"},{"type":"factual_error","severity":"low","description":"d","quote":""}]}"#;
    let case = case(SOURCE, CANDIDATE);
    let got = decode(text, &case, 2, None).unwrap();
    assert_eq!(got.unlabelled, 1);
    let got = got.assessment;
    let [label] = got.claim_labels.as_slice() else {
        panic!("{:?}", got.claim_labels)
    };
    assert_eq!(
        (label.claim_id, label.label, label.confidence),
        (case.claims()[0].id, Label::NotEnoughInfo, 0.3)
    );
    let [issue] = got.issues.as_slice() else {
        panic!("{:?}", got.issues)
    };
    assert_eq!(
        (issue.kind, issue.description.as_str(), issue.span),
        (IssueType::FactualError, "d", None)
    );
}

#[test]
fn a_label_without_a_passage_of_the_source_is_lowered() {
    let labelled = |label: &str, quote: &str| {
        let text = format!(
            r#"{{"rating":5,"confidence":"high","claims":[{{"index":0,"label":"{label}","confidence":"high"{quote}}}]}}"#
        );
        let got = decode(&text, &case(SOURCE, CANDIDATE), 2, None).unwrap();
        let label = &got.assessment.claim_labels[0];
        let QuoteCheck {
            given,
            missing,
            lowered,
        } = got.quotes;
        assert_eq!(got.assessment.score, 100.0, "the score stands");
        (label.label, label.confidence, (given, missing, lowered))
    };
    use Label::{NotEnoughInfo, Refuted, Supported};
    let table = [
        (
            "SUPPORTED",
            r#","quote":"built in 1812""#,
            (Supported, 0.9, (1, 0, 0)),
        ),
        (
            "REFUTED",
            r#","quote":"built in 1812""#,
            (Refuted, 0.9, (1, 0, 0)),
        ),
        (
            "SUPPORTED",
            r#","quote":"built in 1821""#,
            (NotEnoughInfo, 0.3, (1, 1, 1)),
        ),
        (
            "REFUTED",
            r#","quote":"It burned down""#,
            (NotEnoughInfo, 0.3, (1, 1, 1)),
        ),
        (
            "SUPPORTED",
            r#","quote":"""#,
            (NotEnoughInfo, 0.3, (0, 0, 1)),
        ),
        ("SUPPORTED", "", (NotEnoughInfo, 0.3, (0, 0, 1))),
        (
            "SUPPORTED",
            r#","quote":"t""#,
            (NotEnoughInfo, 0.3, (1, 1, 1)),
        ),
        (
            "NOT_ENOUGH_INFO",
            r#","quote":"""#,
            (NotEnoughInfo, 0.9, (0, 0, 0)),
        ),
    ];
    for (label, quote, expected) in table {
        assert_eq!(labelled(label, quote), expected, "{label} {quote}");
    }
}

#[test]
fn an_issue_s_quote_that_is_not_there_is_kept_beside_it() {
    let text = r#"{"rating":1,"confidence":"low","claims":[{"index":0,"label":"NOT_ENOUGH_INFO"}],"issues":[{"type":"bias","severity":"low","description":"d","quote":"never said"},
        {"type":"injection_suspected","severity":"low","description":"d","quote":""}]}"#;
    let got = decode(text, &case(SOURCE, CANDIDATE), 2, None).unwrap();
    let [issue] = got.assessment.issues.as_slice() else {
        panic!("{got:?}")
    };
    assert_eq!(
        (issue.span, issue.unmatched_quote.as_deref()),
        (None, Some("never said"))
    );
    assert_eq!((got.quotes.given, got.quotes.missing), (1, 1));
}

#[test]
fn labels_are_read_as_models_write_them_or_it_is_said_that_they_are_not() {
    let claims = |claims: &str| format!(r#"{{"rating":4,"confidence":"high","claims":{claims}}}"#);
    use Label::{NotEnoughInfo, Refuted, Supported};
    for (index, label, expected) in [
        ("\"0\"", "SUPPORTED", Supported),
        ("0.0", "Supported.", Supported),
        ("\" 0 \"", "entailed", Supported),
        ("0", "**REFUTED**", Refuted),
        ("0", "contradiction", Refuted),
        ("0", "not enough information", NotEnoughInfo),
    ] {
        let entry = format!(r#"[{{"index":{index},"label":"{label}","quote":"built in 1812"}}]"#);
        let got = decode(&claims(&entry), &case(SOURCE, CANDIDATE), 2, None).unwrap();
        let labels: Vec<Label> = got
            .assessment
            .claim_labels
            .iter()
            .map(|l| l.label)
            .collect();
        assert_eq!((labels, got.unlabelled), (vec![expected], 1), "{entry}");
    }
    for (entries, told) in [
        ("[]", "it labels none of the 2 claims"),
        (
            r#"[{"index":9,"label":"SUPPORTED"}]"#,
            r#"no label of the 2 claims can be read; the first is {"index":9,"label":"SUPPORTED"}"#,
        ),
    ] {
        let error = decoded(&claims(entries)).unwrap_err().to_string();
        assert_eq!(error, format!("the answer can't be used: {told}"));
    }
    // Where no claim was shown, there is none to label.
    let got = decode(&claims("[]"), &case(SOURCE, CANDIDATE), 0, None).unwrap();
    assert_eq!((got.unlabelled, got.assessment.score), (0, 75.0));
}

#[test]
fn an_answer_among_the_thoughts_is_read_and_thoughts_alone_are_named() {
    let of = |answer: &str, thoughts: &str| {
        let got = answer_in(answer.to_owned(), thoughts.to_owned());
        got.map_err(|error| error.to_string())
    };
    assert_eq!(of(GOOD, "a draft {\"rating\":1}").as_deref(), Ok(GOOD));
    assert_eq!(of(" ", GOOD).as_deref(), Ok(GOOD));
    let told = |why: &str| Err(format!("the answer can't be used: {why}"));
    assert_eq!(of("", " "), told("the reply is empty"));
    assert_eq!(
        of("", "Let me see."),
        told("it holds thoughts and no answer: \"Let me see.\"")
    );
    // Two drafts are no answer.
    assert!(of("", &format!("{GOOD} {GOOD}")).is_err());
}

/// Some JSON of the shape of a reply, and of no shape.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..6).prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        prop::sample::select(vec![
            "SUPPORTED",
            "high",
            "bias",
            "low",
            "It still stands.",
            "3"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 60, 8, |inner| {
        let key = prop::sample::select(vec![
            "rating",
            "confidence",
            "claims",
            "issues",
            "index",
            "label",
            "quote",
            "type",
            "severity",
            "description",
            "explanation",
            "x",
        ]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..8).prop_map(|fields: Vec<(&str, Value)>| {
                Value::Object(
                    fields
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    /// Whatever is answered, it is an assessment within its ranges or a typed error.
    #[test]
    fn reading_is_total(value in json(), before in "\\PC{0,10}", rating in 1i32..6) {
        let case = case(SOURCE, CANDIDATE);
        let mut whole = value.clone();
        if let Value::Object(fields) = &mut whole {
            fields.insert("rating".into(), rating.into());
            fields.insert("confidence".into(), "high".into());
        }
        for text in [value.to_string(), format!("{before}{whole}"), before] {
            if let Ok(Decoded { assessment, quotes, unlabelled }) = decode(&text, &case, 2, None) {
                prop_assert!(unlabelled + assessment.claim_labels.len() == 2);
                prop_assert!((0.0..=100.0).contains(&assessment.score));
                prop_assert!((0.0..=1.0).contains(&assessment.confidence));
                prop_assert!(assessment.claim_labels.len() <= case.claims().len());
                prop_assert!(assessment.claim_labels.iter().all(|l| (0.0..=1.0).contains(&l.confidence)));
                prop_assert!(quotes.missing <= quotes.given);
            }
        }
    }
}

#[test]
fn a_flood_of_braces_ends_soon() {
    let text = r#"{"a":["#.repeat(100_000);
    assert!(decoded(&text).is_err());
}
