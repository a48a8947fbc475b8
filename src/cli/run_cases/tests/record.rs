use std::fs;

use tempfile::TempDir;

use super::*;
use crate::cli::run_cases::item::Place;

/// An item, as it is when nothing could be said of it.
pub(in crate::cli::run_cases) fn sample(id: &str) -> Record {
    let item = Item {
        id: id.to_owned(),
        place: Place {
            file: "a.jsonl".to_owned(),
            line: Some(3),
        },
        source: "The mill is old.".into(),
        candidate: "The mill is new.".to_owned(),
        question: None,
        document: None,
    };
    Record::errored(&item, 0.45, "nobody answered".to_owned())
}

#[test]
fn what_is_written_is_read_again_and_half_a_line_is_overwritten() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("out.jsonl");
    let mut out = Out::open(&path).unwrap();
    out.write(&sample("1")).unwrap();
    out.write(&sample("2")).unwrap();
    drop(out);
    // As a run leaves it that was killed while it wrote.
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 40]).unwrap();
    let ids = || -> Vec<String> {
        records(&path)
            .unwrap()
            .map(|record| record.unwrap().id)
            .collect()
    };
    assert_eq!(ids(), ["1"]);
    let mut out = Out::open(&path).unwrap();
    out.write(&sample("3")).unwrap();
    assert_eq!(ids(), ["1", "3"]);
    let first = records(&path).unwrap().next().unwrap().unwrap();
    assert_eq!(first, sample("1"));
}

#[test]
fn what_is_no_such_file_is_refused_with_its_line() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("out.jsonl");
    fs::write(&path, "\n{\"id\": 1}\n").unwrap();
    let wrong = records(&path).unwrap().next().unwrap().unwrap_err();
    assert!(wrong.contains("line 2: it is no line of --out"), "{wrong}");
    let mut other = serde_json::to_value(sample("1")).unwrap();
    other["format"] = 99.into();
    fs::write(&path, format!("{other}\n")).unwrap();
    let wrong = records(&path).unwrap().next().unwrap().unwrap_err();
    assert!(wrong.contains("format 99"), "{wrong}");
    assert!(records(&folder.path().join("none")).is_err());
}
