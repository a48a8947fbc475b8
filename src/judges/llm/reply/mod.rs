//! Strict parsing of a model's reply.
//!
//! Tolerant of wrapping (code fences, prose, reasoning), strict in substance: a missing rating or
//! confidence is an error, never a middle value. Quotes are verified: those of issues in the
//! candidate, those of claims in the source. A label that is not backed by a passage of the source
//! is lowered.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::SecretString;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::computing::checkpoint;
use crate::domain::details::QuoteCheck;
use crate::domain::ids::ClaimId;
use crate::domain::issue::{Issue, IssueType};
use crate::domain::verdict::{ClaimLabel, Label};
use crate::judges::llm::excerpt::{blot_out, clean, excerpt};
use crate::judges::llm::lenient;
use crate::judges::{Assessment, Case, JudgeError};
use crate::text::language::Language;
use crate::text::words::is_stop;

mod fuzzy;
mod quote;
pub(crate) mod self_consistency;

use quote::Quotes;

/// Maximum length of an explanation, in characters; a model that repeats itself must not fill the
/// log.
const LONGEST_EXPLANATION: usize = 4_000;
const LONGEST_DESCRIPTION: usize = 1_000;
/// Maximum number of issues; further ones are ignored.
pub(crate) const MOST_ISSUES: usize = 20;
/// Maximum number of positions in a reply at which a JSON object is searched for.
const MOST_OPENINGS: usize = 1_000;
/// Maximum number of bytes that this search may read in total; bytes that are read repeatedly count
/// each time.
const MOST_WORK: usize = 32 << 20;

/// Maximum confidence of a lowered label, because the judge's own confidence was in another label.
const LOWERED_CONFIDENCE: f64 = 0.3;
/// Minimum number of letters or digits of a quote that supports a label, without words such as
/// "the"; shorter quotes occur in every text.
const LEAST_QUOTE: usize = 3;
/// Maximum length that is kept of a quote that was not found, in characters.
const LONGEST_QUOTE: usize = 300;

/// A parsed reply, and the result of verifying its quotes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decoded {
    pub(crate) assessment: Assessment,
    pub(crate) quotes: QuoteCheck,
    /// Number of shown claims without a readable label.
    pub(crate) unlabelled: usize,
}

/// Returns the reply from the answer and the reasoning of a model, where the provider separates
/// them. Some servers put everything into the reasoning if the model does not mark its end; then
/// the answer is searched for there.
pub(crate) fn answer_in(answer: String, thoughts: String) -> Result<String, JudgeError> {
    if !answer.trim().is_empty() {
        return Ok(answer);
    }
    if the_object(&thoughts).is_ok() {
        return Ok(thoughts);
    }
    Err(JudgeError::Malformed(if thoughts.trim().is_empty() {
        "the reply is empty".to_owned()
    } else {
        format!(
            "it holds thoughts and no answer: \"{}\"",
            excerpt(&thoughts)
        )
    }))
}

/// Parses a reply to a prompt of `case` that showed so many claims.
pub(crate) fn decode(
    text: &str,
    case: &Case,
    shown: usize,
    secret: Option<&SecretString>,
) -> Result<Decoded, JudgeError> {
    let mut reply = the_object(text)?.0;
    // Redacted only after parsing, since within JSON a key can be spelled in many ways.
    reply.values_mut().for_each(|value| blot_out(value, secret));
    let score = score(&reply)?;
    let confidence = confidence(reply.get("confidence"))
        .ok_or_else(|| unusable("confidence", reply.get("confidence")))?;
    if !case.claims().is_empty() && !reply.get("claims").is_some_and(Value::is_array) {
        return Err(unusable("claims", reply.get("claims")));
    }
    if reply.get("issues").is_some_and(|issues| !issues.is_array()) {
        return Err(unusable("issues", reply.get("issues")));
    }
    let explanation = reply.get("explanation").and_then(Value::as_str);
    let mut quotes = QuoteCheck::default();
    let claim_labels = claim_labels(&reply, case, confidence, &mut quotes);
    if claim_labels.is_empty() && shown > 0 {
        return Err(JudgeError::Malformed(no_labels(&reply, shown)));
    }
    Ok(Decoded {
        unlabelled: shown.saturating_sub(claim_labels.len()),
        assessment: Assessment {
            score,
            confidence,
            reasoning: clean(explanation.unwrap_or_default(), LONGEST_EXPLANATION),
            issues: issues(&reply, case, &mut quotes),
            claim_labels,
        },
        quotes,
    })
}

/// Returns the reason why a reply has no labels.
fn no_labels(reply: &Map<String, Value>, shown: usize) -> String {
    let claims = if shown == 1 { "claim" } else { "claims" };
    match entries(reply, "claims").next() {
        None => format!("it labels none of the {shown} {claims}"),
        Some(first) => format!(
            "no label of the {shown} {claims} can be read; the first is {}",
            excerpt(&first.to_string())
        ),
    }
}

/// Returns the only JSON object with a rating in a reply. Reasoning before the answer is skipped.
fn the_object(text: &str) -> Result<Object, JudgeError> {
    // A quote in the reply may contain the tag, too, but reasoning precedes the answer.
    let is_answer = text.trim_start().starts_with(['{', '`']);
    let thought = text.rsplit("</think>").next().filter(|_| !is_answer);
    let text = thought.unwrap_or(text);
    let mut found: Vec<Object> = Vec::new();
    let (mut rest, mut work) = (text, 0);
    for _ in 0..MOST_OPENINGS {
        let Some(opening) = rest.find('{') else { break };
        rest = &rest[opening..];
        // Each candidate may be parsed to the end of the text.
        work += rest.len();
        if work > MOST_WORK {
            break;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Object>();
        match values.next() {
            Some(Ok(object)) => {
                rest = &rest[values.byte_offset()..];
                found.push(object);
            }
            _ => rest = &rest[1..],
        }
    }
    found.retain(|object| object.0.contains_key("rating"));
    match (found.pop(), found.is_empty()) {
        (Some(object), true) if !object.1 => Ok(object),
        (Some(_), _) => Err(JudgeError::Malformed("it holds several ratings".into())),
        (None, _) => Err(JudgeError::Malformed(format!(
            "no JSON object with a rating in \"{}\"",
            excerpt(text)
        ))),
    }
}

/// A JSON object, and whether it has two ratings, of which a map would silently keep the last.
struct Object(Map<String, Value>, bool);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Object, A::Error> {
                let mut object = Object(Map::new(), false);
                while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                    object.1 |= name == "rating" && object.0.contains_key(&name);
                    object.0.insert(name, value);
                }
                Ok(object)
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

/// Converts a rating of 1..5 to a score of 0..100.
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

/// Converts low, medium and high to 0.3, 0.6 and 0.9; a number in 0..1 is returned as it is.
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

/// Returns the labels of existing claims in the candidate's order; if a claim is labelled twice,
/// the first label counts. A label without a usable confidence gets that of the reply. A label that
/// needs a passage of the source and has no valid quote becomes NOT_ENOUGH_INFO. The sentence
/// numbers of an entry only make the model look before it quotes; the quote is what is verified.
fn claim_labels(
    reply: &Map<String, Value>,
    case: &Case,
    overall: f64,
    check: &mut QuoteCheck,
) -> Vec<ClaimLabel> {
    let known: BTreeMap<u64, ClaimId> = case
        .claims()
        .iter()
        .map(|claim| (claim.index as u64, claim.id))
        .collect();
    let source = Quotes::new(&case.source);
    let mut labels: BTreeMap<u64, ClaimLabel> = BTreeMap::new();
    for entry in entries(reply, "claims") {
        checkpoint();
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
    let index = lenient::whole(entry.get("index")?)?;
    let label = ClaimLabel {
        claim_id: *known.get(&index)?,
        label: label(entry.get("label")?)?,
        confidence: confidence(entry.get("confidence")).unwrap_or(overall),
        probability: None,
    };
    Some((index, label))
}

/// Parses a label, also in the terms of other data sets on which models were trained.
fn label(value: &Value) -> Option<Label> {
    let text = value.as_str()?.to_ascii_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    match words.join(" ").as_str() {
        "supported" | "supports" | "support" | "entailed" | "entails" | "entailment" => {
            Some(Label::Supported)
        }
        "refuted" | "refutes" | "contradicted" | "contradicts" | "contradiction" => {
            Some(Label::Refuted)
        }
        "not enough info"
        | "not enough information"
        | "nei"
        | "neutral"
        | "not supported"
        | "unsupported"
        | "unverifiable" => Some(Label::NotEnoughInfo),
        _ => None,
    }
}

/// Returns whether a claim's quote is a passage of the source.
fn rests_on(quote: Option<&Value>, source: &Quotes<'_>, check: &mut QuoteCheck) -> bool {
    let quote = quote.and_then(Value::as_str).unwrap_or_default();
    if quote.trim().is_empty() {
        return false;
    }
    check.given += 1;
    let says = quote
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !is_stop(&word.to_lowercase(), Language::English))
        .map(|word| word.chars().count())
        .sum::<usize>();
    // One ideographic character carries as much information as a syllable.
    let says = if quote.is_ascii() { says } else { says * 2 };
    let found = says >= LEAST_QUOTE && source.find(quote).is_some();
    check.missing += usize::from(!found);
    found
}

/// Returns issues with a known type, a known severity and a description, without duplicates: a
/// model that repeats itself has not found more.
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
        // Injections and faults of citations are reported by rules only: a model may be under the
        // influence of an injection.
        let kind: IssueType = kind;
        let known = !issue.description.is_empty() && !kind.is_found_by_rules();
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

/// Parses a name of `T`, ignoring case and accepting spaces or hyphens for underscores.
fn word<T: DeserializeOwned>(value: &Value, case: fn(&str) -> String) -> Option<T> {
    let text = case(value.as_str()?.trim()).replace([' ', '-'], "_");
    serde_json::from_value(Value::String(text)).ok()
}

#[cfg(test)]
mod tests;
