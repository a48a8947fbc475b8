//! The papers (README, the book in `docs/`, and what stands beside them) against the program and the
//! repository: links lead somewhere, tables are the program's own, and commands are commands of the program.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod contract;
mod links;

use std::path::{Path, PathBuf};

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where papers stand: single files, and folders that are read with all that is in them.
const PLACES: [&str; 10] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs",
    "deploy",
    "examples",
    "training",
    "web/client/README.md",
    "clients/python/README.md",
];

/// Every paper by its path from the root, with its text.
fn papers() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for place in PLACES {
        below(&root().join(place), "md", &mut found);
    }
    assert!(found.len() > 30, "{} papers", found.len());
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.strip_prefix(root()).unwrap().to_owned(), text)
        })
        .collect()
}

/// The files of that kind in a folder and those in it, in order; or the file itself.
fn below(path: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            below(&path, extension, found);
        }
    } else if path.extension().is_some_and(|found| found == extension) {
        found.push(path.to_owned());
    }
}

/// One paper's text.
fn paper(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}
