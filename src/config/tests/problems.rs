//! What is reported, and where it is said to stand.

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
    let expected = [
        "judges[0].kind (auditor.toml:23): unknown kind `mistral`: known are openai, anthropic, gemini, ollama, neural, facts, logic, lexical, novelty, nli, spans",
        "judges[1].timeout (auditor.toml:30): unknown key; `timeout_ms` may be meant",
        "judges[2].name (auditor.toml:33): there is another judge of the name `big`",
        "judges[3].name (auditor.toml:36): a judge needs one",
        "limit (auditor.toml:7): unknown key; `limits` may be meant",
        "limits.command_per_second (auditor.toml:11): unknown key; `limits.commands_per_second` may be meant",
        "limits.max_message_bytes (auditor.toml:13): invalid type: string \"64k\", expected a whole number from 0",
        "limits.replay_events (auditor.toml:12): invalid value: integer `-1`, expected a whole number from 0",
        "auth.registration (auditor.toml:16): unknown variant `opne`, expected `open` or `closed`",
        "server.bind (auditor.toml:2): `localhost:8000` is not an address: give IP and port, such as 127.0.0.1:8000 or [::]:8000",
        "server.prot (auditor.toml:5): unknown key; known are allowed_hosts, allowed_origins, bind, drain_ms, trusted_proxies, workers",
        "server.trusted_proxies (auditor.toml:3): `10.0.0.1/8` has bits beyond its prefix: 10.0.0.0/8 may be meant",
        "limits.commands_burst (from AUDITOR_LIMITS__COMMANDS_BURST): `many` is not a whole number",
        "AUDITOR_JWT_SECRET: has 5 bytes, needs 32 or more: `openssl rand -base64 32` makes one",
        "server.drain_ms (auditor.toml:4): 600001 is not in 0 to 600000",
        "database.pool_size (from the command line): 0 is not in 1 to 1000",
        "database.url (from DATABASE_URL): give sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME",
        "telemetry.log (auditor.toml:19): not a level or a filter: error parsing level filter: expected one of \"off\", \"error\", \"warn\", \"info\", \"debug\", \"trace\", or a number 0-5",
        "judges[4].model (auditor.toml:39): an openai judge needs one",
        "judges[4].api_key_env (auditor.toml:43): the variable NO_SUCH_KEY is not set",
        "runs.default_judges (from AUDITOR_RUNS__DEFAULT_JUDGES): there is no judge `oracle`: known are neural, facts, logic, lexical, novelty, sonnet, big, bare",
        "runs.default_judges (from AUDITOR_RUNS__DEFAULT_JUDGES): the judge `lexical` is named twice",
    ];
    let mut problems = setup.problems();
    let mut expected = expected.map(str::to_owned).to_vec();
    problems.sort();
    expected.sort();
    assert_eq!(problems, expected);
}

#[test]
fn broken_files_are_named_with_the_line() {
    let problems = Setup::new().file("[server]\nbind = \n").problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("auditor.toml:2: "), "{problems:?}");
    let mut setup = Setup::new();
    setup.sources.file = Some(setup.dir.path().join("absent.toml"));
    let problems = setup.problems();
    assert!(
        problems[0].starts_with("absent.toml: can't be read"),
        "{problems:?}"
    );
    for (text, expected) in [
        (
            "limits = 5\n",
            "limits (auditor.toml:1): is a section: write [limits]",
        ),
        (
            "judges = 5\n",
            "judges (auditor.toml:1): is a list of tables: write [[judges]]",
        ),
        (
            "bind = \"127.0.0.1:1\"\n",
            "bind (auditor.toml:1): unknown key; `server.bind` may be meant",
        ),
    ] {
        assert_eq!(Setup::new().file(text).problems(), [expected]);
    }
}

#[test]
fn one_wrong_value_is_one_problem() {
    for (key, value, expected) in [
        ("server.allowed_origins", "*", "`*` is not an origin"),
        (
            "server.allowed_origins",
            "https://a.example/",
            "is not an origin",
        ),
        ("database.url", "sqlite::memory:", "a memory of its own"),
        ("database.url", "postgres://me:***@h/d", "was masked"),
        ("runs.deadline_ms", "999", "999 is not in 1000 to 3600000"),
        ("limits.max_message_bytes", "100", "100 is not in 1024"),
        ("limits.commands_burst", "0", "must be 1 or more while"),
        ("limits.frames_burst", "0", "must be 1 or more while"),
        ("limits.body_bytes", "8388607", "is not in 8388608 to"),
        ("limits.body_bytes_per_address", "1", "is not in 8388608 to"),
        (
            "server.allowed_hosts",
            "https://audit.example",
            "is not a host",
        ),
        ("server.allowed_hosts", "audit.example:443", "is not a host"),
        (
            "metrics.hallucination_weights.issues",
            "nan",
            "NaN is not in",
        ),
        ("metrics.interval", "normal", "unknown variant `normal`"),
        ("telemetry.prometheus_bind", "9464", "is not an address"),
        ("auth.signing_key_file", "/nowhere/key.pem", "can't be read"),
        ("auth.issuer", "", "must not be empty"),
        ("judges.big.weight", "2", "judges are set in the file"),
    ] {
        let problems = Setup::new().flag(key, value).problems();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(expected), "{problems:?}");
    }
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
