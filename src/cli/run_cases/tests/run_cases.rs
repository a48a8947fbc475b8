use std::fs;

use tempfile::TempDir;

use super::record::tests::sample;
use super::*;

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
fn a_stored_result_counts_by_todays_threshold() {
    let stored = Record {
        outcome: Outcome::Passed,
        probability: Some(0.6),
        ..sample("1")
    };
    assert_eq!(rejudged(stored.clone(), Some(0.7)).outcome, Outcome::Failed);
    assert_eq!(rejudged(stored.clone(), Some(0.6)).outcome, Outcome::Passed);
    assert_eq!(rejudged(stored.clone(), None), stored);
    assert_eq!(rejudged(sample("1"), Some(0.7)).outcome, Outcome::Errored);
}

#[test]
fn values_of_options_have_bounds() {
    assert_eq!(share("0.9"), Ok(0.9));
    assert!(share("1.1").is_err() && share("x").is_err() && share("NaN").is_err());
    assert_eq!(points("5"), Ok(5.0));
    assert!(points("101").is_err() && points("-1").is_err());
    assert!(points("0").unwrap_err().contains("no number of items"));
    assert_eq!((separator(";"), separator("\\t")), (Ok(b';'), Ok(b'\t')));
    assert!(separator("ab").is_err() && separator("\"").is_err() && separator("§").is_err());
}

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

fn parsed(words: &[&str]) -> Arguments {
    let words = std::iter::once("run").chain(words.iter().copied());
    <Line as clap::Parser>::try_parse_from(words)
        .unwrap()
        .arguments
}

#[test]
fn files_that_are_read_are_not_written_and_unwritable_ones_are_told_first() {
    let folder = TempDir::new().unwrap();
    let name = |name: &str| folder.path().join(name).display().to_string();
    fs::write(name("one.jsonl"), "{}").unwrap();
    fs::write(name("main.jsonl"), "").unwrap();
    let refused = |more: &[&str]| {
        let one = name("one.jsonl");
        let arguments = parsed(&[&[&*one], more].concat());
        let input = Input::of(&arguments).ok().unwrap();
        check_written(&arguments, &input).err().map(|error| error.0)
    };
    let (new, other) = (name("new"), name("x"));
    assert_eq!(refused(&["--out", &*new, "--junit", &*other]), None);
    assert!(!folder.path().join("new").exists(), "it is left as it was");
    let main = name("main.jsonl");
    let twice = format!("{}/./one.jsonl", folder.path().display());
    for (arguments, said) in [
        (vec!["--out", &*twice], "would overwrite an input"),
        (
            vec!["--baseline", &*main, "--out", &*main],
            "would overwrite the baseline",
        ),
        (
            vec!["--junit", &*other, "--sarif", &*other],
            "would overwrite --junit",
        ),
        (
            vec!["--junit", "/nonexistent/x"],
            "--junit /nonexistent/x can't be written",
        ),
    ] {
        let why = refused(&arguments).unwrap();
        assert!(why.contains(said), "{why}");
    }
    let Err(Unusable(why)) = Input::of(&parsed(&["-"])) else {
        panic!("it can't be read twice");
    };
    assert!(why.contains("files are read twice"), "{why}");
}

#[test]
fn input_that_shrinks_is_an_error() {
    assert!(complete(3, 3).is_ok());
    let wrong = complete(3, 0).unwrap_err().to_string();
    assert!(wrong.contains("it had 3 items at first"), "{wrong}");
}
