use std::fs;

use tempfile::TempDir;

use super::*;
use crate::cli::run_cases::arguments::tests::parsed;

fn files(folder: &TempDir, texts: &[&str]) -> Input {
    let paths = texts.iter().enumerate().map(|(at, text)| {
        let path = folder.path().join(format!("{at}.jsonl"));
        fs::write(&path, text).unwrap();
        path
    });
    Input::Files {
        files: paths.collect(),
        columns: Columns::default(),
        separator: None,
    }
}

#[test]
fn all_of_the_input_is_seen_before_anything_is_asked() {
    let folder = TempDir::new().unwrap();
    let case = |id: u32| format!("{{\"source\":\"S\",\"candidate\":\"C\",\"id\":{id}}}\n");
    let good = files(&folder, &[&(case(1) + &case(2)), &case(3)]);
    assert_eq!(good.check().ok().map(|ids| ids.len()), Some(3));
    let twice = files(&folder, &[&(case(1) + "\n" + "{}"), &case(1)]);
    let Err(Unusable(why)) = twice.check() else {
        panic!("it is not good");
    };
    assert!(
        why.contains("0.jsonl, line 3: the source and the output"),
        "{why}"
    );
    assert!(
        why.contains("1.jsonl, line 1: there is another case of the id \"1\""),
        "{why}"
    );
    let long = format!(
        "{{\"source\":\"S\",\"candidate\":\"{}\"}}",
        "x".repeat(50_001)
    );
    let Err(Unusable(why)) = files(&folder, &[&long]).check() else {
        panic!("it is not good");
    };
    assert!(
        why.contains("the output has more than 50000 characters"),
        "{why}"
    );
    let Err(Unusable(why)) = files(&folder, &["\n"]).check() else {
        panic!("it is not good");
    };
    assert_eq!(why, "there is no case in the input");
    let Err(Unusable(why)) = files(&folder, &[&"{}\n".repeat(100)]).check() else {
        panic!("it is not good");
    };
    assert_eq!(why.lines().count(), FAULTS, "{why}");
}

#[test]
fn cases_without_an_id_are_named_by_their_file_and_line() {
    let folder = TempDir::new().unwrap();
    let input = files(&folder, &["\n{\"source\":\"S\",\"candidate\":\"C\"}"]);
    let ids: Vec<String> = input.items().map(|item| item.unwrap().id).collect();
    assert_eq!(ids, ["0.jsonl:2"]);
}

#[test]
fn standard_input_is_refused_since_it_can_not_be_read_twice() {
    let Err(Unusable(why)) = Input::of(&parsed(&["-"])) else {
        panic!("it can't be read twice");
    };
    assert!(why.contains("files are read twice"), "{why}");
}
