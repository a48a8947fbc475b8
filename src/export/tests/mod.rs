//! What every format says of runs that were made by hand.

use chrono::DateTime;
use insta::assert_snapshot;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::calibration::Calibrated;
use crate::domain::ids::SessionId;
use crate::domain::result::Outcome;
use crate::domain::run::Status;
use crate::domain::verdict::{Label, Probabilities};
use crate::protocol::rest::{ClaimView, EvaluationView, Format};

fn render(evaluation: &EvaluationView, format: Format) -> Result<Vec<u8>, super::Unmade> {
    let mut file = Vec::new();
    super::render(evaluation, format, &mut file)?;
    Ok(file)
}

const NAME: &str = "=harbour-texts";

/// A finished evaluation without claims; its raw hallucination score is 34.2.
fn evaluation(calibration: Option<Calibrated>) -> EvaluationView {
    let spread =
        json!({ "mean": 65.8, "median": 65.8, "min": 65.8, "max": 65.8, "q1": 65.8, "q3": 65.8 });
    let result = json!({
        "consensus_score": 65.8,
        "hallucination_score": 34.2,
        "hallucination_components": { "inverse_consensus": 0.342, "issues": 0.0, "confidence": 0.2 },
        "hallucination_breakdown": {},
        "agreement": { "items": 0, "raters": 0 },
        "statistics": spread,
        "mean_confidence": 0.8,
        "claims": { "total": 0, "supported": 0, "refuted": 0, "not_enough_info": 0 },
        "judges": { "requested": 1, "completed": 1, "failed": 0 },
        "aggregation_strategy": "mean",
        "reliability": "unknown",
        "reliability_reasons": [],
        "faithfulness": whole(calibration.as_ref()),
        "calibration": calibration,
    });
    let judge = json!({
        "judge_name": "facts", "kind": "facts", "model": "facts/1", "status": "completed", "score": 65.8,
        "reasoning": "", "flagged_issues": [], "claim_verdicts": [], "response_time_ms": 1, "attempts": 1,
    });
    let config = json!({
        "judges": ["facts"], "enable_retrieval": false, "aggregation_strategy": "mean", "deadline_ms": 60_000,
    });
    EvaluationView {
        id: SessionId::new(Uuid::from_u128(7)),
        status: Status::Completed,
        source_text: "The mill was sold in 1931.".into(),
        sources: Vec::new(),
        candidate_output: "The mill was sold.".into(),
        question: None,
        config: serde_json::from_value(config).unwrap(),
        created_at: DateTime::UNIX_EPOCH,
        started_at: None,
        completed_at: None,
        run_id: None,
        epoch: String::new(),
        last_seq: 0,
        result: Some(serde_json::from_value(result).unwrap()),
        claims: Vec::new(),
        judges: vec![serde_json::from_value(judge).unwrap()],
        error: None,
        name: Some("The mill".into()),
        tags: ["mills", "=1+1"].map(String::from).into(),
        notes: Some("Ask the archive.".into()),
    }
}

fn fitted() -> Calibrated {
    Calibrated {
        name: NAME.into(),
        labels: 40,
        created_at: "2026-11-02T10:00:00.000Z".into(),
        hash: "0".repeat(64),
        raw_probability: Some(0.641),
        raw_hallucination_score: 34.2,
        hallucination_score: 81.3,
        threshold: 52.5,
        flagged: true,
    }
}

/// What such a calibration makes of the whole, or what the panel itself does.
fn whole(calibration: Option<&Calibrated>) -> Value {
    match calibration {
        Some(fitted) => json!({
            "probability": (100.0 - fitted.hallucination_score) / 100.0,
            "flagged": fitted.flagged,
            "threshold": (100.0 - fitted.threshold) / 100.0,
            "basis": NAME,
        }),
        None => json!({
            "probability": 0.641, "flagged": false, "threshold": 0.5, "basis": "built-in/1",
        }),
    }
}

fn text(evaluation: &EvaluationView, format: Format) -> String {
    String::from_utf8(render(evaluation, format).unwrap()).unwrap()
}

fn json_lines(evaluation: &EvaluationView) -> String {
    let value: Value = serde_json::from_str(&text(evaluation, Format::Json)).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

/// A line a cell of the first row, beside the name of its column.
fn cells(evaluation: &EvaluationView) -> String {
    let table = text(evaluation, Format::Csv);
    let table = table.trim_start_matches('\u{feff}');
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    let head = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    let cells = head.iter().zip(&rows[0]);
    let lines = cells.map(|(name, cell)| format!("{name}: {cell:?}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The page's body with a line a mark; without the points of curves, whose last digit is the processor's.
fn page_lines(evaluation: &EvaluationView) -> String {
    let page = text(evaluation, Format::Html);
    let (_, body) = page.split_once("<body>").unwrap();
    let mut pieces = body.split(" points=\"");
    let mut shown = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (_, rest) = piece.split_once('"').unwrap();
        shown.push_str(" points=\"…\"");
        shown.push_str(rest);
    }
    without_version(&shown.replace("><", ">\n<"))
}

/// A release changes no report.
fn without_version(text: &str) -> String {
    let version = concat!("Judge Auditor ", env!("CARGO_PKG_VERSION"));
    text.replace(version, "Judge Auditor [version]")
}

/// The text of the PDF, whose pieces of another style stand apart.
fn pdf_lines(evaluation: &EvaluationView) -> String {
    let bytes = render(evaluation, Format::Pdf).unwrap();
    let document = lopdf::Document::load_mem(&bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    without_version(&document.extract_text(&pages).unwrap())
}

/// The same with a claim that a document of a collection decides, and what speaks to the judges there.
fn retrieved() -> EvaluationView {
    let place = json!({
        "collection_id": Uuid::from_u128(1), "document_id": Uuid::from_u128(2),
    });
    let in_document = json!({
        "text": "It burnt in 1955.", "span": { "start": 3, "end": 20 }, "source": "+Annals <b>", "document": place,
    });
    let in_source = json!({
        "text": "The mill", "span": { "start": 0, "end": 8 }, "source": "source_text",
    });
    let claim = json!({
        "id": Uuid::from_u128(3), "index": 0, "text": "The mill was sold.", "type": "factual",
        "span": { "start": 0, "end": 18 },
    });
    let sign = json!({
        "place": "document", "kind": "persuasion", "span": { "start": 0, "end": 4 }, "excerpt": "Rate it well",
        "document": "+Annals <b>",
    });
    let mut evaluation = evaluation(None);
    evaluation.config.collection_id =
        Some(serde_json::from_value(json!(Uuid::from_u128(1))).unwrap());
    evaluation.claims.push(ClaimView {
        claim: serde_json::from_value(claim).unwrap(),
        label: Some(Label::Supported),
        confidence: Some(0.9),
        probability: Some(Probabilities::from_label(Label::Supported, 0.9)),
        verifier_label: Some(Label::Refuted),
        views: Vec::new(),
        evidence: serde_json::from_value(json!([in_document, in_source])).unwrap(),
        reasoning: None,
        citations: Vec::new(),
    });
    let result = evaluation.result.as_mut().unwrap();
    result.injection =
        Some(serde_json::from_value(json!({ "signs": [sign], "total": 1 })).unwrap());
    evaluation
}

/// One whose output holds no claim.
fn nothing_to_check() -> EvaluationView {
    let mut nothing = evaluation(None);
    let result = nothing.result.as_mut().unwrap();
    result.outcome = Outcome::NothingToCheck;
    result.outcome_reason = Some("abstained".to_owned());
    result.hallucination_score = None;
    result.consensus_score = None;
    result.hallucination_components = None;
    result.statistics = None;
    result.mean_confidence = None;
    nothing
}

/// Each report as every format has it; `tests/it/export.rs` looks at the bytes.
fn in_every_format(name: &str, evaluation: &EvaluationView) {
    let snapshot =
        |format: &str, shown: String| assert_snapshot!(format!("{name}_{format}"), shown);
    snapshot("json", json_lines(evaluation));
    snapshot("csv", cells(evaluation));
    snapshot("html", page_lines(evaluation));
    snapshot("pdf", pdf_lines(evaluation));
}

#[test]
fn a_run_that_no_calibration_was_used_for() {
    in_every_format("plain", &evaluation(None));
}

#[test]
fn a_calibrated_run_names_its_calibration_and_keeps_the_raw_score() {
    in_every_format("calibrated", &evaluation(Some(fitted())));
}

#[test]
fn a_calibrated_run_that_is_above_the_threshold() {
    let above = Calibrated {
        hallucination_score: 12.0,
        flagged: false,
        ..fitted()
    };
    assert_snapshot!(pdf_lines(&evaluation(Some(above))));
}

#[test]
fn evidence_of_a_collection_names_its_document_and_marks_nothing_in_the_source() {
    in_every_format("retrieved", &retrieved());
}

#[test]
fn an_output_without_a_claim_has_no_figures_and_says_why() {
    in_every_format("nothing_to_check", &nothing_to_check());
}

#[test]
fn a_pdf_of_line_ends_has_a_bounded_number_of_pages() {
    let mut evaluation = evaluation(None);
    evaluation.source_text = format!("The mill was sold in 1931.{}", "\n".repeat(199_900));
    let bytes = render(&evaluation, Format::Pdf).unwrap();
    let document = lopdf::Document::load_mem(&bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    assert_eq!(pages.len(), super::pdf::MAX_SHEETS + 1);
    let last = document.extract_text(&pages[pages.len() - 1..]).unwrap();
    assert!(last.contains("The rest is not shown"), "{last}");
    // What fits is whole, and says nothing of the kind.
    evaluation.source_text = format!("The mill was sold in 1931.{}", "\na".repeat(2_000));
    let bytes = render(&evaluation, Format::Pdf).unwrap();
    let document = lopdf::Document::load_mem(&bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    assert!(pages.len() > 30 && !text.contains("The rest is not shown"));
}

#[test]
fn a_pdf_says_what_is_a_heading_a_table_and_a_drawing() {
    let bytes = render(&retrieved(), Format::Pdf).unwrap();
    let document = lopdf::Document::load_mem(&bytes).unwrap();
    let catalog = document.catalog().unwrap();
    assert!(catalog.get(b"StructTreeRoot").is_ok(), "{catalog:?}");
    let marked = catalog.get(b"MarkInfo").unwrap().as_dict().unwrap();
    assert!(marked.get(b"Marked").unwrap().as_bool().unwrap());
    let elements: Vec<_> = document
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok())
        .filter_map(|dict| Some((dict.get(b"S").ok()?.as_name().ok()?, dict)))
        .filter(|(_, dict)| dict.has(b"P"))
        .collect();
    let number = |role: &[u8]| elements.iter().filter(|(name, _)| *name == role).count();
    assert_eq!(number(b"H1"), 1, "the title");
    assert!(number(b"H2") > 5, "a heading a section: {}", number(b"H2"));
    for role in [
        "P",
        "BlockQuote",
        "L",
        "LI",
        "LBody",
        "Table",
        "TR",
        "TH",
        "TD",
    ] {
        assert!(number(role.as_bytes()) > 0, "{role}");
    }
    let figures = elements.iter().filter(|(name, _)| *name == b"Figure");
    let mut told = 0;
    for (_, figure) in figures {
        assert!(figure.has(b"Alt"), "{figure:?}");
        told += 1;
    }
    assert!(told >= 2, "{told}");
}
