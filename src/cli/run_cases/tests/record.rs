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
            item: None,
        },
        source: "The mill is old.".into(),
        candidate: "The mill is new.".to_owned(),
        question: None,
        document: None,
        error: None,
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

#[test]
fn what_is_no_start_of_a_record_is_never_cut_off() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notes.txt");
    for notes in [
        "buy milk",
        "{\"source\":\"S\",\"candidate\":\"C\"}",
        "\nbuy milk",
    ] {
        fs::write(&path, notes).unwrap();
        let wrong = records(&path).unwrap().next().unwrap().unwrap_err();
        assert!(wrong.contains("it is no line of --out"), "{wrong}");
        let wrong = Out::open(&path).err().unwrap();
        assert!(wrong.contains("name another file"), "{wrong}");
        assert_eq!(fs::read_to_string(&path).unwrap(), notes);
    }
    // A write may end within the first bytes of a record.
    fs::write(&path, "{\"for").unwrap();
    assert!(records(&path).unwrap().next().is_none());
    drop(Out::open(&path).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
}

#[test]
fn a_last_record_that_lacks_its_line_end_is_kept() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("out.jsonl");
    fs::write(&path, serde_json::to_vec(&sample("1")).unwrap()).unwrap();
    let mut out = Out::open(&path).unwrap();
    out.write(&sample("2")).unwrap();
    let ids: Vec<String> = records(&path)
        .unwrap()
        .map(|record| record.unwrap().id)
        .collect();
    assert_eq!(ids, ["1", "2"]);
}

#[test]
fn a_file_that_another_run_writes_to_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("out.jsonl");
    let mut first = Out::open(&path).unwrap();
    first.write(&sample("1")).unwrap();
    let wrong = Out::open(&path).err().unwrap();
    assert!(wrong.contains("another run"), "{wrong}");
    first.write(&sample("2")).unwrap();
    drop(first);
    let mut next = Out::open(&path).unwrap();
    next.write(&sample("3")).unwrap();
    let ids: Vec<String> = records(&path)
        .unwrap()
        .map(|record| record.unwrap().id)
        .collect();
    assert_eq!(ids, ["1", "2", "3"]);
}
