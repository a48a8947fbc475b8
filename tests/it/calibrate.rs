//! `calibrate`: what it fits, keeps and refuses, and that runs name what they use.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended, Person, Setup, run};

on_every_database!(what_people_said_is_fitted_and_named);

/// Pairs of documents of their own; every second candidate names another year than its source.
fn pairs(count: usize, supported: impl Fn(usize) -> bool) -> String {
    (0..count).fold(String::new(), |mut text, at| {
        let (year, label) = (1900 + at, supported(at));
        let told = if at % 2 == 0 { year } else { year + 40 };
        let line = json!({
            "id": at.to_string(),
            "source": format!("The ferry number {at} sank in {year}. Nobody was hurt."),
            "candidate": format!("The ferry number {at} sank in {told}."),
            "label": u8::from(label),
            "doc": format!("d{at}"),
        });
        writeln!(text, "{line}").unwrap();
        text
    })
}

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::with_prefix("auditor-it-").unwrap())
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn kept(&self) -> String {
        let path = self.0.path().join("calibrations/mine.json");
        path.display().to_string()
    }

    async fn run(&self, arguments: &[&str], file: &str) -> Ended {
        let data = self.0.path().display().to_string();
        run(arguments, file, &[("AUDITOR_DATA_DIR", &data)]).await
    }

    async fn audit(&self, more: &[&str], file: &str) -> Ended {
        let source = self.file(
            "source.txt",
            "The mill was sold in 1931. A baker bought it.",
        );
        let candidate = self.file("candidate.txt", "The mill was sold in 1955.");
        let mut arguments = vec!["audit", "--source", &source, "--candidate", &candidate];
        arguments.extend(more);
        self.run(&arguments, file).await
    }
}

fn object(ended: &Ended) -> Value {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap()
}

/// The result, wherever the printed JSON holds it.
fn result(ended: &Ended) -> Value {
    let value = object(ended);
    value.get("result").cloned().unwrap_or(value)
}

#[tokio::test]
async fn a_calibration_is_kept_used_and_named() {
    let place = Place::new();
    let path = place.file("pairs.jsonl", &pairs(40, |at| at % 2 == 0));
    let arguments = ["calibrate", &path, "--name", "mine", "--json"];
    let shown = object(&place.run(&arguments, "").await);
    assert_eq!(shown["calibration"]["labels"], 40, "{shown}");
    assert_eq!(shown["leave_one_out"]["folds"], 40);
    let left_out = &shown["leave_one_out"];
    assert_eq!(left_out["verdict"], "better", "{left_out}");
    assert!(left_out["after"]["brier"].as_f64() < left_out["before"]["brier"].as_f64());
    let kept: Value = serde_json::from_str(&fs::read_to_string(place.kept()).unwrap()).unwrap();
    assert_eq!(kept, shown["calibration"]);

    let again = place.run(&arguments, "").await;
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stderr.contains("--replace"), "{}", again.stderr);
    let replaced = ["calibrate", &path, "--name", "mine", "--replace"];
    let replaced = place.run(&replaced, "").await;
    assert!(replaced.stdout.contains("carry to other"), "{replaced:?}");

    let kept: Value = serde_json::from_str(&fs::read_to_string(place.kept()).unwrap()).unwrap();
    let file = format!("[calibration]\nfile = {:?}\n", place.kept());
    let plain = result(&place.audit(&["--json"], "").await);
    let fitted = result(&place.audit(&["--json"], &file).await);
    assert!(plain.get("calibration").is_none(), "{plain}");
    assert_eq!(fitted["hallucination_score"], plain["hallucination_score"]);
    let used = &fitted["calibration"];
    for (name, expected) in [
        ("name", &json!("mine")),
        ("labels", &json!(40)),
        ("created_at", &kept["created_at"]),
        ("hash", &kept["hash"]),
        ("raw_hallucination_score", &plain["hallucination_score"]),
        ("flagged", &json!(true)),
    ] {
        assert_eq!(&used[name], expected, "{name}");
    }
    // What is told of the whole is the calibrated chance, by the calibration's own threshold.
    let (before, after) = (&plain["faithfulness"], &fitted["faithfulness"]);
    assert_eq!(before["basis"], "built-in/1");
    assert_eq!(used["raw_probability"], before["probability"]);
    assert_eq!(after["basis"], "mine");
    assert_eq!(after["threshold"], kept["map"]["threshold"]);
    assert_eq!(after["flagged"], true);
    let chance = after["probability"].as_f64().unwrap();
    assert!(chance < after["threshold"].as_f64().unwrap());
    let other_side = used["hallucination_score"].as_f64().unwrap();
    assert!((other_side - 100.0 * (1.0 - chance)).abs() < 1e-9);
    let text = place.audit(&[], &file).await;
    assert!(text.stdout.contains("by mine (40 labels)"), "{text:?}");

    // Scores of one judge are not what it was fitted on.
    let other = ["--json", "--judge", "facts"];
    let other = result(&place.audit(&other, &file).await);
    assert!(other.get("calibration").is_none(), "{other}");
}

#[tokio::test]
async fn what_was_changed_by_hand_is_not_used() {
    let place = Place::new();
    let path = place.file("pairs.jsonl", &pairs(20, |at| at % 2 == 0));
    let made = place.run(&["calibrate", &path, "--name", "mine"], "").await;
    assert_eq!(made.code, Some(0), "{made:?}");
    let text = fs::read_to_string(place.kept()).unwrap();
    let changed = text.replace("\"labels\": 20", "\"labels\": 2000");
    assert_ne!(text, changed);
    fs::write(place.kept(), changed).unwrap();
    let file = format!("[calibration]\nfile = {:?}\n", place.kept());
    let ended = place.audit(&["--json"], &file).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("was changed"), "{}", ended.stderr);
    // The first version's files say nothing of their shape, and map another figure.
    let first = text.replace("  \"format\": 2,\n", "");
    assert_ne!(text, first);
    fs::write(place.kept(), first).unwrap();
    let ended = place.audit(&["--json"], &file).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("another version"), "{}", ended.stderr);
    fs::remove_file(place.kept()).unwrap();
    let ended = place.audit(&["--json"], &file).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("can't be read"), "{}", ended.stderr);
}

#[tokio::test]
async fn too_few_labels_one_class_and_odd_names_are_refused() {
    let place = Place::new();
    let few = place.file("few.jsonl", &pairs(19, |at| at % 2 == 0));
    let one = place.file("one.jsonl", &pairs(30, |_| true));
    for (arguments, why) in [
        (vec!["calibrate", &few, "--name", "mine"], "at least 20"),
        (vec!["calibrate", &one, "--name", "mine"], "both kinds"),
        (vec!["calibrate", &one, "--name", "../mine"], "A-Z"),
        (vec!["calibrate", &one, "--judge", "oracle"], "oracle"),
    ] {
        let ended = place.run(&arguments, "").await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    }
    assert!(!place.0.path().join("calibrations").exists());
}

/// An audited evaluation of the ferry `at`; every second output names another year than its source.
async fn audited(person: &Person, at: usize, config: &Value) -> String {
    let told = if at.is_multiple_of(2) {
        1900 + at
    } else {
        1940 + at
    };
    let source = format!(
        "The ferry number {at} sank in {}. Nobody was hurt.",
        1900 + at
    );
    let body = json!({
        "source_text": source,
        "candidate_output": format!("The ferry number {at} sank in {told}. Nobody was hurt."),
        "config": config,
    });
    let id = person.create(&body).await;
    person.audit(&id).await;
    id
}

async fn say(person: &Person, id: &str, body: &Value) {
    let path = format!("/evaluations/{id}/feedback");
    person.post(&path, body).await.has(201);
}

async fn what_people_said_is_fitted_and_named(setup: Setup) {
    let server = setup.limit("starts_per_minute", 0).start().await;
    let nora = server.register("nora").await;
    let otto = server.register("otto").await;
    let refused = server.operate(&["calibrate", "--feedback", "--name", "ours"], "");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("too few labels: 0"));

    for at in 0..24 {
        let id = audited(&nora, at, &json!({})).await;
        let right = at % 2 == 0;
        let claims = nora.evaluation(&id).await["claims"].clone();
        assert_eq!(claims.as_array().unwrap().len(), 2);
        if at < 12 {
            // Who thinks again is heard.
            say(&nora, &id, &json!({ "label": "NOT_ENOUGH_INFO" })).await;
            let label = if right { "SUPPORTED" } else { "REFUTED" };
            say(&nora, &id, &json!({ "label": label })).await;
        } else if right {
            for claim in [&claims[0], &claims[1]] {
                say(
                    &nora,
                    &id,
                    &json!({ "claim_id": claim["id"], "label": "SUPPORTED" }),
                )
                .await;
            }
        } else {
            say(
                &nora,
                &id,
                &json!({ "claim_id": claims[0]["id"], "label": "REFUTED" }),
            )
            .await;
        }
    }
    // A score is no label; one claim that holds is not all; other judges and strategies have other scores.
    let scored = audited(&nora, 24, &json!({})).await;
    say(&nora, &scored, &json!({ "score": 100.0 })).await;
    let half = audited(&nora, 26, &json!({})).await;
    let claim = nora.evaluation(&half).await["claims"][0]["id"].clone();
    say(
        &nora,
        &half,
        &json!({ "claim_id": claim, "label": "SUPPORTED" }),
    )
    .await;
    for config in [
        json!({ "judges": ["facts", "logic"] }),
        json!({ "aggregation_strategy": "median" }),
    ] {
        let id = audited(&nora, 28, &config).await;
        say(&nora, &id, &json!({ "label": "SUPPORTED" })).await;
    }
    let of_otto = audited(&otto, 30, &json!({})).await;
    say(&otto, &of_otto, &json!({ "label": "SUPPORTED" })).await;

    let fitted = |arguments: &[&str]| -> Value {
        let all = [&["calibrate", "--feedback", "--json"], arguments].concat();
        let output = server.operate(&all, "");
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let everybody = fitted(&[]);
    assert_eq!(everybody["calibration"]["labels"], 25, "{everybody}");
    assert_eq!(everybody["written"], Value::Null);
    let shown = fitted(&["--user", "nora", "--name", "ours"]);
    assert_eq!(shown["calibration"]["labels"], 24);
    assert_eq!(shown["calibration"]["supported"], 12);
    assert_eq!(shown["leave_one_out"]["folds"], 24);
    assert_eq!(shown["leave_one_out"]["verdict"], "better", "{shown}");
    let left_out: Vec<&Value> = shown["left_out"].as_array().unwrap().iter().collect();
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    assert_eq!(
        (&left_out[0]["count"], &left_out[1]["count"]),
        (&json!(2), &json!(2))
    );
    let nobody = server.operate(&["calibrate", "--feedback", "--user", "nobody"], "");
    assert_eq!(nobody.status.code(), Some(2), "{nobody:?}");

    // Nothing uses it before the configuration says so.
    let id = audited(&nora, 40, &json!({})).await;
    assert!(
        nora.evaluation(&id).await["result"]
            .get("calibration")
            .is_none()
    );
    server.finish().await;
}
