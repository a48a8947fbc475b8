//! Merges the sources of settings: flags take precedence over the environment, the file and the
//! defaults, in this order.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::{Table, Value};

use super::declare::join;
use super::effective::Config;
use super::judge::{JudgeKind, JudgeSettings};
use super::money::PriceSettings;
use super::overlay::Overlay;
use super::problem::{Findings, Origin, Problems};
use super::secret::MIN_SECRET_BYTES;
use super::sections::Runs;
use super::suggest::nearest;
use super::{check, check_fleet, check_judges, check_money, checkers, file};

/// The sources of settings. It holds the whole environment, with its secrets, so it must not be
/// printed.
#[derive(Clone, Default)]
pub(crate) struct Sources {
    /// The file of `--config`.
    pub file: Option<PathBuf>,
    pub env: BTreeMap<String, String>,
    /// Pairs of a key such as `server.bind` and its value, in the text form of environment
    /// variables.
    pub flags: Vec<(String, String)>,
}

impl Sources {
    /// Adds the process's environment to the arguments of the command line.
    pub(crate) fn from_process(file: Option<PathBuf>, flags: Vec<(String, String)>) -> Self {
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
pub(super) const SECRET_VARIABLE: &str = "AUDITOR_JWT_SECRET";

/// Environment variables with names outside of the `AUDITOR_SECTION__KEY` scheme, and their keys.
/// Empty ones count as absent.
pub(super) const VARIABLES: [(&str, &str); 4] = [
    ("AUDITOR_BIND", "server.bind"),
    ("AUDITOR_DATA_DIR", "data_dir"),
    ("AUDITOR_LOG", "telemetry.log"),
    ("DATABASE_URL", "database.url"),
];

impl Config {
    /// Merges all sources and checks the result.
    ///
    /// # Errors
    /// Returns all problems, in the order of the sources and then of the checks.
    pub(crate) fn load(sources: &Sources) -> Result<Self, Problems> {
        let mut findings = Findings::default();
        let mut settings = Overlay::<Config>::new("");
        let mut judges = JudgeSettings::offline();
        let mut prices = Vec::new();
        let mut file_is_whole = true;
        if let Some(path) = &sources.file {
            match file::read(path, &mut findings) {
                Ok(mut table) => {
                    lay_judges(table.remove("judges"), &mut judges, &mut findings);
                    lay_prices(table.remove("prices"), &mut prices, &mut findings);
                    settings.lay_table(table, &mut findings);
                }
                Err((place, what)) => {
                    findings.report(&place, what);
                    file_is_whole = false;
                }
            }
        }
        let foreign_variables = lay_environment(&sources.env, &mut settings, &mut findings);
        for (key, text) in &sources.flags {
            lay_text(key, text, Origin::Flag, &mut settings, &mut findings);
        }

        let Some(mut config) = settings.finish(&mut findings) else {
            return Err(Problems(findings.problems));
        };
        config.judges = judges;
        config.prices = prices;
        config.foreign_variables = foreign_variables;
        leave_out_neural(&mut config, &mut findings);
        take_secret(&sources.env, &mut config, &mut findings);
        settle_data_dir(&sources.env, &mut config, &mut findings);
        check::sections(&config, &mut findings);
        check_fleet::fleet(&config, &mut findings);
        check_judges::judges(&mut config, &sources.env, &mut findings);
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
}

/// Returns the tables of a list with their paths, such as `judges[0]`, and reports what is not a
/// table.
fn entries(name: &str, list: Option<Value>, findings: &mut Findings) -> Vec<(String, Table)> {
    let Some(Value::Array(list)) = list else {
        if list.is_some() {
            findings.report(name, format!("is a list of tables: write [[{name}]]"));
        }
        return Vec::new();
    };
    let mut entries = Vec::new();
    for (i, entry) in list.into_iter().enumerate() {
        let place = format!("{name}[{i}]");
        match entry {
            Value::Table(entry) => entries.push((place, entry)),
            _ => findings.report(&place, "is not a table"),
        }
    }
    entries
}

/// Adds the entries of `[[judges]]` to the offline judges. An entry with the name of an offline
/// judge replaces it.
fn lay_judges(list: Option<Value>, judges: &mut Vec<JudgeSettings>, findings: &mut Findings) {
    let mut names = HashSet::new();
    for (place, entry) in entries("judges", list, findings) {
        let Some(judge) = judge(&place, entry, findings) else {
            continue;
        };
        if !names.insert(judge.name.clone()) {
            let what = format!("there is another judge of the name `{}`", judge.name);
            findings.report(&join(&place, "name"), what);
            continue;
        }
        findings.judge_at(&judge.name, &place);
        match judges.iter_mut().find(|known| known.name == judge.name) {
            Some(known) => *known = judge,
            None => judges.push(judge),
        }
    }
}

fn judge(place: &str, entry: Table, findings: &mut Findings) -> Option<JudgeSettings> {
    let before = findings.problems.len();
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    for key in ["name", "kind"] {
        if !entry.contains_key(key) {
            findings.report(&join(place, key), "a judge needs one");
        }
    }
    let name = text("name").to_owned();
    let mut settings = Overlay::<JudgeSettings>::new(place);
    if entry.get("preset").is_some_and(Value::is_str) {
        match checkers::preset(text("preset"), text("kind")) {
            Ok(preset) => settings.preset(&preset),
            Err(what) => findings.report(&join(place, "preset"), what),
        }
    }
    settings.lay_table(entry, findings);
    if findings.problems.len() > before {
        // The invalid entry is kept under its name, so that uses of the name cause no further
        // problems.
        return (!name.is_empty()).then(|| JudgeSettings::new(name, JudgeKind::Lexical));
    }
    settings.finish(findings)
}

fn lay_prices(list: Option<Value>, prices: &mut Vec<PriceSettings>, findings: &mut Findings) {
    for (place, entry) in entries("prices", list, findings) {
        let before = findings.problems.len();
        let mut settings = Overlay::<PriceSettings>::new(&place);
        settings.lay_table(entry, findings);
        if findings.problems.len() == before
            && let Some(price) = settings.finish(findings)
        {
            check_money::price(&price, prices, &mut findings.of(&place));
            prices.push(price);
        }
    }
}

fn lay_text(
    key: &str,
    text: &str,
    origin: Origin,
    settings: &mut Overlay<Config>,
    findings: &mut Findings,
) {
    for list in ["judges", "prices"] {
        if key
            .strip_prefix(list)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        {
            findings.set_by(key, origin);
            return findings.report(key, format!("{list} are set in the file, as [[{list}]]"));
        }
    }
    settings.lay_text(key, text, origin, findings);
}

/// Applies the environment variables, and returns a warning for each ignored one whose name
/// resembles a known one.
fn lay_environment(
    env: &BTreeMap<String, String>,
    settings: &mut Overlay<Config>,
    findings: &mut Findings,
) -> Vec<String> {
    for (name, key) in VARIABLES {
        if let Some(text) = env.get(name).filter(|text| !text.is_empty()) {
            let origin = Origin::Environment(name.to_owned());
            lay_text(key, text, origin, settings, findings);
        }
    }
    let known = VARIABLES.map(|(name, _)| name);
    let known = || known.into_iter().chain([SECRET_VARIABLE]);
    let mut foreign = Vec::new();
    for (name, text) in env {
        let Some(rest) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if rest.contains("__") {
            let key = rest.to_ascii_lowercase().replace("__", ".");
            let origin = Origin::Environment(name.clone());
            lay_text(&key, text, origin, settings, findings);
        } else if !known().any(|known| known == name)
            // Another program's variable may have the same prefix, so this is no error; a likely
            // typing error is a warning.
            && let Some(meant) = nearest(rest, known().filter_map(|name| name.strip_prefix(PREFIX)))
        {
            foreign.push(format!(
                "the variable {name} is not one of ours and is ignored; {PREFIX}{meant} may be meant"
            ));
        }
    }
    foreign
}

/// Removes the judge of the built-in model if that model is disabled, also from the default panel
/// unless the panel is configured.
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
        findings.report(
            SECRET_VARIABLE,
            format!(
                "has {} bytes, needs {MIN_SECRET_BYTES} or more: `openssl rand -base64 32` makes one",
                secret.len()
            ),
        );
    }
    config.auth.jwt_secret = Some(SecretString::from(secret));
}

/// Sets the data directory if it is not configured: systemd's state directory, or else that of the
/// XDG Base Directory Specification.
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
    let auth = &config.auth;
    let needs_secret =
        auth.jwt_secret.is_none() && auth.signing_key_file.is_none() && auth.secret_file.is_none();
    if let Some(directory) = found {
        config.data_dir = directory;
    } else if config.database.url.is_empty() || needs_secret {
        let what = "there is no home directory to derive it from: set AUDITOR_DATA_DIR";
        findings.report("data_dir", what);
    }
}
