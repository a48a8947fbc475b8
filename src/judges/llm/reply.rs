//! The strict reading of what a model answers.
//!
//! Tolerant of wrapping (code fences, prose, thoughts), strict in substance: no rating or no
//! confidence is an error, never a middle value. What a reply quotes is looked up: an issue's quote in
//! the candidate, a claim's in the source; a label that rests on no passage of the source is not kept.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::excerpt::{clean, excerpt};
use super::quote::Quotes;
use crate::domain::details::QuoteCheck;
use crate::domain::ids::ClaimId;
use crate::domain::issue::{Issue, IssueType};
use crate::domain::verdict::{ClaimLabel, Label};
use crate::judges::{Assessment, Case, JudgeError};

/// In characters; a model that repeats itself must not fill the log.
const LONGEST_EXPLANATION: usize = 4_000;
/// In characters.
const LONGEST_DESCRIPTION: usize = 1_000;
/// More are not looked at.
pub(super) const MOST_ISSUES: usize = 20;
/// Places in a reply at which a JSON object is looked for.
const MOST_OPENINGS: usize = 1_000;

/// A lowered label's confidence at most: the judge's own was in another label.
const LOWERED_CONFIDENCE: f64 = 0.3;
/// Letters or digits of a quote that a label rests on; fewer stand in every text.
const LEAST_QUOTE: usize = 3;
/// In characters; what is kept of a quote that is not there.
const LONGEST_QUOTE: usize = 300;

/// What a reply says, and what became of its quotes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decoded {
    pub(super) assessment: Assessment,
    pub(super) quotes: QuoteCheck,
}

/// Reads a reply to the prompt of `case`.
pub(super) fn decode(text: &str, case: &Case) -> Result<Decoded, JudgeError> {
    let reply = the_object(text)?;
    let score = score(&reply)?;
    let confidence = confidence(reply.get("confidence"))
        .ok_or_else(|| unusable("confidence", reply.get("confidence")))?;
    let explanation = reply.get("explanation").and_then(Value::as_str);
    let mut quotes = QuoteCheck::default();
    Ok(Decoded {
        assessment: Assessment {
            score,
            confidence,
            reasoning: clean(explanation.unwrap_or_default(), LONGEST_EXPLANATION),
            issues: issues(&reply, case, &mut quotes),
            claim_labels: claim_labels(&reply, case, confidence, &mut quotes),
        },
        quotes,
    })
}

/// The one JSON object with a rating in a reply. What a model thought aloud before its answer is
/// left out.
fn the_object(text: &str) -> Result<Map<String, Value>, JudgeError> {
    let text = text.rsplit("</think>").next().unwrap_or(text);
    let mut found: Vec<Map<String, Value>> = Vec::new();
    let mut rest = text;
    for _ in 0..MOST_OPENINGS {
        let Some(opening) = rest.find('{') else { break };
        rest = &rest[opening..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Map<String, Value>>();
        match values.next() {
            Some(Ok(object)) => {
                rest = &rest[values.byte_offset()..];
                found.push(object);
            }
            _ => rest = &rest[1..],
        }
    }
    found.retain(|object| object.contains_key("rating"));
    match (found.pop(), found.is_empty()) {
        (Some(object), true) => Ok(object),
        (Some(_), false) => Err(JudgeError::Malformed("it holds several ratings".into())),
        (None, _) => Err(JudgeError::Malformed(format!(
            "no JSON object with a rating in \"{}\"",
            excerpt(text)
        ))),
    }
}

/// 1..5 to 0..100.
fn score(reply: &Map<String, Value>) -> Result<f64, JudgeError> {
    let rating = reply.get("rating");
    let number = match rating {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    [1.0, 2.0, 3.0, 4.0, 5.0]
        .into_iter()
        .find(|level| number == Some(*level))
        .map(|level| (level - 1.0) * 25.0)
        .ok_or_else(|| unusable("rating", rating))
}

fn unusable(field: &str, value: Option<&Value>) -> JudgeError {
    JudgeError::Malformed(match value {
        Some(value) => format!("its {field} is {}", excerpt(&value.to_string())),
        None => format!("it has no {field}"),
    })
}

/// Low, medium, high as 0.3, 0.6, 0.9; a number in 0..1 as it is.
fn confidence(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Number(number) => number.as_f64().filter(|n| (0.0..=1.0).contains(n)),
        Value::String(word) => match word.trim().to_ascii_lowercase().as_str() {
            "low" => Some(0.3),
            "medium" => Some(0.6),
            "high" => Some(0.9),
            _ => None,
        },
        _ => None,
    }
}

/// Labels of claims that exist, in the candidate's order; for a claim that is labelled twice the first
/// counts. Where a label has no usable confidence of its own, the reply's stands. A label that needs a
/// passage of the source and quotes none that is there becomes NOT_ENOUGH_INFO. The sentences that an
/// entry names make the model look before it quotes; what is checked is the quote.
fn claim_labels(
    reply: &Map<String, Value>,
    case: &Case,
    overall: f64,
    check: &mut QuoteCheck,
) -> Vec<ClaimLabel> {
    let known: BTreeMap<u64, ClaimId> = case
        .claims
        .iter()
        .map(|claim| (claim.index as u64, claim.id))
        .collect();
    let source = Quotes::new(&case.source);
    let mut labels: BTreeMap<u64, ClaimLabel> = BTreeMap::new();
    for entry in entries(reply, "claims") {
        let Some((index, mut label)) = claim_label(entry, &known, overall) else {
            continue;
        };
        if labels.contains_key(&index) {
            continue;
        }
        let rests = rests_on(entry.get("quote"), &source, check);
        if !rests && label.label != Label::NotEnoughInfo {
            label.label = Label::NotEnoughInfo;
            label.confidence = label.confidence.min(LOWERED_CONFIDENCE);
            check.lowered += 1;
        }
        labels.insert(index, label);
    }
    labels.into_values().collect()
}

fn claim_label(
    entry: &Value,
    known: &BTreeMap<u64, ClaimId>,
    overall: f64,
) -> Option<(u64, ClaimLabel)> {
    let index = entry.get("index").and_then(Value::as_u64)?;
    let label = ClaimLabel {
        claim_id: *known.get(&index)?,
        label: word(entry.get("label")?, str::to_ascii_uppercase)?,
        confidence: confidence(entry.get("confidence")).unwrap_or(overall),
    };
    Some((index, label))
}

/// True where a claim's quote is a passage of the source.
fn rests_on(quote: Option<&Value>, source: &Quotes<'_>, check: &mut QuoteCheck) -> bool {
    let quote = quote.and_then(Value::as_str).unwrap_or_default();
    if quote.trim().is_empty() {
        return false;
    }
    check.given += 1;
    let says = quote.chars().filter(|c| c.is_alphanumeric()).count();
    // One character of an ideographic script says as much as a syllable.
    let says = if quote.is_ascii() { says } else { says * 2 };
    let found = says >= LEAST_QUOTE && source.find(quote).is_some();
    check.missing += usize::from(!found);
    found
}

/// Issues with a known type, a known severity and a description, each once: a model that repeats
/// itself has not found more.
fn issues(reply: &Map<String, Value>, case: &Case, check: &mut QuoteCheck) -> Vec<Issue> {
    let quotes = Quotes::new(&case.candidate);
    let issue = |entry: &Value| {
        let kind = word(entry.get("type")?, str::to_ascii_lowercase)?;
        let description = clean(entry.get("description")?.as_str()?, LONGEST_DESCRIPTION);
        let quote = entry.get("quote").and_then(Value::as_str);
        let quote = quote.map(str::trim).filter(|quote| !quote.is_empty());
        let span = quote.and_then(|quote| quotes.find(quote));
        let issue = Issue {
            kind,
            severity: word(entry.get("severity")?, str::to_ascii_lowercase)?,
            description,
            span,
            unmatched_quote: quote
                .filter(|_| span.is_none())
                .map(|quote| clean(quote, LONGEST_QUOTE))
                .filter(|quote| !quote.is_empty()),
        };
        // Signs of injection are found by rules, not by a model that may be under their influence.
        let known = !issue.description.is_empty() && kind != IssueType::InjectionSuspected;
        known.then_some((issue, quote.is_some()))
    };
    let mut kept: Vec<Issue> = Vec::new();
    for (issue, quoted) in entries(reply, "issues").take(MOST_ISSUES).filter_map(issue) {
        let known = |other: &Issue| {
            (other.kind, other.severity, other.span) == (issue.kind, issue.severity, issue.span)
                && other.description == issue.description
        };
        if kept.iter().any(known) {
            continue;
        }
        check.given += usize::from(quoted);
        check.missing += usize::from(quoted && issue.span.is_none());
        kept.push(issue);
    }
    kept
}

fn entries<'a>(reply: &'a Map<String, Value>, field: &str) -> impl Iterator<Item = &'a Value> {
    let list = reply.get(field).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// One of the words of `T`, in any case and with blanks or hyphens for underscores.
fn word<T: DeserializeOwned>(value: &Value, case: fn(&str) -> String) -> Option<T> {
    let text = case(value.as_str()?.trim()).replace([' ', '-'], "_");
    serde_json::from_value(Value::String(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::scripted::case;
    use super::*;

    use proptest::prelude::*;

    use crate::domain::issue::Severity;

    const SOURCE: &str = "The mill was built in 1812. It still stands.";
    const CANDIDATE: &str = "The mill was built in 1821. It still stands.";
    const GOOD: &str = r#"{"explanation":"Sentence 1 says 1812.","claims":[{"index":1,"sentences":[2],"quote":"It still stands.","label":"SUPPORTED","confidence":"high"},{"index":0,"quote":"the mill was  built in 1812","label":"refuted","confidence":0.8}],"issues":[{"type":"temporal_inconsistency","severity":"high","description":"wrong year","quote":"built in  1821"}],"rating":2,"confidence":"medium"}"#;

    fn decoded(text: &str) -> Result<Assessment, JudgeError> {
        decode(text, &case(SOURCE, CANDIDATE)).map(|decoded| decoded.assessment)
    }

    #[test]
    fn a_good_reply_is_read_whole() {
        let case = case(SOURCE, CANDIDATE);
        let Decoded {
            assessment: got,
            quotes,
        } = decode(GOOD, &case).unwrap();
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
            (case.claims[0].id, Label::Refuted, 0.8),
            (case.claims[1].id, Label::Supported, 0.9),
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
        ];
        for (text, expected) in table {
            let got = decoded(text).unwrap_err().to_string();
            assert_eq!(got, format!("the answer can't be used: {expected}"));
        }
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
            let text = format!(r#"{{"rating":{rating},"confidence":"low"}}"#);
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
        let got = decode(text, &case).unwrap().assessment;
        let [label] = got.claim_labels.as_slice() else {
            panic!("{:?}", got.claim_labels)
        };
        assert_eq!(
            (label.claim_id, label.label, label.confidence),
            (case.claims[0].id, Label::NotEnoughInfo, 0.3)
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
            let got = decode(&text, &case(SOURCE, CANDIDATE)).unwrap();
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
        let text = r#"{"rating":1,"confidence":"low","issues":[{"type":"bias","severity":"low","description":"d","quote":"never said"},
            {"type":"injection_suspected","severity":"low","description":"d","quote":""}]}"#;
        let got = decode(text, &case(SOURCE, CANDIDATE)).unwrap();
        let [issue] = got.assessment.issues.as_slice() else {
            panic!("{got:?}")
        };
        assert_eq!(
            (issue.span, issue.unmatched_quote.as_deref()),
            (None, Some("never said"))
        );
        assert_eq!((got.quotes.given, got.quotes.missing), (1, 1));
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
                proptest::collection::vec((key, inner), 0..8).prop_map(
                    |fields: Vec<(&str, Value)>| {
                        Value::Object(
                            fields
                                .into_iter()
                                .map(|(key, value)| (key.to_owned(), value))
                                .collect(),
                        )
                    }
                ),
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
                if let Ok(Decoded { assessment, quotes }) = decode(&text, &case) {
                    prop_assert!((0.0..=100.0).contains(&assessment.score));
                    prop_assert!((0.0..=1.0).contains(&assessment.confidence));
                    prop_assert!(assessment.claim_labels.len() <= case.claims.len());
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
}
