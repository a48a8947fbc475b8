mod exported;
pub(super) mod sample_model;

use std::sync::Arc;

use tempfile::TempDir;

use super::tokens::{Row, Words, batches};
use super::windows::fitting;
use super::*;
use crate::domain::issue::{Issue, IssueType};
use crate::domain::verdict::{ClaimLabel, Label};
use crate::judges::{Assessment, sample};
use crate::text::span::Utf16Index;

const ORDER: [&str; 3] = ["entailment", "neutral", "contradiction"];

fn settings(folder: &TempDir, labels: &[&str]) -> Settings {
    let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
    Settings {
        name: "small".to_owned(),
        weight: 1.0,
        model: folder.path().join("model.onnx"),
        tokenizer: folder.path().join("tokenizer.json"),
        task: Task::Pairs {
            labels: Labels::read(&labels).unwrap(),
            layout: Layout::Pair { claim_first: false },
        },
        threshold: 0.5,
        threads: 1,
        batch: 4,
        window_tokens: 160,
        evidence_tokens: None,
        max_windows: 4,
    }
}

/// The judge that marks spans, whose evidence stands in these words.
fn spans(folder: &TempDir, alone: &str, with_question: Option<&str>) -> Settings {
    let names = ["supported", "unsupported"].map(str::to_owned);
    let both = [Slot::Evidence, Slot::Question];
    Settings {
        task: Task::Spans {
            labels: TokenLabels::read(&names).unwrap(),
            prompts: Prompts {
                without_question: Template::read(alone, &[Slot::Evidence]).unwrap(),
                with_question: with_question.map(|text| Template::read(text, &both).unwrap()),
            },
        },
        ..settings(folder, &ORDER)
    }
}

fn spans_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    crate::judges::nli::tests::sample_model::write_spans(folder.path());
    folder
}

fn folder(outputs: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    crate::judges::nli::tests::sample_model::write(folder.path(), outputs);
    folder
}

async fn ask(settings: Settings, source: &str, candidate: &str) -> Assessment {
    let judge = build(settings).unwrap();
    let case = Arc::new(sample::case(source, candidate));
    match judge.assess(case).await.result.unwrap() {
        Answer::Scored(assessment) => assessment,
        Answer::Abstained(why) => panic!("{why}"),
    }
}

fn labels(assessment: &Assessment) -> Vec<Label> {
    let of = |label: &ClaimLabel| label.label;
    assessment.claim_labels.iter().map(of).collect()
}

const SOURCE: &str = "The mill grinds rye. The ferry sails at nine.";
const CANDIDATE: &str = "The mill grinds rye. The ferry does not sail at nine, the ferry sails not. \
    The library has five floors.";

#[tokio::test]
async fn the_model_reads_evidence_and_claim_together() {
    let folder = folder(3);
    let found = ask(settings(&folder, &ORDER), SOURCE, CANDIDATE).await;
    let expected = [Label::Supported, Label::Refuted, Label::NotEnoughInfo];
    assert_eq!(labels(&found), expected, "{found:?}");
    assert!(
        found.claim_labels.iter().all(|it| it.confidence > 0.7),
        "{found:?}"
    );
    let kinds: Vec<IssueType> = found.issues.iter().map(|issue| issue.kind).collect();
    assert_eq!(
        kinds,
        [IssueType::FactualError, IssueType::UnsupportedClaim]
    );
    // One of three claims holds.
    assert!((30.0..37.0).contains(&found.score), "{}", found.score);
    let alone = ask(settings(&folder, &ORDER), SOURCE, "The mill grinds rye.").await;
    assert!(alone.score > 95.0, "{}", alone.score);
}

#[tokio::test]
async fn labels_say_what_the_outputs_mean() {
    let folder = folder(3);
    let turned = settings(&folder, &["contradiction", "neutral", "entailment"]);
    let found = ask(turned, SOURCE, "The mill grinds rye.").await;
    assert_eq!(labels(&found), [Label::Refuted]);
    let two = self::folder(2);
    let found = ask(
        settings(&two, &["entailment", "not_entailment"]),
        SOURCE,
        CANDIDATE,
    )
    .await;
    let expected = [Label::Supported, Label::NotEnoughInfo, Label::NotEnoughInfo];
    assert_eq!(labels(&found), expected);
}

#[tokio::test]
async fn the_end_of_a_long_source_is_read_too() {
    let folder = folder(3);
    let filler = "The river is open. The boat was at the harbour. A room has floors. ";
    let end = "The mill grinds rye.";
    for (times, most) in [(40, 64), (400, 4)] {
        let source = format!("{}{end}", filler.repeat(times));
        let mut settings = settings(&folder, &ORDER);
        settings.max_windows = most;
        let found = ask(
            settings,
            &source,
            "The mill grinds rye. The mill grinds wheat.",
        )
        .await;
        assert_eq!(labels(&found)[0], Label::Supported, "{times}");
        assert_ne!(labels(&found)[1], Label::Supported, "{times}");
    }
    // Marks between sentences take no room.
    let source = format!(
        "A boat.\n\n{}\n\n{}{end}",
        "=".repeat(5_000),
        "12. A boat.\n".repeat(200)
    );
    let found = ask(settings(&folder, &ORDER), &source, "The mill grinds rye.").await;
    assert_eq!(labels(&found), [Label::Supported]);
    // A sentence without an end is cut.
    let source = format!("{} the mill grinds rye", "boat ".repeat(2_000));
    let found = ask(settings(&folder, &ORDER), &source, "The mill grinds rye.").await;
    assert_eq!(labels(&found), [Label::Supported]);
}

#[tokio::test]
async fn batches_and_threads_change_nothing() {
    let folder = folder(3);
    let source = format!(
        "{} {SOURCE}",
        "The boat is at the river harbour, open at nine. ".repeat(60)
    );
    let mut one = settings(&folder, &ORDER);
    (one.batch, one.max_windows) = (1, 64);
    let mut many = one.clone();
    (many.batch, many.threads) = (16, 2);
    assert_eq!(
        ask(one, &source, CANDIDATE).await,
        ask(many, &source, CANDIDATE).await
    );
}

#[tokio::test]
async fn a_claim_that_is_too_long_is_not_judged_and_that_is_said() {
    let folder = folder(3);
    let long = format!("The mill grinds {} rye.", "rye and ".repeat(80));
    let judge = build(settings(&folder, &ORDER)).unwrap();
    let case = Arc::new(sample::case(SOURCE, &long));
    let answer = judge.assess(Arc::clone(&case)).await.result.unwrap();
    assert!(matches!(answer, Answer::Abstained(_)), "{answer:?}");
    let found = ask(
        settings(&folder, &ORDER),
        SOURCE,
        &format!("The mill grinds rye. {long}"),
    )
    .await;
    assert_eq!(labels(&found), [Label::Supported]);
    assert!(
        found.reasoning.contains("1 too long"),
        "{}",
        found.reasoning
    );
}

#[test]
fn what_does_not_fit_is_said_at_the_start() {
    let folder = folder(3);
    let refused = |settings: Settings| build(settings).err().unwrap();
    let two = refused(settings(&folder, &["entailment", "not_entailment"]));
    assert!(
        two.contains("3 outputs") && two.contains("`labels` names 2"),
        "{two}"
    );
    let missing = Settings {
        model: folder.path().join("other.onnx"),
        ..settings(&folder, &ORDER)
    };
    assert!(refused(missing).contains("other.onnx"));
    let whole = std::fs::read(folder.path().join("model.onnx")).unwrap();
    for broken in [&whole[..whole.len() / 2], b"no model", b""] {
        std::fs::write(folder.path().join("model.onnx"), broken).unwrap();
        assert!(refused(settings(&folder, &ORDER)).contains("model.onnx"));
    }
    std::fs::write(folder.path().join("model.onnx"), whole).unwrap();
    std::fs::write(folder.path().join("tokenizer.json"), "{}").unwrap();
    assert!(refused(settings(&folder, &ORDER)).contains("tokenizer.json"));
}

/// What an issue points at.
fn pointed<'t>(candidate: &'t str, found: &Assessment) -> Vec<&'t str> {
    let utf16 = Utf16Index::new(candidate);
    let of = |issue: &Issue| &candidate[utf16.bytes(issue.span.unwrap()).unwrap()];
    found.issues.iter().map(of).collect()
}

#[tokio::test]
async fn words_that_the_source_lacks_are_pointed_at_where_they_stand() {
    let folder = spans_folder();
    // Letters of two units, so that bytes, characters and units differ.
    let candidate =
        "The mill 𝛼𝛽 grinds wheat, rye. The library has five floors. The ferry sails at nine.";
    let found = ask(spans(&folder, "{evidence}", None), SOURCE, candidate).await;
    let expected = [Label::NotEnoughInfo, Label::NotEnoughInfo, Label::Supported];
    assert_eq!(labels(&found), expected, "{found:?}");
    assert_eq!(
        pointed(candidate, &found),
        ["wheat", "library has five floors"]
    );
    assert!(
        found
            .issues
            .iter()
            .all(|issue| issue.kind == IssueType::UnsupportedClaim)
    );
    assert!(found.issues[0].description.contains("\"wheat\""));
    for label in &found.claim_labels {
        let probability = label.probability.unwrap();
        assert!(probability.is_valid(), "{label:?}");
        let told = if label.label == Label::Supported {
            probability.supported
        } else {
            1.0 - probability.supported
        };
        assert!((told - label.confidence).abs() < 1e-9, "{label:?}");
    }
}

#[tokio::test]
async fn a_token_holds_where_one_window_of_a_long_source_has_it() {
    let folder = spans_folder();
    let filler = "The river is open. The boat was at the harbour. A room has floors. ";
    let source = format!("{}The mill grinds rye.", filler.repeat(40));
    let mut all = spans(&folder, "{evidence}", None);
    all.max_windows = 64;
    let candidate = "The mill grinds rye. The mill grinds wheat.";
    let found = ask(all, &source, candidate).await;
    assert_eq!(labels(&found), [Label::Supported, Label::NotEnoughInfo]);
    assert_eq!(pointed(candidate, &found), ["wheat"]);
}

#[tokio::test]
async fn an_output_longer_than_a_window_is_read_in_parts() {
    let folder = spans_folder();
    let candidate = format!(
        "{}The mill grinds wheat.",
        "The ferry sails at nine. ".repeat(120)
    );
    let judge = build(spans(&folder, "{evidence}", None)).unwrap();
    let case = Arc::new(sample::case(SOURCE, &candidate));
    let answer = judge.assess(Arc::clone(&case)).await.result.unwrap();
    let Answer::Scored(found) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(found.claim_labels.len(), case.claims().len());
    let wrong = |label: &&ClaimLabel| label.label != Label::Supported;
    assert_eq!(found.claim_labels.iter().filter(wrong).count(), 1);
    assert_eq!(pointed(&candidate, &found), ["wheat"]);
}

#[tokio::test]
async fn the_question_is_put_where_the_model_was_trained_with_one() {
    let folder = spans_folder();
    // The sample takes the words of the whole first text for evidence, the question's too.
    let template = Some("{question} {evidence}");
    for (template, question, expected) in [
        (template, Some("wheat"), Label::Supported),
        (template, None, Label::NotEnoughInfo),
        (None, Some("wheat"), Label::NotEnoughInfo),
    ] {
        let judge = build(spans(&folder, "{evidence}", template)).unwrap();
        let mut case = sample::case(SOURCE, "The mill grinds wheat.");
        case.question = question.map(Into::into);
        let answer = judge.assess(Arc::new(case)).await.result.unwrap();
        let Answer::Scored(found) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(labels(&found), [expected], "{template:?} {question:?}");
    }
}

#[test]
fn a_model_of_the_other_kind_is_refused() {
    let (pairs, tokens) = (folder(2), spans_folder());
    let refused = build(spans(&pairs, "{evidence}", None)).err().unwrap();
    assert!(refused.contains("not one for each token"), "{refused}");
    let three = build(settings(&tokens, &ORDER)).err().unwrap();
    assert!(three.contains("2 outputs"), "{three}");
}

#[tokio::test]
async fn the_threshold_decides_what_is_supported() {
    let folder = folder(2);
    let two = settings(&folder, &["entailment", "not_entailment"]);
    // Four of five words: the sample's entailment is just under one half.
    let source = "The mill grinds rye at nine.";
    let candidate = "The mill grinds rye at seven.";
    let entailed = |found: &Assessment| found.claim_labels[0].probability.unwrap().supported;
    let usual = ask(two.clone(), source, candidate).await;
    let probability = entailed(&usual);
    assert!((0.02..0.98).contains(&probability), "{probability}");
    for (threshold, expected) in [
        (probability - 0.01, Label::Supported),
        (probability + 0.01, Label::NotEnoughInfo),
    ] {
        let found = ask(
            Settings {
                threshold,
                ..two.clone()
            },
            source,
            candidate,
        )
        .await;
        assert_eq!(labels(&found), [expected], "{threshold}");
    }
}

#[tokio::test]
async fn evidence_is_cut_to_what_the_model_was_trained_with() {
    let folder = folder(3);
    let source = format!(
        "{}The mill grinds rye.",
        "The boat is at the harbour. ".repeat(40)
    );
    let mut narrow = settings(&folder, &ORDER);
    (narrow.window_tokens, narrow.max_windows) = (1_000, 1);
    // One window has all of it, and with less evidence in each the best ranked one is enough.
    for evidence_tokens in [None, Some(96)] {
        let cut = Settings {
            evidence_tokens,
            ..narrow.clone()
        };
        let found = ask(cut, &source, "The mill grinds rye.").await;
        assert_eq!(labels(&found), [Label::Supported], "{evidence_tokens:?}");
    }
}

#[test]
fn rows_are_computed_together_as_far_as_memory_bears_it() {
    let rows = |lengths: &[usize]| -> Vec<Row> {
        let row = |length: &usize| Row {
            ids: vec![0; *length],
            kinds: vec![0; *length],
            second: Vec::new(),
        };
        lengths.iter().map(row).collect()
    };
    let sizes = |lengths: &[usize], most: usize| -> Vec<usize> {
        batches(&rows(lengths), most).map(<[Row]>::len).collect()
    };
    assert_eq!(sizes(&[10; 7], 3), [3, 3, 1]);
    assert_eq!(sizes(&[512; 4], 4), [4]);
    assert_eq!(sizes(&[1024; 4], 4), [2, 2]);
    assert_eq!(sizes(&[8192, 10, 10], 4), [1, 2]);
    assert_eq!(sizes(&[10, 8192, 10], 4), [1, 1, 1]);
    assert!(sizes(&[], 4).is_empty());
}

#[test]
fn evidence_is_cut_where_a_row_would_be_longer_than_the_model_reads() {
    let folder = folder(3);
    let words = Words::load(&folder.path().join("tokenizer.json")).unwrap();
    let evidence = "boat ".repeat(300);
    // Beside others, words may be cut into more tokens than alone: here into three times as many.
    let more = |text: &str| words.pair(&text.repeat(3), "rye");
    let row = fitting(&words, 200, &evidence, more).unwrap();
    assert!((100..=200).contains(&row.ids.len()), "{}", row.ids.len());
    let never = fitting(&words, 2, "boat", |text| words.pair(text, "rye"));
    assert!(never.is_err());
}
