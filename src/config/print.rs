//! Writes the configuration as a TOML file with a comment on each key, for `--print-config`.

use std::fmt::Write;

use serde::Serialize;
use toml::{Table, Value};

use super::declare::{Key, Kinds, Section, join};
use super::effective::Config;
use super::judge::JudgeSettings;
use super::money::PriceSettings;
use super::sections::SECTIONS;
use super::{overlay, secret};

/// Column at which the comment of a short line begins.
const COMMENT_COLUMN: usize = 34;

const HEAD: &str = "\
# Configuration of judge-auditor. The command line overrides environment variables, and these override this file.
# Each key has a variable AUDITOR_SECTION__KEY, such as AUDITOR_LIMITS__COMMANDS_PER_SECOND=50; commas separate the
# items of a list.
";

const PRICES: &str = "# Prices of models; a model without a price has no cost in the results:\n";

const PRICE: &str = r#"
model = "gpt-6-luna"
input_usd_per_million = 0.10
output_usd_per_million = 0.50
kind = "openai"
"#;

const JUDGES: &str = "\
# Judges in addition to the offline judges neural, facts, logic and lexical (also called novelty), which always
# exist; an entry with one of these names replaces it:
";

const LANGUAGE_MODEL: &str = r#"
name = "gpt-6-luna"
kind = "openai"
base_url = "https://api.openai.com/v1"
model = "gpt-6-luna"
api_key_env = "OPENAI_API_KEY"
api_key_header = "api-key"
headers = { X-Title = "Audit" }
ca_file = "/etc/ssl/own-ca.pem"
rubric_file = "rubric.txt"
"#;

const OWN_MODEL: &str = r#"
name = "deberta"
kind = "nli"
preset = "deberta-mnli"
folder = "/var/lib/models/deberta"
labels = ["entailment", "neutral", "contradiction"]
"#;

impl Config {
    /// Writes the effective configuration as a commented TOML file without secrets: passwords in
    /// the addresses of the database and of NATS are masked, and keys appear only as the names of
    /// their variables or files.
    pub(crate) fn to_toml(&self) -> String {
        let mut masked = self.clone();
        masked.database.url = secret::mask_url(&masked.database.url);
        masked.database.direct_url = secret::mask_url(&masked.database.direct_url);
        masked.fleet.bus = masked.fleet.bus.masked();
        let table = overlay::table(&masked);
        let mut out = HEAD.to_owned();
        for section in SECTIONS {
            if !section.name.is_empty() {
                let note = match section.note {
                    "" => String::new(),
                    note => format!("  # {note}"),
                };
                let _ = writeln!(out, "\n[{}]{note}", section.name);
            }
            for key in section.keys {
                if let Some(value) = overlay::at(&table, &join(section.name, key.name)) {
                    write_commented(&mut out, &format!("{} = {value}", key.name), key);
                }
            }
        }
        out.push('\n');
        out.push_str(PRICES);
        write_example(
            &mut out,
            PRICE,
            &PriceSettings::SECTION,
            &PriceSettings::default(),
        );
        for price in &self.prices {
            write_entry(&mut out, &PriceSettings::SECTION, &overlay::table(price));
        }
        out.push('\n');
        out.push_str(JUDGES);
        for example in [LANGUAGE_MODEL, OWN_MODEL] {
            write_example(
                &mut out,
                example,
                &JudgeSettings::SECTION,
                &JudgeSettings::default(),
            );
        }
        for judge in &self.judges {
            let defaults = overlay::table(&JudgeSettings::new("", judge.kind));
            let mut table = overlay::table(judge);
            table.retain(|key, value| key == "kind" || defaults.get(key) != Some(value));
            write_entry(&mut out, &JudgeSettings::SECTION, &table);
        }
        out
    }
}

/// Writes a commented-out entry of a list: the values of the example, and the nonempty defaults of
/// the other settings that apply to it.
fn write_example(out: &mut String, example: &str, section: &Section, defaults: &impl Serialize) {
    let example: Table = example.parse().expect("the example is a table");
    let defaults = overlay::table(defaults);
    let with_files = example.contains_key("preset");
    let _ = writeln!(out, "# [[{}]]", section.name);
    for key in section.keys {
        let usual = defaults.get(key.name).filter(|usual| {
            // Settings of all judges appear only in the example of a language model.
            with_files == (key.kinds == Kinds::FilesOnly) && !is_empty(usual)
        });
        if let Some(value) = example.get(key.name).or(usual) {
            write_commented(out, &format!("# {} = {value}", key.name), key);
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Table(table) => table.is_empty(),
        _ => false,
    }
}

fn write_commented(out: &mut String, line: &str, key: &Key) {
    let comment = key.paragraphs().swap_remove(0);
    let width = line.chars().count();
    let _ = if width < COMMENT_COLUMN {
        let gap = COMMENT_COLUMN - width;
        writeln!(out, "{line}{:gap$}# {comment}", "")
    } else if line.starts_with('#') {
        // The line is a comment itself: a comment above it would look like part of it.
        writeln!(out, "{line}  # {comment}")
    } else {
        writeln!(out, "# {comment}\n{line}")
    };
}

fn write_entry(out: &mut String, section: &Section, table: &Table) {
    let _ = writeln!(out, "\n[[{}]]", section.name);
    for key in section.keys {
        if let Some(value) = table.get(key.name) {
            let _ = writeln!(out, "{} = {value}", key.name);
        }
    }
}
