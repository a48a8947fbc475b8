//! `calibrate`: what it fits, keeps and refuses, and that runs name what they use.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended, run};

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
        ("threshold", &kept["map"]["threshold"]),
        ("raw_hallucination_score", &plain["hallucination_score"]),
        ("flagged", &json!(true)),
    ] {
        assert_eq!(&used[name], expected, "{name}");
    }
    let calibrated = used["hallucination_score"].as_f64().unwrap();
    assert!(calibrated > plain["hallucination_score"].as_f64().unwrap());
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
