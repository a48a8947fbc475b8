//! No two files of the sources need each other, by whatever way round: each can be understood after those
//! that it imports. A folder's `mod.rs` counts as any other file: the files below it name what they need where
//! it is defined, and not by the folder's face. Nor do two folders, or a file and a folder beside it.

#![expect(
    clippy::unwrap_used,
    reason = "a source that cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::Visit;
use syn::{Item, ItemMod, ItemUse, UseTree};

/// A module by the names that lead to it from the crate's root.
type Module = Vec<String>;

/// The paths that a file names, each as seen from the file's own module.
#[derive(Default)]
struct Named {
    paths: Vec<Vec<String>>,
    /// How many modules inside the file are around what is visited.
    depth: usize,
}

impl Named {
    fn push(&mut self, path: Vec<String>) {
        let above = path.iter().take_while(|name| *name == "super").count();
        let within = above.min(self.depth);
        // What is left of a path that ends inside the file names no other file.
        if self.depth == 0 || above > self.depth || path[0] == "crate" {
            self.paths.push(path[within..].to_vec());
        }
    }

    fn tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) => self.push(with(name.ident.to_string())),
            UseTree::Rename(name) => self.push(with(name.ident.to_string())),
            UseTree::Glob(_) => self.push(before.to_vec()),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(before, item)),
        }
    }
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|part| part.ident.to_string());
        self.push(names.collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let is_test = item.attrs.iter().any(|attribute| {
            let condition = attribute.parse_args::<syn::Ident>();
            attribute.path().is_ident("cfg") && condition.is_ok_and(|name| name == "test")
        });
        if !is_test {
            self.depth += 1;
            syn::visit::visit_item_mod(self, item);
            self.depth -= 1;
        }
    }

    /// What a macro is given is not parsed: its paths are the words that begin as only paths do.
    fn visit_macro(&mut self, given: &'ast syn::Macro) {
        let tokens = without_texts(&given.tokens.to_string()).replace(" :: ", "::");
        // Who may see something is no import.
        let tokens = tokens.replace("(in crate::", "(in ");
        for word in tokens.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
            let path: Vec<String> = word.split("::").map(str::to_owned).collect();
            if path.len() > 1 && matches!(path[0].as_str(), "crate" | "super") {
                self.push(path);
            }
        }
    }

    /// Who may see something is no import.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}

/// Leaves out what is between quotation marks: texts, and comments that are documentation.
fn without_texts(tokens: &str) -> String {
    let (mut code, mut in_text, mut is_escaped) = (String::new(), false, false);
    for c in tokens.replace("'\"'", "").chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = in_text,
            '"' => in_text = !in_text,
            c if !in_text => code.push(c),
            _ => {}
        }
    }
    code
}

/// Every file but tests, by its module.
fn sources() -> BTreeMap<Module, syn::File> {
    fn walk(folder: &Path, module: &Module, found: &mut BTreeMap<Module, syn::File>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let below = [module.as_slice(), std::slice::from_ref(&name)].concat();
            if path.is_dir() && name != "tests" {
                walk(&path, &below, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                match name.as_str() {
                    // Helpers of tests.
                    "testing" | "main" => continue,
                    "mod" | "lib" => found.insert(module.clone(), syn::parse_file(&text).unwrap()),
                    _ => found.insert(below, syn::parse_file(&text).unwrap()),
                };
            }
        }
    }
    let mut found = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walk(&root, &Vec::new(), &mut found);
    found
}

/// The module that a path leads to, as far as files go.
fn target(modules: &BTreeMap<Module, syn::File>, from: &Module, path: &[String]) -> Option<Module> {
    let mut names = path;
    let mut base = from.clone();
    match names.first()?.as_str() {
        "crate" => {
            base.clear();
            names = &names[1..];
        }
        "self" => names = &names[1..],
        "super" => {
            while names.first().is_some_and(|name| name == "super") {
                base.pop();
                names = &names[1..];
            }
        }
        // Only a module that is declared in the file itself can be named so.
        name => {
            let declared = modules[from].items.iter().any(|item| match item {
                Item::Mod(module) => module.ident == name,
                _ => false,
            });
            if !declared {
                return None;
            }
        }
    }
    base.extend(names.iter().cloned());
    while !base.is_empty() {
        if modules.contains_key(&base) {
            return Some(base);
        }
        base.pop();
    }
    None
}

/// What each module imports.
fn imports(modules: &BTreeMap<Module, syn::File>) -> BTreeMap<Module, BTreeSet<Module>> {
    let of = |(from, file): (&Module, &syn::File)| {
        let mut named = Named::default();
        named.visit_file(file);
        let targets = named
            .paths
            .iter()
            .filter_map(|path| target(modules, from, path));
        targets.filter(|to| to != from).collect::<BTreeSet<_>>()
    };
    modules.iter().map(|one| (one.0.clone(), of(one))).collect()
}

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

/// One test, since reading the sources takes most of its time.
#[test]
fn no_files_and_no_folders_need_each_other() {
    let imports = imports(&sources());
    let edges: usize = imports.values().map(BTreeSet::len).sum();
    assert!(edges > 800, "the sources were not read: {edges} imports");
    let of_files = circles(&imports);
    assert!(of_files.is_empty(), "{of_files:#?}");
    let above = |module: &Module| (0..module.len()).map(|n| module[..n].to_vec()).collect();
    let folders: BTreeSet<Module> = imports.keys().flat_map::<Vec<_>, _>(above).collect();
    assert!(folders.len() > 50, "{} folders were found", folders.len());
    let of_folders: Vec<_> = folders
        .iter()
        .flat_map(|folder| circles(&parts(&imports, folder)))
        .collect();
    assert!(of_folders.is_empty(), "{of_folders:#?}");
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
