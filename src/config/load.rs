//! Laying flag over environment over file over default.
//!
//! The serialised defaults are the schema: each value that a source gives is tried alone on them,
//! so that a wrong one is known by its key and does not hide the others.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::{Table, Value};

use super::file::{FileSource, read_file};
use super::judge::{JudgeKind, JudgeSettings};
use super::money::PriceSettings;
use super::problem::{Findings, Origin, Problems};
use super::schema::{at, join, judge_schema, leaves, message, parse, put, schema};
use super::secret::MIN_SECRET_BYTES;
use super::suggest::nearest;
use super::{Config, Runs, check, check_limits, check_money, checkers};

/// Where settings come from. Holds the whole environment, so it is never printed.
#[derive(Clone, Default)]
pub struct Sources {
    /// `--config`
    pub file: Option<PathBuf>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// `section.key` and its value as text, as an environment variable would give it.
    pub flags: Vec<(String, String)>,
}

impl Sources {
    /// The real environment beside what the command line gave.
    pub fn from_process(file: Option<PathBuf>, flags: Vec<(String, String)>) -> Self {
        let env = std::env::vars_os()
            .map(|(name, value)| {
                (
                    name.to_string_lossy().into_owned(),
                    value.to_string_lossy().into_owned(),
                )
            })
            .collect();
        Self { file, env, flags }
    }
}

const PREFIX: &str = "AUDITOR_";
const SECRET_VARIABLE: &str = "AUDITOR_JWT_SECRET";

/// Variables with a name of their own; empty ones count as absent.
const VARIABLES: [(&str, &str); 4] = [
    ("AUDITOR_BIND", "server.bind"),
    ("AUDITOR_DATA_DIR", "data_dir"),
    ("AUDITOR_LOG", "telemetry.log"),
    ("DATABASE_URL", "database.url"),
];

/// The lists of tables in the file.
struct Lists {
    judges: Vec<JudgeSettings>,
    prices: Vec<PriceSettings>,
}

pub(super) fn load(sources: &Sources) -> Result<Config, Problems> {
    let mut overlay = Overlay::new();
    let mut lists = Lists {
        judges: JudgeSettings::offline(),
        prices: Vec::new(),
    };
    let mut file_is_whole = true;
    if let Some(path) = &sources.file {
        match read_file(path) {
            Ok((table, lines)) => {
                let file = FileSource {
                    path,
                    lines: &lines,
                };
                overlay.lay_file(&file, table, &mut lists);
            }
            Err((place, what)) => {
                overlay.findings.report_at(place, what);
                file_is_whole = false;
            }
        }
    }
    overlay.lay_environment(&sources.env);
    for (key, text) in &sources.flags {
        overlay.lay_text(key, text, Origin::Flag);
    }

    let Overlay {
        effective,
        mut findings,
        foreign,
        ..
    } = overlay;
    let mut config: Config = match effective.try_into() {
        Ok(config) => config,
        // Each value was tried before it was laid, so this is two values that exclude each other.
        Err(error) => {
            findings.report_at("configuration".to_owned(), message(&error));
            return Err(Problems(findings.problems));
        }
    };
    config.judges = lists.judges;
    config.prices = lists.prices;
    config.foreign_variables = foreign;
    leave_out_neural(&mut config, &mut findings);
    take_secret(&sources.env, &mut config, &mut findings);
    settle_data_dir(&sources.env, &mut config, &mut findings);
    check::sections(&config, &mut findings);
    check::judges(&mut config, &sources.env, &mut findings);
    check_limits::judges(&config, &mut findings);
    check_money::budgets(&config, &mut findings);
    if file_is_whole {
        check::default_judges(&config, &mut findings);
    }
    if findings.problems.is_empty() {
        Ok(config)
    } else {
        Err(Problems(findings.problems))
    }
}

/// Where the model in the binary is not used, its judge is not there, and not in the panel that nobody chose.
fn leave_out_neural(config: &mut Config, findings: &mut Findings) {
    if config.neural.enabled {
        return;
    }
    let own = JudgeKind::Neural;
    let foreign = |judge: &&JudgeSettings| judge.kind == own && judge.name != own.as_str();
    if let Some(judge) = config.judges.iter().find(foreign) {
        let what = format!("the judge `{}` needs `enabled = true` here", judge.name);
        findings.report("neural.enabled", what);
    }
    config.judges.retain(|judge| judge.name != own.as_str());
    let names = &mut config.runs.default_judges;
    if *names == Runs::default().default_judges {
        names.retain(|name| name != own.as_str());
    }
}

fn take_secret(env: &BTreeMap<String, String>, config: &mut Config, findings: &mut Findings) {
    let secret = env.get(SECRET_VARIABLE).map_or("", |text| text.trim());
    if secret.is_empty() {
        return;
    }
    if secret.len() < MIN_SECRET_BYTES {
        findings.report_at(
            SECRET_VARIABLE.to_owned(),
            format!(
                "has {} bytes, needs {MIN_SECRET_BYTES} or more: `openssl rand -base64 32` makes one",
                secret.len()
            ),
        );
    }
    config.auth.jwt_secret = Some(SecretString::from(secret));
}

/// The directory that was asked for, or systemd's, or the one of the XDG base directory
/// specification.
fn settle_data_dir(env: &BTreeMap<String, String>, config: &mut Config, findings: &mut Findings) {
    if !config.data_dir.as_os_str().is_empty() {
        return;
    }
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    let found = if let Some(directories) = set("STATE_DIRECTORY") {
        directories.split(':').next().map(PathBuf::from)
    } else if let Some(base) = set("XDG_DATA_HOME").filter(|base| Path::new(base).is_absolute()) {
        Some(Path::new(base).join("judge-auditor"))
    } else {
        set("HOME").map(|home| Path::new(home).join(".local/share/judge-auditor"))
    };
    match found {
        Some(directory) => config.data_dir = directory,
        None => {
            let auth = &config.auth;
            let needs_secret = auth.jwt_secret.is_none()
                && auth.signing_key_file.is_none()
                && auth.secret_file.is_none();
            if config.database.url.is_empty() || needs_secret {
                findings.report(
                    "data_dir",
                    "there is no home directory to derive it from: set AUDITOR_DATA_DIR",
                );
            }
        }
    }
}

struct Overlay {
    /// The defaults.
    schema: Table,
    /// The defaults and what was laid on them.
    effective: Table,
    findings: Findings,
    /// What to say of variables that are not ours and look as if they were meant to be.
    foreign: Vec<String>,
}

impl Overlay {
    fn new() -> Self {
        let schema = schema();
        Self {
            effective: schema.clone(),
            schema,
            findings: Findings::default(),
            foreign: Vec::new(),
        }
    }

    fn lay_file(&mut self, file: &FileSource<'_>, mut table: Table, lists: &mut Lists) {
        if let Some(value) = table.remove("judges") {
            self.lay_judges(file, value, &mut lists.judges);
        }
        if let Some(value) = table.remove("prices") {
            self.lay_prices(file, value, &mut lists.prices);
        }
        self.lay_table(file, "", table);
    }

    fn lay_table(&mut self, file: &FileSource<'_>, prefix: &str, table: Table) {
        for (name, value) in table {
            let key = join(prefix, &name);
            match (at(&self.schema, &key), value) {
                (Some(Value::Table(_)), Value::Table(inner)) => {
                    self.lay_table(file, &key, inner);
                }
                (_, value) => self.lay(&key, value, file.origin(&key)),
            }
        }
    }

    /// Each entry on the defaults of its kind; one of an offline judge's name takes its place.
    fn lay_judges(&mut self, file: &FileSource<'_>, value: Value, judges: &mut Vec<JudgeSettings>) {
        self.findings.set_by("judges", file.origin("judges"));
        let Value::Array(entries) = value else {
            self.findings
                .report("judges", "is a list of tables: write [[judges]]");
            return;
        };
        let mut names = HashSet::new();
        for (i, entry) in entries.into_iter().enumerate() {
            let prefix = format!("judges[{i}]");
            self.findings.set_by(&prefix, file.origin(&prefix));
            let Value::Table(entry) = entry else {
                self.findings.report(&prefix, "is not a table");
                continue;
            };
            let Some(judge) = self.judge(file, &prefix, entry) else {
                continue;
            };
            if !names.insert(judge.name.clone()) {
                self.findings.report(
                    &join(&prefix, "name"),
                    format!("there is another judge of the name `{}`", judge.name),
                );
                continue;
            }
            self.findings.judge_at(&judge.name, &prefix);
            match judges.iter_mut().find(|known| known.name == judge.name) {
                Some(known) => *known = judge,
                None => judges.push(judge),
            }
        }
    }

    fn lay_prices(&mut self, file: &FileSource<'_>, value: Value, prices: &mut Vec<PriceSettings>) {
        self.findings.set_by("prices", file.origin("prices"));
        let Value::Array(entries) = value else {
            self.findings
                .report("prices", "is a list of tables: write [[prices]]");
            return;
        };
        for (i, entry) in entries.into_iter().enumerate() {
            let prefix = format!("prices[{i}]");
            self.findings.set_by(&prefix, file.origin(&prefix));
            match entry.try_into::<PriceSettings>() {
                Ok(price) => match check_money::price(&price, prices) {
                    Ok(()) => prices.push(price),
                    Err(what) => self.findings.report(&prefix, what),
                },
                Err(error) => self.findings.report(&prefix, message(&error)),
            }
        }
    }

    fn judge(
        &mut self,
        file: &FileSource<'_>,
        prefix: &str,
        entry: Table,
    ) -> Option<JudgeSettings> {
        let schema = judge_schema();
        let mut effective = schema.clone();
        let before = self.findings.problems.len();
        for name in ["name", "kind"] {
            if !entry.contains_key(name) {
                self.findings
                    .report(&join(prefix, name), "a judge needs one");
            }
        }
        if let Some(preset) = entry.get("preset").and_then(Value::as_str) {
            let kind = entry.get("kind").and_then(Value::as_str).unwrap_or("");
            match checkers::named(preset, kind) {
                Ok(checker) => checker.lay(&mut effective),
                Err(what) => {
                    let key = join(prefix, "preset");
                    self.findings.set_by(&key, file.origin(&key));
                    self.findings.report(&key, what);
                }
            }
        }
        for (name, value) in entry {
            let key = join(prefix, &name);
            self.findings.set_by(&key, file.origin(&key));
            if !schema.contains_key(&name) {
                let known = nearest(&name, schema.keys().map(String::as_str));
                self.findings
                    .report(&key, unknown_key(known, schema.keys()));
                continue;
            }
            let mut trial = schema.clone();
            trial.insert(name.clone(), value.clone());
            match trial.try_into::<JudgeSettings>() {
                Ok(_) => {
                    effective.insert(name, value);
                }
                Err(error) => self.findings.report(&key, message(&error)),
            }
        }
        if self.findings.problems.len() > before {
            // Its name still counts, so that nothing is reported twice.
            let name = effective.get("name").and_then(Value::as_str)?;
            return (!name.is_empty()).then(|| JudgeSettings::new(name, JudgeKind::Lexical));
        }
        effective.try_into().ok()
    }

    fn lay_environment(&mut self, env: &BTreeMap<String, String>) {
        for (name, key) in VARIABLES {
            if let Some(text) = env.get(name).filter(|text| !text.is_empty()) {
                self.lay_text(key, text, Origin::Environment(name.to_owned()));
            }
        }
        for (name, text) in env {
            let Some(rest) = name.strip_prefix(PREFIX) else {
                continue;
            };
            if rest.contains("__") {
                let key = rest.to_ascii_lowercase().replace("__", ".");
                self.lay_text(&key, text, Origin::Environment(name.clone()));
                continue;
            }
            let known = || {
                VARIABLES
                    .iter()
                    .map(|(name, _)| *name)
                    .chain([SECRET_VARIABLE])
                    .filter_map(|name| name.strip_prefix(PREFIX))
            };
            if known().any(|known| known == rest) {
                continue;
            }
            // Somebody else's variable may begin alike, so that it is no error; a slip of the pen is told.
            if let Some(meant) = nearest(rest, known()) {
                self.foreign.push(format!(
                    "the variable {name} is not one of ours and is ignored; {PREFIX}{meant} may be meant"
                ));
            }
        }
    }

    fn lay_text(&mut self, key: &str, text: &str, origin: Origin) {
        let value = match at(&self.schema, key) {
            Some(default) => parse(text, default),
            // `lay` says that the key is unknown.
            None => Ok(Value::String(text.to_owned())),
        };
        match value {
            Ok(value) => self.lay(key, value, origin),
            Err(what) => {
                self.findings.set_by(key, origin);
                self.findings.report(key, what);
            }
        }
    }

    fn lay(&mut self, key: &str, value: Value, origin: Origin) {
        self.findings.set_by(key, origin);
        match at(&self.schema, key) {
            None => {
                let what = self.unknown(key);
                self.findings.report(key, what);
                return;
            }
            Some(Value::Table(_)) => {
                self.findings
                    .report(key, format!("is a section: write [{key}]"));
                return;
            }
            Some(_) => {}
        }
        let mut trial = self.schema.clone();
        put(&mut trial, key, value.clone());
        match trial.try_into::<Config>() {
            Ok(_) => put(&mut self.effective, key, value),
            Err(error) => self.findings.report(key, message(&error)),
        }
    }

    fn unknown(&self, key: &str) -> String {
        if key == "prices" || key.starts_with("prices.") {
            return "prices are set in the file, as [[prices]]".to_owned();
        }
        if key == "judges" || key.starts_with("judges.") || key.starts_with("judges[") {
            return "judges are set in the file, as [[judges]]".to_owned();
        }
        let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
        let siblings = if section.is_empty() {
            Some(&self.schema)
        } else {
            at(&self.schema, section).and_then(Value::as_table)
        };
        let Some(siblings) = siblings else {
            let mut keys = Vec::new();
            leaves("", &self.schema, &mut keys);
            let known = nearest(key, keys.iter().map(String::as_str));
            return match known {
                Some(known) => format!("unknown key; `{known}` may be meant"),
                None => format!("unknown section; known are {}", list(self.schema.keys())),
            };
        };
        let elsewhere = || {
            let mut keys = Vec::new();
            leaves("", &self.schema, &mut keys);
            keys.into_iter()
                .find(|known| known.rsplit('.').next() == Some(name))
        };
        if let Some(known) = nearest(name, siblings.keys().map(String::as_str)) {
            return format!("unknown key; `{}` may be meant", join(section, known));
        }
        match elsewhere() {
            Some(known) => format!("unknown key; `{known}` may be meant"),
            None => unknown_key(None, siblings.keys()),
        }
    }
}

fn unknown_key<'a>(meant: Option<&str>, known: impl Iterator<Item = &'a String>) -> String {
    match meant {
        Some(meant) => format!("unknown key; `{meant}` may be meant"),
        None => format!("unknown key; known are {}", list(known)),
    }
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}
