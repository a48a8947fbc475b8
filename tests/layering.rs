//! The layers of docs/explanation/architecture.md, held by reading the sources: who may name whom.

#![expect(
    clippy::unwrap_used,
    reason = "a source that cannot be read fails the test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and the modules of this crate that it may import.
const MAY_IMPORT: [(&str, &[&str]); 27] = [
    ("domain", &[]),
    ("testing", &[]),
    ("computing", &["domain"]),
    ("documents", &["text"]),
    ("text", &["domain", "computing"]),
    ("neural", &[]),
    ("tls", &[]),
    ("notices", &[]),
    ("evidence", &["domain", "computing", "text", "neural"]),
    (
        "judges",
        &[
            "domain",
            "computing",
            "text",
            "neural",
            "evidence",
            "tls",
            "testing",
        ],
    ),
    ("figures", &["domain", "computing"]),
    ("protocol", &["domain"]),
    ("export", &["domain", "computing", "text", "protocol"]),
    ("store", &["domain", "computing", "telemetry", "testing"]),
    ("telemetry", &[]),
    ("bus", &["domain", "store", "telemetry", "testing", "tls"]),
    ("config", &["figures", "telemetry", "tls"]),
    (
        "audit",
        &[
            "domain",
            "computing",
            "text",
            "evidence",
            "judges",
            "figures",
            "neural",
            "store",
        ],
    ),
    (
        "actors",
        &[
            "domain",
            "computing",
            "audit",
            "bus",
            "evidence",
            "judges",
            "figures",
            "neural",
            "protocol",
            "store",
            "telemetry",
        ],
    ),
    (
        "service",
        &[
            "domain",
            "computing",
            "documents",
            "text",
            "judges",
            "neural",
            "protocol",
            "export",
            "store",
            "audit",
            "actors",
            "bus",
            "config",
            "telemetry",
        ],
    ),
    (
        "http",
        &[
            "domain",
            "documents",
            "judges",
            "protocol",
            "store",
            "service",
            "config",
            "socket",
            "sse",
            "telemetry",
            "notices",
        ],
    ),
    ("socket", &["actors", "telemetry"]),
    ("sse", &["domain", "protocol", "store", "actors", "service"]),
    (
        "ws",
        &[
            "domain",
            "protocol",
            "store",
            "actors",
            "service",
            "config",
            "http",
            "socket",
            "telemetry",
        ],
    ),
    ("mcp", &["domain", "protocol", "service", "http", "socket"]),
    (
        "app",
        &[
            "domain",
            "computing",
            "judges",
            "figures",
            "neural",
            "store",
            "audit",
            "actors",
            "bus",
            "service",
            "config",
            "http",
            "mcp",
            "socket",
            "ws",
            "telemetry",
            "tls",
        ],
    ),
    (
        "cli",
        &[
            "domain",
            "documents",
            "text",
            "figures",
            "protocol",
            "store",
            "audit",
            "actors",
            "service",
            "config",
            "mcp",
            "telemetry",
            "tls",
            "notices",
            "app",
        ],
    ),
];

/// Folders of a module, and the modules and folders beside them that each may import; a name of the module's own
/// face, such as its constants, is free to all of them.
const FOLDERS: [(&str, &[&str]); 8] = [
    ("http/edge", &[]),
    ("http/resources", &["edge"]),
    ("http/reference/", &["edge", "resources"]),
    ("store/pool", &[]),
    ("store/tables", &["pool"]),
    ("store/log", &["pool", "tables"]),
    ("store/fleet", &["pool", "tables", "log"]),
    ("store/upkeep", &["pool", "tables"]),
];

/// Crates that only one place may name.
const ONLY_IN: [(&str, &[&str]); 27] = [
    ("rmcp", &["mcp/"]),
    ("http_body_util", &["mcp/http.rs"]),
    ("actix_multipart", &["http/resources/evaluation_form.rs"]),
    ("zip", &["export/archive.rs", "export/tests/archive.rs"]),
    ("rten", &["judges/nli/model.rs", "neural/"]),
    ("rten_tensor", &["judges/nli/model.rs", "neural/model.rs"]),
    ("tokenizers", &["judges/nli/tokens.rs", "neural/model.rs"]),
    ("lopdf", &["documents/pdf/tests/", "export/tests/"]),
    ("hayro_syntax", &["documents/pdf/"]),
    ("hayro_font", &["documents/pdf/"]),
    ("hypher", &["documents/pdf/"]),
    ("html5ever", &["documents/html.rs"]),
    ("pulldown_cmark", &["documents/markdown.rs"]),
    ("krilla", &["export/pdf/"]),
    ("parley", &["export/pdf/"]),
    (
        "maud",
        &["export/html.rs", "http/edge/problem.rs", "http/reference/"],
    ),
    ("diesel", &["store/"]),
    ("diesel_migrations", &["store/"]),
    ("r2d2", &["store/"]),
    ("statrs", &["figures/"]),
    ("prometheus", &["telemetry/"]),
    ("actix_web_actors", &["ws/"]),
    ("async_nats", &["bus/nats.rs"]),
    ("rustls", &["tls.rs", "judges/llm/tests/network.rs"]),
    ("rustls_native_certs", &["tls.rs"]),
    ("sd_notify", &["cli/manager.rs"]),
    (
        "reqwest",
        &[
            "tls.rs",
            "judges/llm/",
            "cli/client.rs",
            "config/address.rs",
            "config/bus.rs",
            "config/check.rs",
            "config/check_money.rs",
            "config/check_server.rs",
            "config/provider.rs",
        ],
    ),
];

/// What the rules of a run must not know.
const NOT_IN_DOMAIN: [&str; 8] = [
    "Utc::now",
    "Instant::now",
    "SystemTime",
    "now_v7",
    "getrandom",
    "std::fs",
    "std::net",
    "tokio",
];

fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code: Vec<&str> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            (name, code.join("\n"))
        })
        .collect()
}

/// The first folder, or the file's own name; tests of a file that stands in no folder are that module's.
fn module(file: &str) -> &str {
    let file = file.strip_prefix("tests/").unwrap_or(file);
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The modules named after `crate::`, in `use` groups too.
fn imported(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(members(group).iter().map(|part| identifier(part))),
            None => names.push(identifier(rest)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The parts of a group that is open, without those of groups inside it.
fn members(group: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            c if depth == 0 && !c.is_whitespace() => parts.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    parts
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn modules_import_only_what_lies_below_them() {
    let rules: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for (file, code) in sources() {
        let module = module(&file);
        if matches!(module, "lib" | "main") {
            continue;
        }
        let allowed = rules
            .get(module)
            .unwrap_or_else(|| panic!("{file}: a module without a layer"));
        for name in imported(&code) {
            checked += 1;
            if name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{file} imports {name}"));
            }
        }
    }
    assert!(
        checked > 200,
        "the sources were not read: {checked} imports"
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Another module is named by `crate::`, which is what the test above reads.
#[test]
fn no_file_reaches_out_of_its_module_by_super() {
    for (file, code) in sources() {
        if file.contains("tests/") || matches!(module(&file), "lib" | "main") {
            continue;
        }
        let depth = file.trim_end_matches("/mod.rs").split('/').count();
        let is_module = |line: &str| line.contains("mod ") && line.ends_with('{');
        let inside = usize::from(code.lines().any(is_module));
        assert!(
            !code.contains(&"super::".repeat(depth + inside)),
            "{file} reaches out of its module by super"
        );
    }
}

#[test]
fn folders_of_a_module_import_only_what_lies_below_them() {
    let files = sources();
    for (folder, allowed) in FOLDERS {
        let (module, own) = folder.split_once('/').unwrap();
        let start = format!("crate::{module}::");
        let beside = FOLDERS
            .iter()
            .filter_map(|(other, _)| other.split_once('/'));
        let beside: Vec<&str> = beside
            .filter(|(of, name)| *of == module && *name != own)
            .map(|(_, name)| name)
            .collect();
        let mut read = 0;
        for (file, code) in files.iter().filter(|(file, _)| file.starts_with(folder)) {
            if file.contains("/tests/") {
                continue;
            }
            read += 1;
            assert!(
                !code.contains("super::super::"),
                "{file} reaches out of its folder by super"
            );
            for (at, _) in code.match_indices(&start) {
                let name = identifier(&code[at + start.len()..]);
                let is_below = name == own || allowed.contains(&name.as_str());
                assert!(
                    is_below || !beside.contains(&name.as_str()),
                    "{file} imports {name}"
                );
            }
        }
        assert!(read > 1, "{folder} was not read");
    }
}

#[test]
fn some_crates_have_one_home() {
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        for (name, homes) in ONLY_IN {
            let named =
                code.contains(&format!("{name}::")) || code.contains(&format!("use {name};"));
            if named && !homes.iter().any(|home| file.starts_with(home)) {
                wrong.push(format!("{file} names {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_domain_knows_no_clock_no_randomness_and_no_io() {
    let files = sources();
    let domain: Vec<_> = files
        .iter()
        .filter(|(file, _)| module(file) == "domain")
        .collect();
    assert!(domain.len() > 5);
    for (file, code) in domain {
        for word in NOT_IN_DOMAIN {
            assert!(!code.contains(word), "{file} knows {word}");
        }
    }
}

#[test]
fn an_actor_never_imports_the_one_that_made_it() {
    // Registry, room, run, judge: each makes the next.
    let actors = ["registry", "room", "run", "judge"];
    let files = sources();
    let mut checked = 0;
    for (depth, actor) in actors.iter().enumerate() {
        let folder = format!("actors/{actor}/");
        let single = format!("actors/{actor}.rs");
        let own = files.iter().filter(|(file, _)| {
            (file.starts_with(&folder) && !file.contains("/tests")) || **file == single
        });
        for (file, code) in own {
            checked += 1;
            for above in &actors[..depth] {
                for path in ["super", "crate::actors", "super::super"] {
                    let name = format!("{path}::{above}::");
                    assert!(!code.contains(&name), "{file} imports {name}");
                }
            }
        }
    }
    assert!(checked > 10, "the actors were not found: {checked} files");
}

#[test]
fn what_lives_in_an_actor_s_folder_is_seen_by_that_folder_alone() {
    let files = sources();
    for (folder, faces) in [
        (
            "actors/registry/",
            vec!["actors/registry/mod.rs", "actors/registry/threads.rs"],
        ),
        ("actors/room/", vec!["actors/room/mod.rs"]),
        (
            "actors/run/",
            vec!["actors/run/mod.rs", "actors/run/waiting.rs"],
        ),
    ] {
        let own: Vec<_> = files
            .iter()
            .filter(|(file, _)| file.starts_with(folder))
            .collect();
        assert!(own.len() > 3, "{folder} was not found");
        for (file, code) in own {
            if faces.contains(&file.as_str()) {
                continue;
            }
            let open = code.lines().find(|line| {
                let line = line.trim_start();
                line.starts_with("pub ") || line.starts_with("pub(crate)")
            });
            assert_eq!(open, None, "{file} shows more than its folder needs");
        }
    }
}

#[test]
fn the_reader_of_imports_sees_them() {
    assert_eq!(
        imported("use crate::store::{self, Db};\nlet x = crate::text::cut();"),
        ["store", "text"]
    );
    assert_eq!(imported("use crate::{actors::run, ws};"), ["actors", "ws"]);
    assert_eq!(
        imported("use crate::{actors::{run, room::{A, B}}, ws};"),
        ["actors", "ws"]
    );
    assert_eq!(imported("use other_crate::thing;"), Vec::<String>::new());
}
