//! `THIRD-PARTY-NOTICES.txt` names everything of others that the program and its page hold, each with its
//! licence: the crates that are compiled into it, the web packages in the page, and what is neither, from
//! `notices/other`.
//!
//! The file is made by this test: `UPDATE_NOTICES=1 cargo test --test notices` writes it anew. Otherwise the
//! test fails where it is not what `Cargo.lock` and `web/package-lock.json` give.

#![expect(
    clippy::unwrap_used,
    reason = "a source that cannot be read fails the test"
)]

mod crates;
mod texts;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crates::Crate;
use texts::Texts;

const FILE: &str = "THIRD-PARTY-NOTICES.txt";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The files of a folder, by name.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

const RULE: &str =
    "--------------------------------------------------------------------------------";

fn notices(crates: &[Crate]) -> String {
    let mut texts = Texts::default();
    let rows: Vec<(String, Vec<usize>)> = crates
        .iter()
        .map(|one| (one.heading(), texts.of(one)))
        .collect();
    let mut out = String::from(
        "Judge Auditor: notices of third parties\n\n\
         What the program and its web page hold of others, and under which terms. In three parts: programs,\n\
         data and models; packages of the web page; crates of the program. A number in [brackets] is that of a\n\
         licence text at the end. Where a licence may be chosen, the text of one is given.\n\n\
         Programs, data and models\n\n",
    );
    for file in files("notices/other") {
        out.push_str(&format!("{RULE}\n{}\n\n", read(file).trim_end()));
    }
    out.push_str(&format!(
        "{RULE}\n\nPackages of the web page\n\n{}\n\n{RULE}\n\nCrates of the program\n\n",
        read("notices/web.txt").trim_end()
    ));
    for (heading, numbers) in rows {
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        out.push_str(&format!("{heading} [{}]\n", numbers.join(", ")));
    }
    out.push_str("\nLicence texts\n\n");
    for (number, text) in texts.numbered() {
        out.push_str(&format!("{RULE}\n[{number}]\n\n{text}\n\n"));
    }
    out
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "no setting of the program: whether to write the file"
)]
fn the_notices_are_those_of_the_locked_dependencies() {
    let crates = crates::shipped();
    assert!(crates.len() > 300, "{} crates", crates.len());
    let made = notices(&crates);
    if std::env::var_os("UPDATE_NOTICES").is_some() {
        fs::write(root().join(FILE), &made).unwrap();
    }
    let kept = read(FILE);
    let lines: BTreeSet<&str> = kept.lines().collect();
    let missing: Vec<&str> = made
        .lines()
        .filter(|line| !lines.contains(line))
        .take(20)
        .collect();
    assert!(
        made == kept,
        "{FILE} is not of these dependencies: UPDATE_NOTICES=1 cargo test --test notices. Missing: {missing:#?}"
    );
}

/// Of the packages that the page's bundle is made of: those that are needed when it runs.
#[test]
fn the_packages_of_the_page_are_named() {
    let lock: Value = serde_json::from_str(&read("web/package-lock.json")).unwrap();
    let notices = read("notices/web.txt");
    let mut named = 0;
    for (path, package) in lock["packages"].as_object().unwrap() {
        let Some((_, name)) = path.rsplit_once("node_modules/") else {
            continue;
        };
        if package["dev"] == true {
            continue;
        }
        let version = package["version"].as_str().unwrap();
        assert!(
            notices.contains(&format!("{name} {version} (")),
            "{name} {version} is missing: node web/notices.mjs"
        );
        named += 1;
    }
    assert!(named > 2, "{named} packages");
}

#[test]
fn what_is_no_package_is_named() {
    let notices = read(FILE);
    for of in [
        "all-MiniLM-L6-v2",
        "The Rust standard library",
        "Copyright (c) 2003 by Bitstream, Inc.",
        "PostgreSQL Global Development Group",
        "The OpenSSL Project",
        "Version 2.0, January 2004",
        "SQLite",
    ] {
        assert!(notices.contains(of), "{of}");
    }
    let upstream = "This directory contains model weights redistributed from";
    assert!(
        notices.contains(upstream),
        "the notice that came with the model"
    );
}

/// `--licenses` prints the file, and the Debian package has it.
#[test]
fn the_program_and_the_package_bring_the_notices_along() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_judge-auditor"));
    let output = command.arg("--licenses").env_clear().output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap() == read(FILE));

    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let assets = &manifest["package"]["metadata"]["deb"]["assets"];
    let shipped = assets.as_array().unwrap().iter().any(|asset| {
        let place = asset[1].as_str().unwrap();
        asset[0].as_str() == Some(FILE) && place == "usr/share/doc/judge-auditor/"
    });
    assert!(shipped, "{FILE} is not among the package's files");
}
