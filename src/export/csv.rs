//! CSV (RFC 4180, UTF-8 with a byte order mark): a row for each pair of claim and judge, so that a
//! spreadsheet can filter and pivot it.

use std::borrow::Cow;
use std::io::Write;

use crate::computing::checkpoint;
use crate::domain::calibration::Calibrated;
use crate::domain::report::JudgeReport;
use crate::domain::result::{AuditResult, Faithfulness};
use crate::protocol::rest::{ClaimView, EvaluationView};

use super::unmade::Unmade;

/// Without it a spreadsheet assumes the encoding of its locale.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const HEAD: [&str; 40] = [
    "evaluation_id",
    "created_at",
    "consensus_score",
    "hallucination_score",
    "reliability",
    "claim_index",
    "claim_type",
    "claim_start",
    "claim_end",
    "claim_text",
    "verdict",
    "verdict_confidence",
    "verdict_reasoning",
    "evidence",
    "judge_name",
    "judge_kind",
    "judge_model",
    "judge_status",
    "judge_score",
    "judge_confidence",
    "judge_label",
    "judge_label_confidence",
    "judge_issues",
    // Later columns come last, so that readers which count columns still find the earlier ones.
    "calibrated_hallucination_score",
    "calibration_name",
    "calibration_labels",
    "calibration_flagged",
    "evidence_sources",
    "outcome",
    "verifier_verdict",
    "probability_supported",
    "probability_refuted",
    "probability_not_enough_info",
    "faithfulness",
    "faithfulness_flagged",
    "faithfulness_threshold",
    "faithfulness_basis",
    "name",
    "tags",
    "notes",
];

pub(super) fn render(
    evaluation: &EvaluationView,
    result: &AuditResult,
    file: &mut dyn Write,
) -> Result<(), Unmade> {
    file.write_all(BYTE_ORDER_MARK).map_err(Unmade::because)?;
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(file);
    writer.write_record(HEAD).map_err(Unmade::because)?;
    let claims: Vec<Option<&ClaimView>> = match evaluation.claims.as_slice() {
        [] => vec![None],
        claims => claims.iter().map(Some).collect(),
    };
    for claim in claims {
        for judge in &evaluation.judges {
            checkpoint();
            let mut row = of_evaluation(evaluation, result);
            row.extend(of_claim(claim));
            row.extend(of_judge(judge, claim));
            row.extend(of_calibration(result.calibration.as_ref()));
            row.push(sources(claim));
            row.push(result.outcome.as_str().into());
            row.extend(decided(claim));
            row.extend(of_the_whole(result.faithfulness.as_ref()));
            row.extend(of_its_owner(evaluation));
            let cells = row.iter().map(|cell| cell.as_bytes());
            writer.write_record(cells).map_err(Unmade::because)?;
        }
    }
    writer.flush().map_err(Unmade::because)
}

type Cell<'a> = Cow<'a, str>;

fn of_evaluation<'a>(evaluation: &'a EvaluationView, result: &AuditResult) -> Vec<Cell<'a>> {
    vec![
        evaluation.id.to_string().into(),
        crate::protocol::timestamp(evaluation.created_at).into(),
        number(result.consensus_score),
        number(result.hallucination_score),
        result.reliability.as_str().into(),
    ]
}

fn of_claim(view: Option<&ClaimView>) -> [Cell<'_>; 9] {
    let Some(view) = view else {
        return Default::default();
    };
    let evidence: Vec<&str> = view
        .evidence
        .iter()
        .map(|found| found.text.as_str())
        .collect();
    [
        view.claim.index.to_string().into(),
        name_of(&view.claim.kind),
        view.claim.span.start.to_string().into(),
        view.claim.span.end.to_string().into(),
        harmless(&view.claim.text),
        view.label.map_or("", |label| label.as_str()).into(),
        number(view.confidence),
        harmless(view.reasoning.as_deref().unwrap_or_default()),
        harmless(&evidence.join("\n")).into_owned().into(),
    ]
}

fn of_judge<'a>(judge: &'a JudgeReport, claim: Option<&ClaimView>) -> [Cell<'a>; 9] {
    let label = claim.and_then(|view| {
        let mut labels = judge.claim_verdicts.iter();
        labels.find(|label| label.claim_id == view.claim.id)
    });
    [
        harmless(&judge.judge_name),
        harmless(&judge.kind),
        harmless(&judge.model),
        judge.status.as_str().into(),
        number(judge.score),
        number(judge.confidence),
        label.map_or("", |label| label.label.as_str()).into(),
        number(label.map(|label| label.confidence)),
        judge.flagged_issues.len().to_string().into(),
    ]
}

/// The origin of each piece of evidence, in order: `source_text`, or a document's name.
fn sources(view: Option<&ClaimView>) -> Cell<'_> {
    let evidence = view.map_or(&[][..], |view| &view.evidence);
    let names: Vec<&str> = evidence.iter().map(|found| found.source.as_str()).collect();
    harmless(&names.join("\n")).into_owned().into()
}

/// The verifier's label before the judges were considered, and the probability
/// of each label afterwards.
fn decided(view: Option<&ClaimView>) -> [Cell<'_>; 4] {
    let verifier = view.and_then(|view| view.verifier_label);
    let probability = view.and_then(|view| view.probability);
    [
        verifier.map_or("", |label| label.as_str()).into(),
        number(probability.map(|of| of.supported)),
        number(probability.map(|of| of.refuted)),
        number(probability.map(|of| of.not_enough_info)),
    ]
}

/// The probability that the source supports the whole candidate; empty if there
/// is nothing to check.
fn of_the_whole(whole: Option<&Faithfulness>) -> [Cell<'_>; 4] {
    let Some(whole) = whole else {
        return Default::default();
    };
    [
        number(Some(whole.probability)),
        whole.flagged.to_string().into(),
        number(Some(whole.threshold)),
        harmless(&whole.basis),
    ]
}

/// Returns name, tags and notes; the tags are separated by line feeds.
fn of_its_owner(evaluation: &EvaluationView) -> [Cell<'_>; 3] {
    let tags: Vec<&str> = evaluation.tags.iter().map(String::as_str).collect();
    [
        harmless(evaluation.name.as_deref().unwrap_or_default()),
        harmless(&tags.join("\n")).into_owned().into(),
        harmless(evaluation.notes.as_deref().unwrap_or_default()),
    ]
}

/// Empty if the run used no calibration; `hallucination_score` is the uncalibrated
/// score in any case.
fn of_calibration(used: Option<&Calibrated>) -> [Cell<'_>; 4] {
    let Some(used) = used else {
        return Default::default();
    };
    [
        number(Some(used.hallucination_score)),
        harmless(&used.name),
        used.labels.to_string().into(),
        used.flagged.to_string().into(),
    ]
}

/// A number in full precision, unquoted, so that a spreadsheet can calculate with it.
fn number(value: Option<f64>) -> Cell<'static> {
    value
        .map_or_else(String::new, |value| value.to_string())
        .into()
}

/// The API name of a plain enum.
fn name_of(value: &impl serde::Serialize) -> Cell<'static> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name.into(),
        _ => Cow::default(),
    }
}

/// Escapes a text so that no spreadsheet takes it for a formula: an apostrophe precedes each sign
/// that would start one, at the start of the cell and after another separator that would start a
/// cell (a spreadsheet of a locale that separates by semicolons splits the line there).
fn harmless(text: &str) -> Cell<'_> {
    let mut safe = String::new();
    if text.starts_with(['\t', '\r', '\n']) {
        safe.push('\'');
    }
    let (mut begins, mut copied) = (true, 0);
    for (at, character) in text.char_indices() {
        if begins && is_trigger(character) {
            safe.push_str(&text[copied..at]);
            safe.push('\'');
            copied = at;
            begins = false;
        }
        begins = is_separator(character) || (begins && is_invisible(character));
    }
    if copied == 0 && safe.is_empty() {
        return text.into();
    }
    safe.push_str(&text[copied..]);
    safe.into()
}

/// Returns true for signs that start a formula, including their full-width and small forms.
const fn is_trigger(character: char) -> bool {
    matches!(
        character,
        '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '\u{2212}'
    )
}

const fn is_separator(character: char) -> bool {
    matches!(
        character,
        '\t' | '\r' | '\n' | ';' | '|' | '\u{2028}' | '\u{2029}'
    )
}

/// Returns true for characters that a spreadsheet may skip before a formula.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '"' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
#[path = "tests/csv.rs"]
mod tests;
