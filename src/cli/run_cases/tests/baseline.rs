use std::fs;

use tempfile::TempDir;

use super::*;
use crate::cli::run_cases::record::tests::sample;

fn stamp(release: &str, model: &str, answered_by: Option<&str>) -> PanelStamp {
    PanelStamp {
        fingerprint: String::new(),
        release: release.to_owned(),
        neural: true,
        judges: vec![StampedJudge {
            name: "gpt".to_owned(),
            kind: "openai".to_owned(),
            model: model.to_owned(),
            answered_by: answered_by.map(str::to_owned),
            rubric: Some("3".to_owned()),
        }],
        calibration: None,
    }
}

fn ruler(stamps: &[PanelStamp]) -> Ruler {
    let mut ruler = Ruler::default();
    for stamp in stamps {
        ruler.add(stamp);
    }
    ruler
}

#[test]
fn rulers_differ_by_release_judges_and_the_models_that_answered() {
    let before = ruler(&[
        stamp("0.2.0", "gpt", Some("gpt-0401")),
        stamp("0.2.0", "gpt", None),
    ]);
    let same = ruler(&[stamp("0.2.0", "gpt", Some("gpt-0401"))]);
    assert_eq!(before.differences(&same), [""; 0]);
    let silent_change = ruler(&[
        stamp("0.2.0", "gpt", Some("gpt-0401")),
        stamp("0.2.0", "gpt", Some("gpt-0801")),
    ]);
    assert_eq!(
        before.differences(&silent_change),
        ["models that answered as gpt: gpt-0401 before, gpt-0401, gpt-0801 now"]
    );
    let other = ruler(&[stamp("0.3.0", "gpt-5", Some("gpt-0401"))]);
    assert_eq!(
        before.differences(&other),
        [
            "release: 0.2.0 before, 0.3.0 now",
            "judges: gpt (openai, gpt) before, gpt (openai, gpt-5) now",
        ]
    );
    assert!(Ruler::goes_on(
        &stamp("1", "m", None),
        &stamp("1", "m", Some("m-1"))
    ));
    assert!(!Ruler::goes_on(
        &stamp("1", "m", None),
        &stamp("2", "m", None)
    ));
}

fn kept(probability: Option<f64>, document: u64) -> Kept {
    Kept {
        outcome: Outcome::Passed,
        probability,
        document,
        digest: 0,
    }
}

#[test]
fn items_are_paired_by_their_ids_and_the_rest_is_counted() {
    let before = HashMap::from([
        (1, kept(Some(0.9), 1)),
        (2, kept(Some(0.8), 2)),
        (3, kept(None, 3)),
    ]);
    let now = HashMap::from([
        (1, kept(Some(0.2), 1)),
        (2, kept(Some(0.8), 2)),
        (4, kept(Some(0.5), 4)),
    ]);
    let found = compared(&before, &now, 0.45).unwrap();
    assert_eq!((found.only_before, found.only_now), (1, 1));
    assert_eq!(found.comparison.items, 2);
    assert_eq!(found.comparison.newly_flagged, 1);
    assert!((found.comparison.probability.mean + 0.35).abs() < 1e-12);
    assert_eq!(compared(&HashMap::new(), &now, 0.45), None);
}

#[test]
fn what_is_known_of_a_panel_in_advance_is_compared() {
    let before = ruler(&[stamp("0.2.0", "gpt", Some("gpt-0401"))]);
    let same = stamp("0.2.0", "gpt", None);
    assert_eq!(before.differences_in_advance(&same), [""; 0]);
    assert_eq!(before.differences_of_judges(&same.judges), [""; 0]);
    let other = stamp("0.3.0", "gpt-5", None);
    let judges = "judges: gpt (openai, gpt) before, gpt (openai, gpt-5) now";
    assert_eq!(
        before.differences_in_advance(&other),
        ["release: 0.2.0 before, 0.3.0 now", judges]
    );
    assert_eq!(before.differences_of_judges(&other.judges), [judges]);
}

#[test]
fn only_the_newest_result_of_an_item_counts() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("main.jsonl");
    let record = |id: &str, release: &str, candidate: &str| Record {
        outcome: Outcome::Passed,
        panel: Some(stamp(release, "gpt", None)),
        candidate: candidate.to_owned(),
        ..sample(id)
    };
    let lines = [
        record("1", "0.1.0", "old"),
        record("2", "0.2.0", "other"),
        record("1", "0.2.0", "new"),
    ]
    .map(|record| serde_json::to_string(&record).unwrap() + "\n");
    fs::write(&path, lines.concat()).unwrap();
    let (kept, found) = read(&path).unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!(found, ruler(&[stamp("0.2.0", "gpt", None)]));
    let wanted = HashSet::from([number("1"), number("3")]);
    let texts: Vec<String> = stored(&path, &wanted)
        .unwrap()
        .map(|item| item.unwrap().candidate)
        .collect();
    assert_eq!(texts, ["new"]);
}
