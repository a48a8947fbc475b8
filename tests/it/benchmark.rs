//! `benchmark`: the figures of labelled pairs, and what it refuses.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Format, Manner, ScriptedJudge, run};

/// Two documents, each with a candidate that holds and one that does not.
const PAIRS: &str = r#"{"id":"1","source":"The ferry sank in 1931. Nobody was hurt.","candidate":"The ferry sank in 1931.","label":1,"doc":"a","label_detail":{"class":"good"}}
{"id":"2","source":"The ferry sank in 1931. Nobody was hurt.","candidate":"The ferry sank in 1947.","label":0,"doc":"a","label_detail":{"class":"bad","spans":[{"start":18,"end":22,"type":"date"}]}}
{"id":"3","source":"The mill by the river was sold to a baker.","candidate":"The mill was sold to a baker.","label":1,"doc":"b","label_detail":{"class":"good"}}
{"id":"4","source":"The mill by the river was sold to a baker.","candidate":"Penguins adore marmalade.","label":0,"doc":"b","label_detail":{"class":"bad"}}
"#;

fn written(text: &str) -> (TempDir, String) {
    let directory = TempDir::with_prefix("auditor-it-").unwrap();
    let path = directory.path().join("pairs.jsonl");
    fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    (directory, path)
}

#[tokio::test]
async fn pairs_that_are_told_apart_have_an_area_of_one() {
    let (_directory, path) = written(PAIRS);
    let ended = run(&["benchmark", &path, "--json"], "", &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    let file = &figures["files"][0];
    assert_eq!((&file["n"], &file["supported"]), (&4.into(), &2.into()));
    assert_eq!(file["auroc"], 1.0, "{file}");
    assert_eq!(figures["macro"]["auroc"], 1.0);
    let mean = |class: &str| {
        let class = &file["classes"][class];
        assert_eq!(class["n"], 2);
        class["mean_hallucination_score"].as_f64().unwrap()
    };
    assert!(mean("bad") > mean("good"), "{file}");
    assert_eq!(file["spans"]["recall"], 1.0, "the year is flagged: {file}");
    assert_eq!(file["judges"].as_array().unwrap().len(), 4);
    assert_eq!(file["residual_correlation"].as_array().unwrap().len(), 6);
    assert!(file["pairs_per_second"].as_f64().unwrap() > 0.0);
    let shown = run(&["benchmark", &path, &path], "", &[]).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.stdout.contains("\nmacro"), "{}", shown.stdout);
}

#[tokio::test]
async fn what_is_wrong_is_said_before_any_judge_is_asked() {
    let (_directory, path) = written(&format!("{PAIRS}{{\"source\":\"a\",\"label\":1}}\n"));
    let ended = run(&["benchmark", &path], "", &[]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("line 5: "), "{}", ended.stderr);
    let ended = run(&["benchmark", "/no/such/file"], "", &[]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let ended = run(&["benchmark", &path, "--judge", "oracle"], "", &[]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
}

#[tokio::test]
async fn a_judge_that_costs_is_asked_only_after_a_yes() {
    let (_directory, path) = written(PAIRS);
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let file = judge.configured_as("model", Format::OpenAi, "timeout_ms = 60000\n");
    let asked = [
        "benchmark",
        path.as_str(),
        "--judge",
        "model",
        "--json",
        "--yes",
    ];
    let ended = run(&asked[..5], &file, &[]).await;
    assert_eq!((ended.code, judge.asked()), (Some(2), 0), "{ended:?}");
    assert!(
        ended.stderr.contains("4 pairs: 4 calls"),
        "{}",
        ended.stderr
    );
    let ended = run(&asked, &file, &[]).await;
    assert_eq!((ended.code, judge.asked()), (Some(0), 4), "{ended:?}");
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(figures["files"][0]["judges"][0]["scored"], 4);
}
