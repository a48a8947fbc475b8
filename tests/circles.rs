//! No two files of the sources need each other, by whatever way round: each can be understood after those
//! that it imports. A folder's `mod.rs` counts as any other file: the files below it name what they need where
//! it is defined, and not by the folder's face. Nor do two folders, or a file and a folder beside it.

#![expect(
    clippy::unwrap_used,
    reason = "a source that cannot be read fails the test"
)]

mod imports;

use std::collections::{BTreeMap, BTreeSet};

use imports::{Module, imports, sources};

/// A way from `from` back to itself.
fn circle<'a>(
    imports: &'a BTreeMap<Module, BTreeSet<Module>>,
    from: &'a Module,
) -> Option<Vec<&'a Module>> {
    let mut ways = vec![vec![from]];
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        for next in &imports[way[way.len() - 1]] {
            if next == from {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push([way.as_slice(), &[next]].concat());
            }
        }
    }
    None
}

/// What the parts of a folder import of each other. A part is a file, or a folder with all that it holds.
fn parts(
    imports: &BTreeMap<Module, BTreeSet<Module>>,
    folder: &Module,
) -> BTreeMap<Module, BTreeSet<Module>> {
    let part = |module: &Module| {
        let is_below = module.len() > folder.len() && module.starts_with(folder);
        is_below.then(|| module[..=folder.len()].to_vec())
    };
    let mut parts: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, targets) in imports {
        if let Some(from) = part(from) {
            let others = targets.iter().filter_map(part).filter(|to| *to != from);
            let others: Vec<Module> = others.collect();
            parts.entry(from).or_default().extend(others);
        }
    }
    parts
}

fn circles(imports: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<Vec<String>> {
    let ways = imports.keys().filter_map(|from| circle(imports, from));
    ways.map(|way| way.iter().map(|module| module.join("::")).collect())
        .collect()
}

#[test]
fn no_files_need_each_other() {
    let imports = imports(&sources());
    let edges: usize = imports.values().map(BTreeSet::len).sum();
    assert!(edges > 800, "the sources were not read: {edges} imports");
    let circles = circles(&imports);
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn no_folders_need_each_other() {
    let imports = imports(&sources());
    let above = |module: &Module| (0..module.len()).map(|n| module[..n].to_vec()).collect();
    let folders: BTreeSet<Module> = imports.keys().flat_map::<Vec<_>, _>(above).collect();
    assert!(
        folders.len() > 50,
        "the sources were not read: {}",
        folders.len()
    );
    let circles: Vec<_> = folders
        .iter()
        .flat_map(|folder| circles(&parts(&imports, folder)))
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn a_circle_is_seen() {
    let parse = |text| syn::parse_file(text).unwrap();
    let name = |name: &str| vec![name.to_owned()];
    let modules = BTreeMap::from([
        (Vec::new(), parse("mod a; mod b; mod c;")),
        (name("a"), parse("use crate::{b::B, c};")),
        (name("b"), parse("fn f() { super::c::g() }")),
        (
            name("c"),
            parse("#[cfg(test)] mod tests { use crate::b::B; } type T = crate::a::A;"),
        ),
    ]);
    let imports = imports(&modules);
    assert_eq!(
        circle(&imports, &name("b")),
        Some(vec![&name("b"), &name("c"), &name("a")])
    );
}

#[test]
fn folders_that_need_each_other_by_different_files_are_seen() {
    let name = |name: &str| name.split("::").map(str::to_owned).collect::<Vec<_>>();
    let to = |targets: &[&str]| targets.iter().map(|target| name(target)).collect();
    let imports: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::from([
        (name("m"), to(&["m::a", "m::b::x"])),
        (name("m::a"), to(&["m::b::x"])),
        (name("m::b::x"), to(&[])),
        (name("m::b::y"), to(&["m::a", "m::b::x"])),
    ]);
    assert_eq!(circles(&imports), Vec::<Vec<String>>::new());
    assert_eq!(
        circles(&parts(&imports, &name("m"))),
        [["m::a", "m::b"], ["m::b", "m::a"]]
    );
}

#[test]
fn a_path_in_a_macro_is_seen_and_a_text_is_none() {
    let parse = |text| syn::parse_file(text).unwrap();
    let name = |name: &str| vec![name.to_owned()];
    let modules = BTreeMap::from([
        (name("a"), parse("fn f() { g!(x, crate::b::B, super::c) }")),
        (
            name("b"),
            parse("h! { /// [`crate::a`]\n pub(in crate::a) i: \"super::a\" }"),
        ),
        (name("c"), parse("")),
    ]);
    let imports = imports(&modules);
    assert_eq!(imports[&name("a")], BTreeSet::from([name("b"), name("c")]));
    assert_eq!(imports[&name("b")], BTreeSet::new());
}

#[test]
fn a_file_that_needs_the_face_of_its_own_folder_is_seen() {
    let parse = |text| syn::parse_file(text).unwrap();
    let name = |name: &str| name.split("::").map(str::to_owned).collect::<Vec<_>>();
    let modules = BTreeMap::from([
        (name("a"), parse("mod b; mod c; use b::B; pub struct A;")),
        (name("a::b"), parse("use super::A; pub struct B;")),
        (
            name("a::c"),
            parse("pub(in crate::a) mod d { use super::C; } pub struct C;"),
        ),
    ]);
    let imports = imports(&modules);
    assert_eq!(
        circle(&imports, &name("a::b")),
        Some(vec![&name("a::b"), &name("a")])
    );
    assert_eq!(circle(&imports, &name("a::c")), None);
}
