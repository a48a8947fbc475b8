//! The tables of the papers are the program's own: error codes, close codes, the configuration of each
//! provider; and the tests that the threat model names exist.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use judge_auditor::internals::{CloseReason, ErrorCode};

use super::{paper, papers, root};

#[test]
fn the_table_of_error_codes_is_the_list_in_the_code() {
    let page = paper("docs/reference/errors.md");
    let rows: BTreeMap<&str, (&str, &str)> = page
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [code, status, retryable, _] = cells.as_slice() else {
                return None;
            };
            let code = code.strip_prefix('`')?.strip_suffix('`')?;
            matches!(*retryable, "yes" | "no").then_some((code, (*status, *retryable)))
        })
        .collect();
    for code in ErrorCode::ALL {
        let (status, retryable) = rows
            .get(code.as_str())
            .unwrap_or_else(|| panic!("{} is missing", code.as_str()));
        assert_eq!(*status, code.http_status().to_string(), "{}", code.as_str());
        assert_eq!(*retryable == "yes", code.retryable(), "{}", code.as_str());
    }
    assert_eq!(
        rows.len(),
        ErrorCode::ALL.len(),
        "the page has a code that does not exist"
    );
}

#[test]
fn the_table_of_close_codes_is_the_list_in_the_code() {
    let page = paper("docs/reference/protocol.md");
    let mut rows: Vec<u16> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    rows.sort_unstable();
    let mut codes: Vec<u16> = CloseReason::ALL
        .iter()
        .map(|reason| reason.code())
        .collect();
    codes.sort_unstable();
    assert_eq!(rows, codes);
}

/// What stands between the quotation marks after `key = `.
fn value<'a>(block: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = block.split_once(&format!("\n{key} = \""))?;
    rest.split('"').next()
}

#[test]
fn every_provider_of_the_table_has_a_configuration_that_is_good() {
    let page = paper("docs/how-to/language-models.md");
    let rows: Vec<(&str, &str)> = page
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("| ")?.split(" | ").collect();
            let kind = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
            Some((cells[0], kind))
        })
        .collect();
    let rows: Vec<(&str, &str)> = rows
        .into_iter()
        .filter(|(_, kind)| ["openai", "anthropic", "gemini", "ollama"].contains(kind))
        .collect();
    assert_eq!(rows.len(), 10, "{rows:?}");
    let directory = tempfile::tempdir().unwrap();
    for (provider, kind) in rows {
        let heading = format!("\n### {provider}\n");
        let (_, rest) = page
            .split_once(&heading)
            .unwrap_or_else(|| panic!("{provider} has no block"));
        let (introduction, rest) = rest.split_once("\n```toml\n").unwrap();
        assert!(!introduction.contains("\n#"), "{provider} has no block");
        let (block, _) = rest.split_once("```").unwrap();
        assert_eq!(value(block, "kind"), Some(kind), "{provider}");
        let file = directory.path().join("auditor.toml");
        std::fs::write(&file, block).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_judge-auditor"));
        command
            .env_clear()
            .env("AUDITOR_DATA_DIR", directory.path())
            .arg("--config")
            .arg(&file)
            .arg("check-config");
        let variable = value(block, "api_key_env");
        if let Some(variable) = variable {
            let output = command.output().unwrap();
            assert_eq!(
                output.status.code(),
                Some(2),
                "{provider} goes without its key"
            );
            command.env(variable, "a-key-that-opens-nothing");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{provider}: {output:?}");
        let over_the_internet = value(block, "base_url").unwrap().starts_with("https://");
        assert_eq!(over_the_internet, variable.is_some(), "{provider}");
    }
}

/// Every test of this repository, by the names of its functions; those of both databases are made by a macro.
/// Names of models for sale are given up every few months: one table has them, and the rest names those of it.
#[test]
fn models_for_sale_are_named_on_one_page() {
    let page = "docs/how-to/language-models.md";
    let whole = paper(page);
    let (_, table) = whole.split_once("\n## Models and prices\n").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let named = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')));
        let families = ["gpt-", "claude-", "gemini-"];
        words
            .map(|word| word.trim_end_matches('.'))
            .filter(|word| {
                let version = families.iter().find_map(|family| word.strip_prefix(family));
                version.is_some_and(|rest| rest.contains(|c: char| c.is_ascii_digit()))
            })
            .map(ToOwned::to_owned)
            .collect()
    };
    let of_table: BTreeSet<String> = table
        .lines()
        .filter(|line| line.starts_with("| "))
        .flat_map(&named)
        .collect();
    assert!(of_table.len() >= 6, "{of_table:?}");
    for (path, text) in papers() {
        if !path.ends_with(page) && path.starts_with("docs") {
            assert_eq!(named(&text), BTreeSet::new(), "{}", path.display());
        }
    }
    for file in ["deploy/judge-auditor.toml", "src/config/print.rs"] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let named = named(&text);
        assert!(
            !named.is_empty() && named.is_subset(&of_table),
            "{file}: {named:?}"
        );
    }
}

fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let begins = ["fn ", "on_both!("].into_iter();
            let rests = begins.flat_map(|begin| text.split(begin).skip(1));
            let names = rests.map(|rest| {
                // A macro whose name and code take two lines has its name on the next one.
                let rest = rest.trim_start();
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                rest[..end.unwrap_or(rest.len())].to_owned()
            });
            found.extend(names);
        }
    }
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let mut known = BTreeSet::new();
    for folder in ["src", "tests"] {
        functions(&root().join(folder), &mut known);
    }
    let model = paper("docs/explanation/threat-model.md");
    // The third column of each table.
    let named = model.lines().filter(|line| line.starts_with("| "));
    let named: Vec<&str> = named
        .filter_map(|line| line.split('|').nth(3))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert!(named.len() > 40, "{} tests", named.len());
    let missing: Vec<&&str> = named
        .iter()
        .filter(|name| !known.contains(**name))
        .collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}
