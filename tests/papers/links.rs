//! Every relative link of every paper leads to a file of the repository, and to a heading that it has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{below, paper, papers, root};

/// The name that forges and mdBook give a heading's place.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c => c.is_alphanumeric().then_some(c),
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// The headings of a text as anchors, and where its links and pictures lead.
fn read(text: &str) -> (BTreeSet<String>, Vec<String>) {
    let (mut anchors, mut targets) = (BTreeSet::new(), Vec::new());
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let heading = heading.take().unwrap();
                let plain = anchor(&heading);
                // A second heading of the same words gets a number.
                let numbered = (1..).map(|number| format!("{plain}-{number}"));
                let name = std::iter::once(plain.clone())
                    .chain(numbered)
                    .find(|name| !anchors.contains(name));
                anchors.extend(name);
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                targets.push(dest_url.into_string());
            }
            _ => {}
        }
    }
    (anchors, targets)
}

/// A path without `.` and `..`; nothing where it leads out of the repository.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => plain.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                if !plain.pop() {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(plain)
}

#[test]
fn every_relative_link_leads_somewhere() {
    let papers: BTreeMap<PathBuf, String> = papers().into_iter().collect();
    let (mut dead, mut followed) = (Vec::new(), 0);
    for (path, text) in &papers {
        for target in read(text).1 {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            followed += 1;
            let (file, name) = target.split_once('#').unwrap_or((&target, ""));
            let there = if file.is_empty() {
                Some(path.clone())
            } else {
                plain(&path.parent().unwrap().join(file))
            };
            let there = there.filter(|there| root().join(there).exists());
            let found = there.is_some_and(|there| {
                name.is_empty()
                    || papers
                        .get(&there)
                        .is_some_and(|text| read(text).0.contains(name))
            });
            if !found {
                dead.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "lead nowhere: {dead:#?}");
    assert!(followed > 100, "{followed} links");
}

#[test]
fn the_summary_has_every_page_of_the_book_once() {
    let mut pages = Vec::new();
    below(&root().join("docs"), "md", &mut pages);
    let mut pages: Vec<PathBuf> = pages
        .iter()
        .map(|page| page.strip_prefix(root().join("docs")).unwrap().to_owned())
        .filter(|page| page != Path::new("SUMMARY.md"))
        .collect();
    pages.sort();
    let summary = read(&paper("docs/SUMMARY.md")).1;
    let mut listed: Vec<PathBuf> = summary.iter().map(PathBuf::from).collect();
    listed.sort();
    assert_eq!(listed, pages);
}

/// Whether a character can stand in a path as the sources write them.
fn of_a_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.')
}

#[test]
fn every_page_that_the_sources_name_exists() {
    let mut files = Vec::new();
    for (place, extension) in [
        ("src", "rs"),
        ("tests", "rs"),
        ("tests", "py"),
        ("tests/run", ""),
        ("deploy", "toml"),
        ("deploy", "conf"),
        ("deploy", "service"),
        ("docs", "py"),
        ("web/src", "tsx"),
        ("Cargo.toml", "toml"),
    ] {
        let path = root().join(place);
        if extension.is_empty() {
            files.push(path);
        } else {
            below(&path, extension, &mut files);
        }
    }
    let (mut named, mut missing) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("docs/") {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| of_a_path(c) && c != '/') {
                continue;
            }
            let rest = &text[at..];
            let end = rest.find(|c| !of_a_path(c)).unwrap_or(rest.len());
            let name = rest[..end].trim_end_matches('.');
            if Path::new(name)
                .extension()
                .is_some_and(|kind| kind == "md" || kind == "py")
            {
                named += 1;
                if !root().join(name).exists() {
                    missing.push(format!("{}: {name}", file.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no such page: {missing:#?}");
    assert!(named > 5, "{named} pages");
}

#[test]
fn every_file_that_the_papers_for_developers_name_exists() {
    let (mut named, mut missing) = (0, Vec::new());
    for name in [
        "CONTRIBUTING.md",
        "docs/explanation/architecture.md",
        "docs/explanation/guarantees.md",
    ] {
        for event in Parser::new_ext(&paper(name), Options::ENABLE_TABLES) {
            let Event::Code(words) = event else {
                continue;
            };
            // `actors/run/mod.rs: flush` names a function of the file.
            let path = words.split(':').next().unwrap();
            let is_file = path.contains('/') || path.ends_with(".rs");
            // `/readyz` is an address of the server.
            if !is_file || path.starts_with('/') || !path.chars().all(of_a_path) {
                continue;
            }
            named += 1;
            if !root().join(path).exists() && !root().join("src").join(path).exists() {
                missing.push(format!("{name}: {words}"));
            }
        }
    }
    assert!(missing.is_empty(), "no such file: {missing:#?}");
    assert!(named > 80, "{named} files");
}
