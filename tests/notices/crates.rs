//! Which crates are in the program, by `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::root;

/// One machine's crates, so that the file is the same wherever it is made.
const TARGET: &str = "x86_64-unknown-linux-gnu";

pub(crate) struct Crate {
    pub(crate) name: String,
    version: String,
    pub(crate) licence: String,
    repository: String,
    pub(crate) authors: Vec<String>,
    pub(crate) folder: PathBuf,
}

impl Crate {
    fn of(package: &Value) -> Self {
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        let manifest = PathBuf::from(text("manifest_path"));
        let authors = package["authors"].as_array().unwrap().iter();
        Self {
            name: text("name"),
            version: text("version"),
            licence: text("license"),
            repository: text("repository"),
            authors: authors
                .filter_map(|author| author.as_str().map(str::to_owned))
                .collect(),
            folder: manifest.parent().map(Path::to_owned).unwrap(),
        }
    }

    pub(crate) fn heading(&self) -> String {
        let Self {
            name,
            version,
            licence,
            repository,
            ..
        } = self;
        format!("{name} {version} ({licence}) {repository}")
    }
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(["--filter-platform", TARGET])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A crate that holds the sources of a library that another crate's build compiles into it.
fn holds_sources(name: &str) -> bool {
    name.ends_with("-src")
}

fn is_macro(package: &Value) -> bool {
    let targets = package["targets"].as_array().unwrap().iter();
    targets
        .flat_map(|target| target["kind"].as_array().unwrap())
        .any(|kind| kind == "proc-macro")
}

/// The crates in the program, by name: not those that only build it, test it, or write code for it.
pub(crate) fn shipped() -> Vec<Crate> {
    let metadata = metadata();
    let by_id = |list: &Value| -> BTreeMap<String, Value> {
        let items = list.as_array().unwrap().iter();
        items
            .map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone()))
            .collect()
    };
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let own = metadata["resolve"]["root"].as_str().unwrap();
    let mut seen = BTreeSet::new();
    let mut open = vec![own.to_owned()];
    while let Some(id) = open.pop() {
        if is_macro(&packages[&id]) || !seen.insert(id.clone()) {
            continue;
        }
        for dependency in nodes[&id]["deps"].as_array().unwrap() {
            let on = dependency["pkg"].as_str().unwrap();
            let name = packages[on]["name"].as_str().unwrap();
            let mut kinds = dependency["dep_kinds"].as_array().unwrap().iter();
            let is_in = kinds.any(|kind| match kind["kind"].as_str() {
                None => true,
                Some("build") => holds_sources(name),
                Some(_) => false,
            });
            if is_in {
                open.push(on.to_owned());
            }
        }
    }
    seen.remove(own);
    let mut crates: Vec<Crate> = seen.iter().map(|id| Crate::of(&packages[id])).collect();
    crates.sort_by_key(Crate::heading);
    crates
}
