//! The configuration as a whole: sources, precedence, problems, printing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::declare::Section;
use super::declare::join;
use super::overlay::{at, leaves, table};
use super::sections::SECTIONS;
use super::*;

mod judges;
mod problems;
mod reference;

/// The tables that the file may have several times.
const LISTS: [&Section; 2] = [&PriceSettings::SECTION, &JudgeSettings::SECTION];

/// Sources of a test: a home directory, a file with this text, variables, flags.
struct Setup {
    dir: TempDir,
    sources: Sources,
}

impl Setup {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut sources = Sources::default();
        sources
            .env
            .insert("HOME".to_owned(), dir.path().display().to_string());
        Self { dir, sources }
    }

    fn file(mut self, text: &str) -> Self {
        let path = self.dir.path().join("auditor.toml");
        fs::write(&path, text).unwrap();
        self.sources.file = Some(path);
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.sources.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn flag(mut self, key: &str, value: &str) -> Self {
        self.sources.flags.push((key.to_owned(), value.to_owned()));
        self
    }

    fn load(&self) -> Config {
        Config::load(&self.sources).unwrap()
    }

    /// The problems, without the directory of the test.
    fn problems(&self) -> Vec<String> {
        let problems = Config::load(&self.sources).err().map(|all| all.0);
        problems
            .unwrap_or_default()
            .iter()
            .map(|problem| self.without_directory(&problem.to_string()))
            .collect()
    }

    /// What is printed of them, without the directory of the test.
    fn complaint(&self) -> String {
        let problems = Config::load(&self.sources).expect_err("a problem");
        self.without_directory(&problems.to_string())
    }

    fn without_directory(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.dir.path().display()), "")
    }
}

#[test]
fn nothing_given_means_the_defaults() {
    let setup = Setup::new();
    let config = setup.load();
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:8000");
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.auth.access_ttl().as_secs(), 900);
    let names: Vec<&str> = config.judges.iter().map(|judge| &*judge.name).collect();
    assert_eq!(names, ["neural", "facts", "logic", "lexical", "novelty"]);
    assert_eq!(config.runs.default_judges, names[..4]);
    let data_dir = setup.dir.path().join(".local/share/judge-auditor");
    assert_eq!(config.data_dir, data_dir);
    assert_eq!(
        config.database_url(),
        format!("sqlite:{}/judge-auditor.db", data_dir.display())
    );
}

#[test]
fn a_flag_wins_over_the_environment_over_the_file() {
    let file = "[server]\nbind = \"127.0.0.1:1\"\ndrain_ms = 1\n[limits]\ncommands_burst = 1\n";
    let setup = Setup::new().file(file);
    assert_eq!(setup.load().server.bind.port(), 1);
    let setup = setup
        .env("AUDITOR_BIND", "127.0.0.1:2")
        .env("AUDITOR_SERVER__DRAIN_MS", "2")
        .env("AUDITOR_METRICS__HALLUCINATION_WEIGHTS__ISSUES", "0.5");
    let config = setup.load();
    assert_eq!((config.server.bind.port(), config.server.drain_ms), (2, 2));
    assert_eq!(config.metrics.hallucination_weights.issues, 0.5);
    let config = setup.flag("server.bind", "[::1]:3").load();
    assert_eq!(config.server.bind.to_string(), "[::1]:3");
    assert_eq!(
        (config.server.drain_ms, config.limits.commands_burst),
        (2, 1)
    );
}

#[test]
fn each_key_of_the_file_has_a_variable() {
    let table = table(&Config::default());
    let mut keys = Vec::new();
    leaves("", &table, &mut keys);
    assert!(keys.len() > 30, "{keys:?}");
    for key in keys {
        let name = if key.contains('.') {
            format!("AUDITOR_{}", key.to_uppercase().replace('.', "__"))
        } else {
            format!("AUDITOR_{}", key.to_uppercase())
        };
        let text = match at(&table, &key).unwrap() {
            toml::Value::String(text) => text.clone(),
            toml::Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(", "),
            other => other.to_string(),
        };
        let setup = Setup::new().env(&name, &text);
        assert_eq!(setup.problems(), Vec::<String>::new(), "{name}={text}");
    }
}

#[test]
fn no_limit_and_no_listener_are_allowed() {
    let config = Setup::new()
        .env("AUDITOR_LIMITS__COMMANDS_PER_SECOND", "0")
        .env("AUDITOR_LIMITS__COMMANDS_BURST", "0")
        .env("AUDITOR_LIMITS__OUTBOUND_BYTES", "0")
        .env("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "")
        .env("AUDITOR_SERVER__ALLOWED_ORIGINS", "")
        .load();
    assert_eq!(config.limits.commands_per_second, 0);
    assert_eq!(config.telemetry.prometheus_bind, None);
    assert!(config.server.allowed_origins.is_empty());
}

#[test]
fn the_data_directory_follows_its_rules() {
    let with = |pairs: &[(&str, &str)]| {
        let env = pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned()));
        Config::load(&Sources {
            env: env.collect::<BTreeMap<_, _>>(),
            ..Sources::default()
        })
        .map(|config| config.data_dir)
    };
    let home = ("HOME", "/home/a");
    let xdg = ("XDG_DATA_HOME", "/data");
    let state = ("STATE_DIRECTORY", "/var/lib/x:/var/lib/y");
    let own = ("AUDITOR_DATA_DIR", "/own");
    assert_eq!(
        with(&[home]).unwrap(),
        Path::new("/home/a/.local/share/judge-auditor")
    );
    assert_eq!(
        with(&[home, xdg]).unwrap(),
        Path::new("/data/judge-auditor")
    );
    assert_eq!(with(&[home, xdg, state]).unwrap(), Path::new("/var/lib/x"));
    assert_eq!(with(&[home, xdg, state, own]).unwrap(), Path::new("/own"));
    // The specification wants a relative one to be ignored.
    assert!(
        with(&[home, ("XDG_DATA_HOME", "data")])
            .unwrap()
            .starts_with("/home/a")
    );
    assert_eq!(with(&[]).unwrap_err().0[0].place, "data_dir");
    let enough = [
        ("DATABASE_URL", "postgres://h/d"),
        ("AUDITOR_JWT_SECRET", "0123456789abcdef0123456789abcdef"),
    ];
    assert_eq!(with(&enough).unwrap(), Path::new(""));
}

const TWO_JUDGES: &str = r#"
[[judges]]
name = "big"
kind = "openai"
base_url = "https://api.example/v1"
model = "large"
api_key_env = "BIG_KEY"
weight = 2

[[judges]]
name = "local"
kind = "openai"
base_url = "http://ollama:11434/v1"
model = "llama3.2:3b"

[[judges]]
name = "facts"
kind = "facts"
weight = 0.5
"#;

#[test]
fn judges_of_the_file_join_the_offline_ones() {
    let config = Setup::new()
        .file(TWO_JUDGES)
        .env("BIG_KEY", " key-of-big\n")
        .load();
    let names: Vec<&str> = config.judges.iter().map(|judge| &*judge.name).collect();
    assert_eq!(
        names,
        [
            "neural", "facts", "logic", "lexical", "novelty", "big", "local"
        ]
    );
    assert_eq!(config.judge("facts").unwrap().weight, 0.5);
    let big = config.judge("big").unwrap();
    assert_eq!(
        (big.weight, big.max_tokens, big.timeout().as_secs()),
        (2.0, 2048, 60)
    );
    assert_eq!(big.api_key.as_ref().unwrap().expose_secret(), "key-of-big");
    assert!(config.judge("local").unwrap().api_key.is_none());
}

#[test]
fn a_rubric_is_read_when_the_server_starts() {
    let setup = Setup::new();
    let path = setup.dir.path().join("rubric.txt");
    let file = TWO_JUDGES.replace(
        "name = \"local\"\n",
        &format!("name = \"local\"\nrubric_file = \"{}\"\n", path.display()),
    );
    let setup = setup.file(&file).env("BIG_KEY", "key");
    fs::write(&path, "\u{feff}Only dates count.\n").unwrap();
    let config = setup.load();
    let local = config.judge("local").unwrap();
    assert_eq!(local.rubric.as_deref(), Some("Only dates count."));
    assert_eq!(config.judge("big").unwrap().rubric, None);
    for (bytes, what) in [
        (b" \n".to_vec(), "is empty"),
        (vec![b'x', 0xff], "is not UTF-8"),
        (vec![b'x'; 20_001], "is longer than 20000 characters"),
        (vec![b'x'; 100_000], "is longer than 20000 characters"),
    ] {
        fs::write(&path, bytes).unwrap();
        let problems = setup.problems();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("rubric_file"), "{problems:?}");
        assert!(problems[0].ends_with(what), "{problems:?}");
    }
    fs::remove_file(&path).unwrap();
    assert!(setup.problems()[0].contains("can't be read"));
    fs::write(&path, "fine").unwrap();
    let offline = file.replace(
        "kind = \"facts\"\n",
        &format!("kind = \"facts\"\nrubric_file = \"{}\"\n", path.display()),
    );
    let problems = Setup::new().file(&offline).env("BIG_KEY", "key").problems();
    assert!(
        problems[0].ends_with("kind `facts` reads no rubric"),
        "{problems:?}"
    );
}

#[test]
fn keys_are_read_from_files_and_wrong_ones_never_repeated() {
    let setup = Setup::new();
    let path = setup.dir.path().join("key");
    fs::write(&path, "key-of-big\n").unwrap();
    let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    fs::set_permissions(&path, mode(0o600)).unwrap();
    let from_file = TWO_JUDGES.replace(
        "api_key_env = \"BIG_KEY\"",
        &format!("api_key_file = \"{}\"", path.display()),
    );
    let setup = setup.file(&from_file);
    let config = setup.load();
    let big = config.judge("big").unwrap();
    assert_eq!(big.api_key.as_ref().unwrap().expose_secret(), "key-of-big");
    fs::set_permissions(&path, mode(0o644)).unwrap();
    let problems = setup.problems();
    assert!(
        problems[0].starts_with("judges[0].api_key_file (auditor.toml:7): ")
            && problems[0]
                .contains("everybody on this machine can read or change the key (mode 0644)")
            && !problems[0].contains("key-of-big"),
        "{problems:?}"
    );

    let key = "sk-verysecret123";
    for (text, value) in [
        (TWO_JUDGES.replace("BIG_KEY", key), ""),
        (TWO_JUDGES.to_owned(), "sk-verysecret123 trailing"),
        (TWO_JUDGES.to_owned(), ""),
    ] {
        let problems = Setup::new().file(&text).env("BIG_KEY", value).problems();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("judges[0].api_key_env (auditor.toml:7): "));
        assert!(!problems[0].contains("verysecret"), "{problems:?}");
    }
    let without = TWO_JUDGES.replace("api_key_env = \"BIG_KEY\"\n", "");
    let problems = Setup::new().file(&without).problems();
    assert!(
        problems[0].starts_with("judges[0] (auditor.toml:2): no key: "),
        "{problems:?}"
    );
}

#[test]
fn secrets_are_never_shown() {
    let secret = "0123456789abcdef0123456789abcdef";
    let config = Setup::new()
        .file(TWO_JUDGES)
        .env("BIG_KEY", "key-of-big")
        .env("AUDITOR_JWT_SECRET", secret)
        .env("DATABASE_URL", "postgres://me:hunter22@db/audits")
        .load();
    let Ok(KeyMaterial::Secret(current)) = config.current_key() else {
        panic!("no secret");
    };
    assert_eq!(current.expose_secret(), secret);
    for shown in [
        config.to_toml(),
        format!("{config:?}"),
        format!("{config:#?}"),
    ] {
        for hidden in ["key-of-big", secret, "hunter22"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert!(shown.contains("postgres://me:***@db/audits"), "{shown}");
    }
}

#[test]
fn what_is_printed_loads_again_to_the_same() {
    let setup = Setup::new();
    let default = setup.load();
    for config in [
        Config::default(),
        default.clone(),
        Setup::new().file(TWO_JUDGES).env("BIG_KEY", "k").load(),
    ] {
        let printed = config.to_toml();
        let again = Setup::new().file(&printed).env("BIG_KEY", "k").load();
        if config.data_dir.as_os_str().is_empty() {
            assert_eq!(again.limits, default.limits);
            assert_eq!(again.judges.len(), 5);
        } else {
            assert_eq!(again.to_toml(), printed);
            assert_eq!(format!("{again:?}"), format!("{config:?}"));
        }
    }
}

/// The entries that are printed as comments are good once their files are there.
#[test]
fn the_printed_examples_can_be_used() {
    let printed = Config::default().to_toml();
    let mut examples = String::new();
    let mut inside = false;
    for line in printed.lines() {
        inside = line.starts_with("# [[") || inside && line.starts_with("# ");
        if inside && let Some(line) = line.strip_prefix("# ") {
            examples.push_str(line);
            examples.push('\n');
        }
    }
    assert_eq!(examples.matches("[[judges]]").count(), 2, "{examples}");
    assert_eq!(examples.matches("[[prices]]").count(), 1, "{examples}");
    let setup = Setup::new().file(&examples).env("OPENAI_API_KEY", "k");
    for problem in setup.problems() {
        let is_file = problem.contains("can't be read") || problem.contains("there is no file");
        assert!(is_file, "{problem}\n{examples}");
    }
}

/// A table that is declared by hand, or left out of the list, would be neither printed nor checked.
#[test]
fn each_key_is_declared() {
    let mut known = Vec::new();
    leaves("", &table(&Config::default()), &mut known);
    let declared = SECTIONS
        .iter()
        .flat_map(|section| section.keys.iter().map(|key| join(section.name, key.name)));
    let mut declared: Vec<String> = declared.collect();
    known.sort();
    declared.sort();
    assert_eq!(declared, known);
    for section in SECTIONS.iter().chain(&LISTS) {
        for key in section.keys {
            let first = &key.paragraphs()[0];
            assert!(first.ends_with('.') && first.len() <= 90, "{first}");
            assert!(key.ranges.len() <= 1, "{}", key.name);
        }
    }
}
