//! A neural judge from files of one's own, through the real program.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Setup, run};

#[path = "../../src/judges/nli/tests/sample_model.rs"]
mod sample;

const LABELS: &str = r#"labels = ["entailment", "neutral", "contradiction"]"#;
const SOURCE: &str = "The mill grinds rye. The ferry sails at nine.";
const FALSE: &str = "The ferry does not sail at nine, the ferry sails not.";

/// A folder with a model, and the judge that it makes.
fn judge(keys: &str) -> (TempDir, String) {
    let folder = TempDir::with_prefix("auditor-nli-").unwrap();
    sample::write(folder.path(), 3);
    let file = format!(
        "[[judges]]\nname = \"small\"\nkind = \"nli\"\nfolder = \"{}\"\n{keys}\n",
        folder.path().display()
    );
    (folder, file)
}

#[tokio::test]
async fn an_audit_and_a_benchmark_ask_it() {
    let (folder, file) = judge(LABELS);
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("source"), SOURCE).unwrap();
    fs::write(path("candidate"), format!("The mill grinds rye. {FALSE}")).unwrap();
    let (source, candidate) = (path("source"), path("candidate"));
    let asked = [
        "audit",
        "--source",
        &source,
        "--candidate",
        &candidate,
        "--judge",
        "small",
        "--json",
    ];
    let ended = run(&asked, &file, &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let audit: Value = serde_json::from_str(&ended.stdout).unwrap();
    let heard = &audit["judges"][0];
    assert_eq!(
        (&heard["kind"], &heard["status"]),
        (&json!("nli"), &json!("completed")),
        "{audit}"
    );
    let labels: Vec<&Value> = heard["claim_verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["label"])
        .collect();
    assert_eq!(labels, ["SUPPORTED", "REFUTED"]);
    // One of two claims holds.
    let score = heard["score"].as_f64().unwrap();
    assert!((40.0..60.0).contains(&score), "{heard}");

    let pairs: String = [("The mill grinds rye.", 1), (FALSE, 0)]
        .iter()
        .map(|(candidate, label)| {
            json!({ "source": SOURCE, "candidate": candidate, "label": label }).to_string() + "\n"
        })
        .collect();
    fs::write(path("pairs.jsonl"), pairs).unwrap();
    let ended = run(
        &[
            "benchmark",
            &path("pairs.jsonl"),
            "--judge",
            "small",
            "--json",
        ],
        &file,
        &[],
    )
    .await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(figures["files"][0]["auroc"], 1.0, "{figures}");
    let ended = run(&["judges", "check", "--json"], &file, &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_server_lists_it_as_offline_and_runs_ask_it() {
    let (_folder, file) = judge(LABELS);
    let server = Setup::sqlite().file(&file).start().await;
    let nora = server.register("nora").await;
    let judges = nora.get("/judges").await.has(200).json();
    let listed = judges["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&listed["name"], &listed["kind"], &listed["offline"]),
        (&json!("small"), &json!("nli"), &json!(true))
    );
    let body = json!({
        "source_text": SOURCE, "candidate_output": FALSE, "config": { "judges": ["small", "lexical"] },
    });
    let id = nora.create(&body).await;
    nora.audit(&id).await;
    let evaluation = nora.evaluation(&id).await;
    assert_eq!(evaluation["status"], "completed");
    let heard = evaluation["judges"].as_array().unwrap();
    let heard = heard
        .iter()
        .find(|judge| judge["judge_name"] == "small")
        .unwrap();
    assert_eq!(heard["claim_verdicts"][0]["label"], "REFUTED", "{heard}");
    assert!(heard["flagged_issues"][0]["description"].is_string());
    server.finish().await;
}

#[tokio::test]
async fn a_judge_that_marks_spans_points_at_what_the_source_lacks() {
    let folder = TempDir::with_prefix("auditor-spans-").unwrap();
    sample::write_spans(folder.path());
    let file = format!(
        "[[judges]]\nname = \"marks\"\nkind = \"spans\"\nfolder = \"{}\"\n\
         labels = [\"supported\", \"unsupported\"]\n",
        folder.path().display()
    );
    let server = Setup::sqlite().file(&file).start().await;
    let nora = server.register("nora").await;
    let judges = nora.get("/judges").await.has(200).json();
    let listed = judges["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&listed["name"], &listed["kind"], &listed["offline"]),
        (&json!("marks"), &json!("spans"), &json!(true))
    );
    let body = json!({
        "source_text": SOURCE, "candidate_output": "The mill grinds wheat.",
        "config": { "judges": ["marks"] },
    });
    let id = nora.create(&body).await;
    nora.audit(&id).await;
    let heard = nora.evaluation(&id).await["judges"][0].clone();
    assert_eq!(heard["claim_verdicts"][0]["label"], "NOT_ENOUGH_INFO");
    let issue = &heard["flagged_issues"][0];
    assert_eq!(issue["span"], json!({ "start": 16, "end": 21 }), "{heard}");
    server.finish().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_start() {
    let (folder, _) = judge("");
    for (keys, told) in [
        ("", "judges[0].labels"),
        ("labels = [\"entailment\", \"maybe\"]", "judges[0].labels"),
        (
            &format!("{LABELS}\nmodel_file = \"other.onnx\""),
            "there is no file",
        ),
        (&format!("{LABELS}\nthreads = 0"), "judges[0].threads"),
        (
            &format!("{LABELS}\nwindow_tokens = 16"),
            "judges[0].window_tokens",
        ),
        (&format!("{LABELS}\nmodel = \"x\""), "asks no server"),
        ("preset = \"gpt\"", "there is no preset `gpt`"),
        (
            "preset = \"lettucedetect-en-v1\"",
            "is a preset of kind `spans`",
        ),
        (
            &format!("{LABELS}\ntemplate = \"{{evidence}}\""),
            "{claim} once, and not 0",
        ),
        (
            &format!("{LABELS}\ntemplate = \"{{evidence}} {{claim}}\"\nclaim_first = true"),
            "judges[0].claim_first",
        ),
        (
            &format!("{LABELS}\nquestion_template = \"{{evidence}} {{question}}\""),
            "only spans judges have it",
        ),
        (&format!("{LABELS}\nthreshold = 1.0"), "judges[0].threshold"),
        (
            &format!("{LABELS}\nevidence_tokens = 10"),
            "judges[0].evidence_tokens",
        ),
    ] {
        let (_folder, file) = judge(keys);
        let ended = run(&["check-config"], &file, &[]).await;
        assert_ne!(ended.code, Some(0), "{keys}");
        let output = ended.stdout + &ended.stderr;
        assert!(output.contains(told), "{keys}: {output}");
    }
    let without = format!("[[judges]]\nname = \"small\"\nkind = \"nli\"\n{LABELS}\n");
    let foreign = format!("[[judges]]\nname = \"lexical\"\nkind = \"lexical\"\n{LABELS}\n");
    for (file, told) in [
        (without, "judges[0].folder"),
        (foreign, "only nli and spans judges have it"),
    ] {
        let ended = run(&["check-config"], &file, &[]).await;
        let output = ended.stdout + &ended.stderr;
        assert!(output.contains(told), "{output}");
    }
    // What only loading shows.
    let two = r#"labels = ["entailment", "not_entailment"]"#;
    fs::write(folder.path().join("model.onnx"), "no model").unwrap();
    let broken = format!(
        "[[judges]]\nname = \"small\"\nkind = \"nli\"\nfolder = \"{}\"\n{LABELS}\n",
        folder.path().display()
    );
    let (_other, wrong) = judge(two);
    for (file, told) in [(broken, "model.onnx"), (wrong, "3 outputs")] {
        for command in ["check-config", "serve"] {
            let ended = run(&[command], &file, &[]).await;
            assert_ne!(ended.code, Some(0), "{command}: {ended:?}");
            let output = ended.stdout + &ended.stderr;
            assert!(
                output.contains("small") && output.contains(told),
                "{command}: {output}"
            );
        }
    }
}
