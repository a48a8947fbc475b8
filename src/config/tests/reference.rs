//! `docs/reference/configuration.md` is made from the declarations of the settings.
//!
//! `UPDATE_REFERENCE=1 cargo test --lib reference_page` writes it anew. Otherwise the test fails where the
//! page is not what the declarations give.

use std::fmt::Write;

use toml::Value;

use super::super::declare::{Key, Kinds};
use super::super::load::{SECRET_VARIABLE, VARIABLES};
use super::*;

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/docs/reference/configuration.md"
);

const HEAD: &str = "\
<!-- Made from the declarations in src/config: UPDATE_REFERENCE=1 cargo test --lib reference_page -->

# Configuration

The command line (`--set KEY=VALUE`, `--bind`) overrides environment variables, these override the file (`--config FILE`, TOML), and the file overrides the defaults.
Each key of a table has a variable `AUDITOR_SECTION__KEY`, such as `AUDITOR_LIMITS__STARTS_PER_MINUTE=0`; commas separate the items of a list.
`[[judges]]` and `[[prices]]` can be set in the file only.

A wrong value or an unknown key is an error, also in a variable. All problems are reported together, each with the line, the variable or the flag that set the value, and the program ends with exit code 2.
A variable that only resembles one of these, such as a script's `AUDITOR_BIN`, causes a warning.

`judge-auditor check-config` checks the configuration without starting the server.
`judge-auditor --print-config` prints the effective configuration as a file with comments, without secrets; what it prints can be loaded again.

Files with a private key or a secret (`signing_key_file`, `secret_file`, `api_key_file` and the like) are refused if every user of the machine can read or change them.

";

fn page() -> String {
    let mut out = HEAD.to_owned();
    out.push_str("| variable | what it sets |\n|---|---|\n");
    for (name, key) in VARIABLES {
        let _ = writeln!(out, "| `{name}` | `{key}` |");
    }
    let _ = writeln!(
        out,
        "| `{SECRET_VARIABLE}` | the secret that signs access tokens, 32 bytes or more; without it, a key and \
         a file one is made and kept in the data directory, readable by its owner only |"
    );
    let defaults = table(&Config::default());
    for section in SECTIONS {
        if section.name.is_empty() {
            out.push_str("\n## Before the first table\n");
        } else {
            let _ = writeln!(out, "\n## `[{}]`", section.name);
        }
        let defaults = match section.name {
            "" => &defaults,
            name => at(&defaults, name).and_then(Value::as_table).unwrap(),
        };
        write_table(&mut out, section, defaults, false);
    }
    for (section, defaults) in LISTS.into_iter().zip([
        table(&PriceSettings::default()),
        table(&JudgeSettings::default()),
    ]) {
        let _ = writeln!(out, "\n## `[[{}]]`", section.name);
        if section.name == "judges" {
            out.push_str(
                "\nThe offline judges always exist; an entry with the name of one replaces it. `name` and \
                 `kind` are required.\n",
            );
        }
        write_table(&mut out, section, &defaults, section.name == "judges");
    }
    out
}

fn write_table(out: &mut String, section: &Section, defaults: &toml::Table, with_kinds: bool) {
    if !section.note.is_empty() {
        let mut note = section.note.chars();
        let first = note.next().map(|first| first.to_uppercase().to_string());
        let _ = writeln!(out, "\n{}{}.", first.unwrap_or_default(), note.as_str());
    }
    let (title, rule) = if with_kinds {
        (" kinds |", "---|")
    } else {
        ("", "")
    };
    let _ = writeln!(
        out,
        "\n| key | default | range |{title} what |\n|---|---|---|{rule}---|"
    );
    for key in section.keys {
        let kinds = match key.kinds {
            _ if !with_kinds => "",
            Kinds::All => " all |",
            Kinds::Online | Kinds::OnlineOnly => " language models |",
            Kinds::FilesOnly => " `nli`, `spans` |",
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {} |{kinds} {} |",
            key.name,
            default_of(section, key, defaults),
            key.ranges
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
            key.paragraphs().join(" ")
        );
    }
}

fn default_of(section: &Section, key: &Key, defaults: &toml::Table) -> String {
    let has_to_be_given = section.name == "judges" && matches!(key.name, "name" | "kind")
        || section.name == "prices" && key.name == "model";
    match defaults.get(key.name).unwrap() {
        _ if has_to_be_given => String::new(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Table(table) if table.is_empty() => "none".to_owned(),
        Value::String(text) => format!("`{text}`"),
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| format!("`{}`", item.as_str().unwrap()));
            items.collect::<Vec<_>>().join(", ")
        }
        other => format!("`{other}`"),
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the variable is the test's own, not a setting"
)]
fn the_reference_page_is_made_from_the_declarations() {
    let page = page();
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::create_dir_all(Path::new(PAGE).parent().unwrap()).unwrap();
        fs::write(PAGE, &page).unwrap();
    }
    let kept = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        kept == page,
        "write it anew: UPDATE_REFERENCE=1 cargo test --lib reference_page"
    );
}
