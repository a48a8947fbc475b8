//! No two files of the sources need each other, by whatever way round: each can be understood after those
//! that it imports. A folder's `mod.rs` counts as any other file: the files below it name what they need where
//! it is defined, and not by the folder's face.

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

#[test]
fn no_files_need_each_other() {
    let modules = sources();
    let imports = imports(&modules);
    let edges: usize = imports.values().map(BTreeSet::len).sum();
    assert!(edges > 800, "the sources were not read: {edges} imports");
    let circles: Vec<_> = imports
        .keys()
        .filter_map(|from| circle(&imports, from))
        .map(|way| {
            way.iter()
                .map(|module| module.join("::"))
                .collect::<Vec<_>>()
        })
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
