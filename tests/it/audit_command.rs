//! `audit` on the command line: which files it takes, and what it says on standard error.

use std::fs;

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::harness::{Ended, run};

const SOURCE: &str = "The café “Möwe” was opened in 1987. It has 12 tables.";

/// Audits a candidate against a source, each as the bytes of a file.
async fn audit(source: &[u8], candidate: &[u8], more: &[&str]) -> Ended {
    let directory = TempDir::with_prefix("auditor-files-").unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    fs::write(path("source"), source).unwrap();
    fs::write(path("candidate"), candidate).unwrap();
    let (source, candidate) = (path("source"), path("candidate"));
    let mut arguments = vec!["audit", "--source", &source, "--candidate", &candidate];
    arguments.extend(["--no-neural", "--judge", "facts", "--json"]);
    arguments.extend(more);
    run(&arguments, "", &[]).await
}

fn utf_16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

#[tokio::test]
async fn files_of_other_encodings_are_read_and_said() {
    let windows = b"The caf\xe9 \x93M\xf6we\x94 was opened in 1987. It has 12 tables.";
    for (source, read_as) in [
        (SOURCE.as_bytes().to_vec(), None),
        ([b"\xef\xbb\xbf", SOURCE.as_bytes()].concat(), None),
        (windows.to_vec(), Some("Windows-1252")),
        (utf_16(SOURCE), Some("UTF-16LE")),
    ] {
        let ended = audit(
            &source,
            "The café “Möwe” was opened in 1987.".as_bytes(),
            &[],
        )
        .await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let evaluation: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(evaluation["source_text"], SOURCE);
        match read_as {
            None => assert_eq!(ended.stderr, ""),
            Some(name) => {
                let said = format!("is not UTF-8; it was read as {name}\n");
                assert!(
                    ended.stderr.starts_with("judge-auditor: --source "),
                    "{ended:?}"
                );
                assert!(ended.stderr.ends_with(&said), "{ended:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_wrong_names_its_option() {
    let mut told = Vec::new();
    for (source, candidate, more) in [
        (" \n\t", "a b", &[][..]),
        ("a b", "\r\n", &[]),
        ("a\0b", "a b", &[]),
        ("a b", "a b", &["--judge", "nosuch"]),
        ("a b", "a b", &["--judge", "facts"]),
        ("a b", "a b", &["--quorum", "9"]),
    ] {
        let ended = audit(source.as_bytes(), candidate.as_bytes(), more).await;
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{ended:?}"
        );
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        told.push(ended.stderr);
    }
    for command in ["benchmark", "calibrate"] {
        let ended = run(&[command, "/dev/null", "--judge", "nosuch"], "", &[]).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        told.push(ended.stderr);
    }
    // Files have other names each time.
    let told = told.concat();
    let words = told.split_inclusive(char::is_whitespace);
    let told: String = words
        .map(|word| match word.split_once("auditor-files-") {
            Some((_, rest)) => format!("[folder]{}", &rest[rest.find('/').unwrap()..]),
            None => word.to_owned(),
        })
        .collect();
    assert_snapshot!("wrong_arguments", told);
}

/// One judge: of several, the first that answers is told first.
#[tokio::test]
async fn an_audit_as_text_on_a_terminal_of_eighty_columns() {
    let directory = TempDir::with_prefix("auditor-files-").unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    fs::write(path("source"), SOURCE).unwrap();
    fs::write(
        path("candidate"),
        "The café “Möwe” was opened in 1987. It has 99 tables.",
    )
    .unwrap();
    let (source, candidate) = (path("source"), path("candidate"));
    let arguments = [
        "audit",
        "--source",
        &source,
        "--candidate",
        &candidate,
        "--no-neural",
        "--judge",
        "facts",
    ];
    let environment = [("COLUMNS", "80"), ("LANG", "en_GB.UTF-8")];
    let ended = run(&arguments, "", &environment).await;
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), ""),
        "{ended:?}"
    );
    assert_snapshot!("an_audit_as_text", without_times(&ended.stdout));
}

/// Numbers before `ms` or `s` as a word of its own have a sign in their place, and so have the blanks before them.
fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let Some(rest) = line.strip_suffix(" ms").or_else(|| line.strip_suffix(" s")) else {
            return line.to_owned();
        };
        let number = |c: char| c.is_ascii_digit() || c == '.';
        format!("{} [time]", rest.trim_end_matches(number).trim_end())
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_score_over_the_bound_is_said() {
    let bound = ["--max-hallucination", "0"];
    let ended = audit(SOURCE.as_bytes(), b"It has 99 tables.", &bound).await;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert_snapshot!("a_score_over_the_bound", ended.stderr);
    let bound = ["--max-hallucination", "100"];
    let ended = audit(SOURCE.as_bytes(), b"It has 99 tables.", &bound).await;
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), ""),
        "{ended:?}"
    );
}

#[tokio::test]
async fn help_sets_the_options_of_every_command_apart() {
    let ended = run(&["audit", "--help"], "", &[]).await;
    let (own, every) = ended
        .stdout
        .split_once("Options of every command:")
        .unwrap();
    for option in ["--source", "--max-hallucination", "--judge"] {
        assert!(own.contains(option) && !every.contains(option), "{option}");
    }
    for option in ["--config", "--set", "--no-neural", "--print-config"] {
        assert!(
            every.contains(option) && !own.contains(&format!("{option} ")),
            "{option}"
        );
    }
    assert!(!ended.stdout.contains("read-document"));
}
