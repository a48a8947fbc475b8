//! `audit` on the command line: which files it takes, and what it says on standard error.

use std::fs;

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
    for (source, candidate, more, said) in [
        (" \n\t", "a b", &[][..], "--source "),
        ("a b", "\r\n", &[], "--candidate "),
        ("a\0b", "a b", &[], "--source "),
        (
            "a b",
            "a b",
            &["--judge", "nosuch"],
            "--judge nosuch: unknown judge \"nosuch\"; there are facts, ",
        ),
        (
            "a b",
            "a b",
            &["--judge", "facts"],
            "--judge: the judge `facts` is named twice",
        ),
        ("a b", "a b", &["--quorum", "9"], "--quorum: "),
    ] {
        let ended = audit(source.as_bytes(), candidate.as_bytes(), more).await;
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{ended:?}"
        );
        let beginning = format!("judge-auditor: {said}");
        assert!(
            ended.stderr.starts_with(&beginning),
            "{said}: {}",
            ended.stderr
        );
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
    for command in ["benchmark", "calibrate"] {
        let ended = run(&[command, "/dev/null", "--judge", "nosuch"], "", &[]).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(
            ended
                .stderr
                .contains("unknown judge \"nosuch\"; there are "),
            "{ended:?}"
        );
    }
}

#[tokio::test]
async fn a_score_over_the_bound_is_said() {
    let bound = ["--max-hallucination", "0"];
    let ended = audit(SOURCE.as_bytes(), b"It has 99 tables.", &bound).await;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(
        ended
            .stderr
            .starts_with("judge-auditor: the hallucination score of "),
        "{ended:?}"
    );
    assert!(
        ended
            .stderr
            .contains(" is over 0, the bound of --max-hallucination"),
        "{ended:?}"
    );
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
