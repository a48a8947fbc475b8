use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::domain::verdict::ClaimLabel;
use crate::judges::{Assessment, sample};

const ORDER: [&str; 3] = ["entailment", "neutral", "contradiction"];

fn settings(folder: &TempDir, labels: &[&str]) -> Settings {
    let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
    Settings {
        name: "small".to_owned(),
        weight: 1.0,
        model: folder.path().join("model.onnx"),
        tokenizer: folder.path().join("tokenizer.json"),
        labels: Labels::read(&labels).unwrap(),
        threads: 1,
        batch: 4,
        window_tokens: 160,
        max_windows: 4,
    }
}

fn folder(outputs: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    super::sample::write(folder.path(), outputs);
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
