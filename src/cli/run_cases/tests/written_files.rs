use std::fs;

use tempfile::TempDir;

use super::*;
use crate::cli::run_cases::arguments::tests::parsed;

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
}
