//! What is reported, and where it is said to stand.

use insta::assert_snapshot;

use super::Setup;

#[test]
fn all_problems_are_reported_at_once_with_their_places() {
    let setup = Setup::new()
        .file(
            r#"[server]
bind = "localhost:8000"
trusted_proxies = ["10.0.0.0/8", "10.0.0.1/8"]
drain_ms = 600001
prot = 1

[limit]
commands_burst = 1

[limits]
command_per_second = 5
replay_events = -1
max_message_bytes = "64k"

[auth]
registration = "opne"

[telemetry]
log = "judge_auditor=loud"

[[judges]]
name = "sonnet"
kind = "mistral"

[[judges]]
name = "big"
kind = "openai"
base_url = "api.example"
api_key_env = "NO_SUCH_KEY"
timeout = 5

[[judges]]
name = "big"
kind = "facts"

[[judges]]
kind = "openai"

[[judges]]
name = "bare"
kind = "openai"
base_url = "https://api.example/v1"
api_key_env = "NO_SUCH_KEY"
"#,
        )
        .env("DATABASE_URL", "mysql://x")
        .env("AUDITOR_JWT_SECRET", "short")
        .env("AUDITOR_LIMITS__COMMANDS_BURST", "many")
        .env("AUDITOR_RUNS__DEFAULT_JUDGES", "lexical,oracle,lexical")
        .env("AUDITOR_SOMETHING_ELSE", "is nobody's business")
        .env("AUDITOR_CONFIG", "nor is this")
        .flag("database.pool_size", "0");
    assert_snapshot!(setup.complaint());
}

#[test]
fn broken_files_are_named_with_the_line() {
    let mut absent = Setup::new();
    absent.sources.file = Some(absent.dir.path().join("absent.toml"));
    let mut told = vec![absent.complaint()];
    for text in [
        "[server]\nbind = \n",
        "limits = 5\n",
        "judges = 5\n",
        "bind = \"127.0.0.1:1\"\n",
    ] {
        told.push(Setup::new().file(text).complaint());
    }
    assert_snapshot!(told.join("\n\n"));
}

#[test]
fn one_wrong_value_is_one_problem() {
    let mut told = Vec::new();
    for (key, value) in [
        ("server.allowed_origins", "*"),
        ("server.allowed_origins", "https://a.example/"),
        ("database.url", "sqlite::memory:"),
        ("database.url", "postgres://me:***@h/d"),
        ("database.direct_url", "postgres://me@h/d"),
        ("fleet.bus", "radio"),
        ("fleet.bus", "nats://ada:secret@h/path"),
        ("fleet.bus", "nats://ada:***@h"),
        ("fleet.nats_credentials_file", "/nowhere/user.creds"),
        ("fleet.nats_ca_file", "/nowhere/ca.pem"),
        ("runs.deadline_ms", "999"),
        ("limits.max_message_bytes", "100"),
        ("limits.commands_burst", "0"),
        ("limits.frames_burst", "0"),
        ("limits.body_bytes", "8388607"),
        ("limits.body_bytes_per_address", "1"),
        ("server.allowed_hosts", "https://audit.example"),
        ("server.allowed_hosts", "audit.example:443"),
        ("metrics.hallucination_weights.issues", "nan"),
        ("metrics.interval", "normal"),
        ("telemetry.prometheus_bind", "9464"),
        ("auth.signing_key_file", "/nowhere/key.pem"),
        ("auth.issuer", ""),
        ("judges.big.weight", "2"),
    ] {
        let problems = Setup::new().flag(key, value).problems();
        let [problem] = &problems[..] else {
            panic!("{key}={value}: {problems:?}")
        };
        told.push(format!("{key}={value}\n  {problem}"));
    }
    assert_snapshot!(told.join("\n"));
}

/// `AUDITOR_BIN` is a usual name for the path of a binary in a script, and near to `AUDITOR_BIND`.
#[test]
fn a_variable_of_somebody_else_is_told_and_a_key_that_is_not_known_is_an_error() {
    let setup = Setup::new()
        .env("AUDITOR_BIN", "/usr/bin/judge-auditor")
        .env("AUDITOR_JWT_SECERT", "x")
        .env("AUDITOR_SOMETHING_ELSE", "is nobody's business");
    let config = setup.load();
    assert_eq!(config.server.bind.port(), 8000);
    assert_eq!(
        config.warnings(),
        [
            "the variable AUDITOR_BIN is not one of ours and is ignored; AUDITOR_BIND may be meant",
            "the variable AUDITOR_JWT_SECERT is not one of ours and is ignored; AUDITOR_JWT_SECRET may be meant",
        ]
    );
    for name in ["AUDITOR_SERVER__BINDD", "AUDITOR_NOTHING__LIKE_IT"] {
        let problems = Setup::new().env(name, "x").problems();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(name), "{problems:?}");
        assert!(problems[0].contains("unknown"), "{problems:?}");
    }
}
