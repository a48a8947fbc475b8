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
        class["mean_probability"].as_f64().unwrap()
    };
    assert!(mean("bad") < mean("good"), "{file}");
    // The pairs have one claim each, so that the label is the claim's.
    assert_eq!(file["claims"]["n"], 4);
    assert_eq!(file["claims"]["false_marked_supported"], 0.0, "{file}");
    assert_eq!(file["spans"]["recall"], 1.0, "the year is flagged: {file}");
    assert_eq!(file["judges"].as_array().unwrap().len(), 4);
    assert_eq!(file["residual_correlation"].as_array().unwrap().len(), 6);
    assert!(file["pairs_per_second"].as_f64().unwrap() > 0.0);
    let shown = run(&["benchmark", &path, &path], "", &[]).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.stdout.contains("\nmacro"), "{}", shown.stdout);
}

#[tokio::test]
async fn claims_that_people_labelled_are_measured_one_by_one() {
    let line = r#"{"id":"r","source":"The ferry sank in 1931. Nobody was hurt.","candidate":"Here is what I found:\n\nThe ferry sank in 1931. The ferry sank in 1947. A baker paid for it.","question":null,"claims":[{"text":"The ferry sank in 1931.","label":"SUPPORTED","why":""},{"text":"The ferry sank in 1947.","label":"REFUTED"},{"text":"A baker paid for it.","label":"NOT_ENOUGH_INFO"}],"non_claims":["Here is what I found:"],"doc":"r"}"#;
    let (directory, path) = written(line);
    let dump = directory.path().join("claims.jsonl").display().to_string();
    let arguments = ["benchmark", &path, "--claims", &dump, "--json"];
    let ended = run(&arguments, "", &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    let (file, all) = (&figures["files"][0], &figures["all"]["claims"]);
    assert_eq!((&file["n"], &file["supported"]), (&1.into(), &0.into()));
    assert_eq!(&file["claims"], all);
    assert_eq!((&all["n"], &all["not_covered"]), (&3.into(), &0.into()));
    assert_eq!(all["false_marked_supported"], 0.0, "{all}");
    assert_eq!(all["auroc"], 1.0, "{all}");
    assert_eq!(all["confusion"]["REFUTED"]["REFUTED"], 1, "{all}");
    let lines: Vec<Value> = fs::read_to_string(&dump)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let truths: Vec<&Value> = lines.iter().map(|line| &line["claim"]["truth"]).collect();
    assert_eq!(truths, ["SUPPORTED", "REFUTED", "NOT_ENOUGH_INFO"]);
    for line in &lines {
        let claim = &line["claim"];
        for chances in [&claim["verifier"], &claim["judges"]["facts"]["probability"]] {
            let sum: f64 = ["supported", "refuted", "not_enough_info"]
                .map(|label| chances[label].as_f64().unwrap_or_default())
                .iter()
                .sum();
            assert!(chances.is_null() || (sum - 1.0).abs() < 1e-6, "{claim}");
        }
    }
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
