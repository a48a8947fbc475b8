//! What the papers tell people to type.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use super::{paper, papers};

const PROGRAM: &str = env!("CARGO_BIN_EXE_judge-auditor");

/// The blocks of a language, whole.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}\n");
    text.match_indices(&begin)
        .filter_map(|(at, begin)| text[at + begin.len()..].split("```").next())
        .collect()
}

fn help(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.env_clear().args(arguments).arg("--help");
    command.output().unwrap()
}

/// A command's words up to what another program gets, with lines that go on joined.
fn invocations(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for block in blocks(text, "sh").into_iter().chain(blocks(text, "yaml")) {
        for line in block.replace("\\\n", " ").lines() {
            let line = line.split(" #").next().unwrap();
            // A folder, a package or a service of that name is no call.
            let other = ["cargo ", "apt-get ", "systemctl "];
            let call = line.match_indices("judge-auditor ").find(|(at, _)| {
                let before = &line[..*at];
                before
                    .trim_end_matches("$(")
                    .chars()
                    .next_back()
                    .is_none_or(char::is_whitespace)
                    && !other.iter().any(|other| before.contains(other))
            });
            let Some((at, name)) = call else {
                continue;
            };
            let rest = &line[at + name.len()..];
            let words = rest
                .split_whitespace()
                .take_while(|word| !["|", "<", ">", "&&", ";"].contains(word))
                .map(|word| word.trim_matches(['"', '\'', ')']).to_owned());
            found.push(words.collect());
        }
    }
    found
}

/// The subcommand that a call names, with what stands before it left out: options of every command.
fn subcommand(words: &[String]) -> Vec<&str> {
    let mut words = words.iter().map(String::as_str).peekable();
    while let Some(word) = words.peek() {
        if !word.starts_with("--") {
            break;
        }
        if ["--config", "--set"].contains(word) {
            words.next();
        }
        words.next();
    }
    let first = words.next();
    let second = words.next().filter(|word| !word.starts_with('-'));
    match (first, second) {
        (Some(first @ ("users" | "keys" | "judges")), Some(second)) => vec![first, second],
        (Some(first), _) => vec![first],
        (None, _) => Vec::new(),
    }
}

#[test]
fn every_command_of_the_papers_is_the_programs() {
    let mut helps: BTreeMap<Vec<String>, String> = BTreeMap::new();
    let (mut wrong, mut calls) = (Vec::new(), 0);
    for (path, text) in papers() {
        for words in invocations(&text) {
            calls += 1;
            let named = subcommand(&words);
            let told = helps
                .entry(named.iter().map(|word| (*word).to_owned()).collect())
                .or_insert_with(|| {
                    let output = help(&named);
                    if output.status.success() {
                        String::from_utf8(output.stdout).unwrap()
                    } else {
                        String::new()
                    }
                });
            let known = |option: &str| {
                told.split_whitespace()
                    .any(|word| word.trim_matches([',', '[', ']']) == option)
            };
            let unknown: Vec<&String> = words
                .iter()
                .filter(|word| word.starts_with("--"))
                .filter(|word| !known(word.split('=').next().unwrap()))
                .collect();
            if told.is_empty() || !unknown.is_empty() {
                wrong.push(format!(
                    "{}: {} {unknown:?}",
                    path.display(),
                    words.join(" ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "no such command or option: {wrong:#?}");
    assert!(calls > 25, "{calls} calls");
}

#[test]
fn the_readme_is_short_and_has_the_two_commands() {
    let readme = paper("README.md");
    assert!(readme.lines().count() <= 150, "{}", readme.lines().count());
    let lines: Vec<&str> = blocks(&readme, "sh")
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| line.split('#').next())
        .map(str::trim)
        .collect();
    for command in ["cargo run -- demo", "tests/run"] {
        assert!(lines.contains(&command), "{command}");
    }
}

#[test]
fn the_first_audit_of_the_readme_prints_what_it_shows() {
    let readme = paper("README.md");
    let (_, section) = readme.split_once("\n## The first audit").unwrap();
    let (script, shown) = (blocks(section, "sh")[0], blocks(section, "text")[0]);
    let folder = tempfile::tempdir().unwrap();
    let beside = Path::new(PROGRAM).parent().unwrap().display();
    let mut bash = Command::new("bash");
    bash.args(["-euc", &format!("PATH={beside}:$PATH\n{script}")]);
    let output = bash.current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut rest = printed.as_str();
    for line in shown.lines().map(str::trim) {
        let at = rest.find(line);
        let at = at.unwrap_or_else(|| panic!("not printed there: {line}\n{printed}"));
        rest = &rest[at + line.len()..];
    }
}
