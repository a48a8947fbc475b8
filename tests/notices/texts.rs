//! The licence texts of crates, each once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::crates::Crate;
use super::read;

/// Where a crate keeps the licences of what it holds of others.
const DEEPER: [(&str, &str); 5] = [
    ("dejavu", "assets/dejavu-fonts-ttf-2.37"),
    ("libmimalloc-sys", "c_src/mimalloc/v3"),
    ("openssl-src", "openssl"),
    ("ring", "src/polyfill/once_cell"),
    ("ring", "third_party/fiat"),
];

/// The texts by their labels.
#[derive(Default)]
pub(crate) struct Texts(BTreeMap<String, String>);

impl Texts {
    /// The labels of the texts that a crate comes under.
    pub(crate) fn of(&mut self, one: &Crate) -> Vec<String> {
        let texts = own(one);
        let texts = if texts.is_empty() {
            vec![standard(one)]
        } else {
            texts
        };
        let mut labels: Vec<String> = texts
            .into_iter()
            .map(|text| {
                let label = label(&text);
                self.0.entry(label.clone()).or_insert(text);
                label
            })
            .collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    pub(crate) fn labelled(&self) -> impl Iterator<Item = (&str, &str)> {
        let texts = self.0.iter();
        texts.map(|(label, text)| (label.as_str(), text.as_str()))
    }
}

/// Made of the words alone, since lines are broken in many ways, and of nothing else, so that another
/// dependency changes no line but its own.
fn label(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let hash = Sha256::digest(words.join(" "));
    hash[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().to_uppercase()
}

fn is_legal(path: &Path) -> bool {
    let name = name_of(path);
    let begins = [
        "LICENSE",
        "LICENCE",
        "COPYING",
        "COPYRIGHT",
        "NOTICE",
        "UNLICENSE",
    ];
    path.is_file() && begins.iter().any(|begin| name.starts_with(begin)) && !name.ends_with(".HTML")
}

fn legal_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = paths.filter(|path| is_legal(path)).collect();
    files.sort();
    files
}

/// Whether the licence may be MIT alone. The oldest crates write a slash for "or".
fn offers_mit(expression: &str) -> bool {
    !expression.contains(" AND ")
        && expression
            .replace('/', " OR ")
            .split(" OR ")
            .any(|one| one.trim() == "MIT")
}

/// What the crate itself says.
fn own(one: &Crate) -> Vec<String> {
    let mut files = legal_files(&one.folder);
    if offers_mit(&one.licence) && files.iter().any(|file| name_of(file).contains("MIT")) {
        // Of licences to choose from; what speaks of others stays.
        files.retain(|file| {
            let name = name_of(file);
            name.contains("MIT") || name.starts_with("NOTICE") || name.starts_with("COPYRIGHT")
        });
    }
    for (_, folder) in DEEPER.iter().filter(|(name, _)| *name == one.name) {
        files.extend(legal_files(&one.folder.join(folder)));
    }
    files.iter().map(|file| tidy(&lossy(file))).collect()
}

/// The standard text, where a crate names its licence and does not bring the text along.
fn standard(one: &Crate) -> String {
    let names = if offers_mit(&one.licence) {
        "MIT"
    } else {
        match one.licence.as_str() {
            // Its text is that of the library which it holds; see `notices/other`.
            "PostgreSQL" => return "The PostgreSQL licence, as above.".to_owned(),
            known @ ("Apache-2.0" | "BSD-3-Clause") => known,
            other => panic!(
                "{}: put the text of {other} into notices/standard",
                one.name
            ),
        }
    };
    let holders = if one.authors.is_empty() {
        format!("the authors of {}", one.name)
    } else {
        one.authors.join(", ")
    };
    let text = read(format!("notices/standard/{names}.txt"));
    tidy(&format!("Copyright (c) {holders}\n\n{text}"))
}

fn lossy(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()
}

/// Without the ends of lines of another system, blanks before them, and empty lines around.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let lines = lines.join("\n");
    lines.trim_matches('\n').replace('\u{c}', "")
}
