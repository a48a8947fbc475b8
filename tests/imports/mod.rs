//! What each file of the sources imports of the others, as the compiler would read it: by groups, by
//! `super`, by paths inside the code and inside the arguments of macros.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::Visit;
use syn::{Item, ItemMod, ItemUse, UseTree};

/// A module by the names that lead to it from the crate's root.
pub(crate) type Module = Vec<String>;

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
pub(crate) fn sources() -> BTreeMap<Module, syn::File> {
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
pub(crate) fn imports(modules: &BTreeMap<Module, syn::File>) -> BTreeMap<Module, BTreeSet<Module>> {
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
