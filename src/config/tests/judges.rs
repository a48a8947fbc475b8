//! The judges' servers: addresses, keys, headers.

use super::*;

const BASE: &str = "[[judges]]\nname = \"j\"\nmodel = \"m\"\n";

#[test]
fn each_kind_has_its_usual_address() {
    for (kind, url) in [
        ("anthropic", "https://api.anthropic.com"),
        ("gemini", "https://generativelanguage.googleapis.com"),
        ("ollama", "http://127.0.0.1:11434"),
    ] {
        let text = format!("{BASE}kind = \"{kind}\"\napi_key_env = \"K\"\n");
        let config = Setup::new().file(&text).env("K", "the-key").load();
        assert_eq!(config.judge("j").unwrap().base_url, url);
        let printed = config.to_toml();
        let again = Setup::new().file(&printed).env("K", "the-key").load();
        assert_eq!(format!("{again:?}"), format!("{config:?}"));
        for shown in [printed, format!("{config:#?}")] {
            assert!(!shown.contains("the-key"), "{shown}");
        }
    }
    let local = Setup::new().file(&format!("{BASE}kind = \"ollama\"\n"));
    assert!(local.load().judge("j").unwrap().api_key.is_none());
}

#[test]
fn a_key_may_be_a_credential_of_the_service_manager() {
    let text = format!("{BASE}kind = \"gemini\"\napi_key_credential = \"gemini-key\"\n");
    let setup = Setup::new().file(&text);
    fs::write(setup.dir.path().join("gemini-key"), "from-systemd\n").unwrap();
    assert!(setup.problems()[0].contains("no $CREDENTIALS_DIRECTORY"));
    let directory = setup.dir.path().display().to_string();
    let config = setup.env("CREDENTIALS_DIRECTORY", &directory).load();
    let key = config.judge("j").unwrap().api_key.as_ref().unwrap();
    assert_eq!(key.expose_secret(), "from-systemd");
    assert!(!config.to_toml().contains("from-systemd"));
}

#[test]
fn what_a_kind_can_not_do_is_one_problem() {
    let online = "api_key_env = \"K\"\n";
    for (kind, more, expected) in [
        (
            "openai",
            "base_url = \"https://a/v1#x\"",
            "must not hold a #",
        ),
        (
            "openai",
            "base_url = \"https://a/v1?api-key=x\"",
            "must not hold a key",
        ),
        ("openai", "", "needs one, such as https://api.openai.com/v1"),
        (
            "anthropic",
            "base_url = \"https://a/v1\"",
            "goes without /v1",
        ),
        (
            "ollama",
            "base_url = \"http://a:1/v1/\"",
            "goes without /v1",
        ),
        ("anthropic", "structured = \"json\"", "no such mode"),
        ("anthropic", "temperature = 1.5", "1.5 is not in 0 to 1"),
        ("gemini", "temperature = 2.5", "2.5 is not in 0 to 2"),
        ("gemini", "temperature = nan", "NaN is not in"),
        ("gemini", "temperature = -0.5", "-0.5 is not in 0 to 2"),
        (
            "gemini",
            "circuit_failures = 1001",
            "1001 is not in 0 to 1000",
        ),
        (
            "gemini",
            "hedge_after_ms = 5\nmax_attempts = 1",
            "give max_attempts of 2 or more",
        ),
        (
            "gemini",
            "tokens_per_minute = 2048",
            "2048 would never bear one answer of max_tokens = 2048",
        ),
        (
            "gemini",
            "hedge_after_ms = 60000",
            "would come after timeout_ms = 60000",
        ),
        (
            "gemini",
            "api_key_header = \"Host\"",
            "set by the request itself",
        ),
        (
            "gemini",
            "headers = { X-Auth = \"hidden-1\" }",
            "use api_key_env",
        ),
        (
            "openai",
            "base_url = \"https://a/v1?sig=hidden-1\"",
            "must not hold a key",
        ),
        (
            "openai",
            "base_url = \"https://a/v1/chat/completions\"",
            "goes without /chat/completions",
        ),
        ("gemini", "rubric_file = \"/dev/zero\"", "is no file"),
        (
            "gemini",
            "max_tokens_field = \"max_completion_tokens\"",
            "only openai",
        ),
        (
            "gemini",
            "api_key_file = \"/k\"",
            "api_key_env or api_key_file, not both",
        ),
        (
            "gemini",
            "api_key_credential = \"k\"",
            "or api_key_credential, not both",
        ),
        (
            "gemini",
            "api_key_header = \"a b\"",
            "is no name of a header",
        ),
        ("gemini", "ca_file = \"/nowhere.pem\"", "can't be read"),
        (
            "gemini",
            "headers = { Authorization = \"x\" }",
            "use api_key_env",
        ),
        (
            "gemini",
            "headers = { X-Api-Key = \"hidden-1\" }",
            "use api_key_env",
        ),
        (
            "gemini",
            "headers = { X-Title = \"sk-hidden-1\" }",
            "use api_key_env",
        ),
        (
            "gemini",
            "headers = { \"a b\" = \"x\" }",
            "no name of a header",
        ),
        (
            "gemini",
            "headers = { x-title = \"a\\u0007\" }",
            "that no header has",
        ),
        (
            "gemini",
            "headers = { Host = \"x\" }",
            "set by the request itself",
        ),
    ] {
        let text = format!("{BASE}kind = \"{kind}\"\n{online}{more}\n");
        let problems = Setup::new().file(&text).env("K", "the-key").problems();
        assert_eq!(problems.len(), 1, "{kind} {more}: {problems:?}");
        assert!(problems[0].contains(expected), "{problems:?}");
        assert!(!problems[0].contains("hidden-1"), "{problems:?}");
    }
    for more in [
        "structured = \"json\"",
        "temperature = 0.5",
        "headers = { x-title = \"a\" }",
        "api_key_header = \"x\"",
        "api_key_credential = \"x\"",
        "ca_file = \"/x\"",
    ] {
        let text = format!("[[judges]]\nname = \"j\"\nkind = \"facts\"\n{more}\n");
        let problems = Setup::new().file(&text).problems();
        assert_eq!(problems.len(), 1, "{more}: {problems:?}");
        assert!(problems[0].contains("asks no server"), "{problems:?}");
    }
}

#[test]
fn judges_of_one_provider_agree_on_what_it_takes() {
    let judge = |name: &str, more: &str| {
        format!("[[judges]]\nname = \"{name}\"\nkind = \"openai\"\nmodel = \"m\"\n{more}\n")
    };
    let one = "base_url = \"http://a/v1\"\napi_key_env = \"K\"\nrequests_per_minute = 10";
    let key_elsewhere =
        "base_url = \"http://a/v1/\"\napi_key_env = \"L\"\nrequests_per_minute = 20";
    let text = format!("{}{}", judge("one", one), judge("two", key_elsewhere));
    let problems = |second: &str| {
        let setup = Setup::new().file(&text).env("K", "the-key");
        setup.env("L", second).problems()
    };
    let found = problems("the-key");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("asks the same provider as `one`"),
        "{found:?}"
    );
    let setup = Setup::new().file(&text).env("K", "the-key");
    setup.env("L", "another-key").load();
}

#[test]
fn what_azure_and_openrouter_want_can_be_said() {
    let text = format!(
        "{BASE}kind = \"openai\"\nbase_url = \"https://r.example/openai/deployments/x?api-version=2024-10-21\"\n\
         api_key_env = \"K\"\napi_key_header = \"api-key\"\ntemperature = -1\nstructured = \"json\"\n\
         max_tokens_field = \"max_completion_tokens\"\nheaders = {{ HTTP-Referer = \"https://audit.example\", X-Title = \"Audit\" }}\n"
    );
    let config = Setup::new().file(&text).env("K", "the-key").load();
    let judge = config.judge("j").unwrap();
    assert_eq!(judge.headers["X-Title"], "Audit");
    assert_eq!(judge.api_key_header, "api-key");
}

#[test]
fn the_neural_judge_is_there_only_where_the_model_is_used() {
    let off = || Setup::new().env("AUDITOR_NEURAL__ENABLED", "false");
    let config = off().load();
    assert!(config.judge("neural").is_none());
    assert_eq!(config.runs.default_judges, ["facts", "logic", "lexical"]);
    let wrong = config.know_judges(&["neural".to_owned()]).unwrap_err();
    assert!(wrong.contains("switched off"), "{wrong}");
    let printed = Setup::new().file(&config.to_toml()).load();
    assert!(!printed.neural.enabled && printed.judge("neural").is_none());

    let named = off().env("AUDITOR_RUNS__DEFAULT_JUDGES", "neural,facts");
    let problems = named.problems();
    assert!(problems[0].contains("switched off"), "{problems:?}");
    let other = off().file("[[judges]]\nname = \"mine\"\nkind = \"neural\"\n");
    let problems = other.problems();
    assert!(problems[0].contains("`mine`"), "{problems:?}");
    let many = Setup::new().env("AUDITOR_NEURAL__THREADS", "2000");
    assert!(many.problems()[0].contains("neural.threads"));
}
