//! Checks of the judges: ranges, and for language models the address, the key, the headers and the
//! capabilities of the server.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::declare::{Key, Kinds, Range};
use super::effective::Config;
use super::judge::{JudgeKind, JudgeSettings, MaxTokensField, Structured};
use super::problem::Findings;
use super::provider::Provider;
use super::{check_models, overlay, rubric, secret};

/// Checks each judge, fills in the default address of its kind, and reads its key and its rubric.
pub(super) fn judges(config: &mut Config, env: &BTreeMap<String, String>, findings: &mut Findings) {
    let mut providers = BTreeMap::new();
    for judge in &mut config.judges {
        // Problems name the judge's place in the file; the built-in offline judges have none, and
        // are valid.
        let place = findings.judge_prefix(&judge.name);
        let mut report = |key: &str, what: String| findings.report(&format!("{place}.{key}"), what);
        if !is_judge_name(&judge.name) {
            let what = "use 1 to 64 letters, digits and . _ - : / @ +";
            report("name", what.to_owned());
        }
        for (key, what) in misplaced(judge) {
            report(key, what);
        }
        if judge.kind.has_files() {
            check_models::check(judge, &mut report);
        }
        if let Err(what) = rubric::read(judge) {
            report("rubric_file", what);
        }
        let keys = JudgeSettings::SECTION.keys.iter();
        let keys = keys.filter(|key| judge.kind.has(key.kinds));
        findings.ranges(&place, keys, &overlay::table(judge));
        if judge.kind.is_offline() {
            continue;
        }
        let encrypted = server(judge, &mut |key, what| {
            findings.report(&format!("{place}.{key}"), what)
        });
        key(judge, &place, encrypted, env, findings);
        // Judges of one provider share its rate limits, so they must be configured alike.
        let allowance = (judge.requests_per_minute, judge.tokens_per_minute);
        let (other, known) = providers
            .entry(Provider::of(judge))
            .or_insert((judge.name.clone(), allowance));
        if *known != allowance {
            let what = format!(
                "asks the same provider as `{other}`: give both the same requests_per_minute and tokens_per_minute"
            );
            findings.report(&place, what);
        }
    }
}

fn is_judge_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-:/@+".contains(&byte))
}

/// Returns the settings that are invalid for the judge's kind but differ from the default, each
/// with a message.
fn misplaced(judge: &JudgeSettings) -> Vec<(&'static str, String)> {
    let kind = judge.kind.as_str();
    let given = overlay::table(judge);
    let usual = overlay::table(&JudgeSettings::new("", judge.kind));
    let misplaced =
        |key: &&Key| !judge.kind.has(key.kinds) && given.get(key.name) != usual.get(key.name);
    let keys = JudgeSettings::SECTION.keys.iter().filter(misplaced);
    keys.filter_map(|key| match key.kinds {
        Kinds::OnlineOnly => Some((key.name, format!("kind `{kind}` asks no server"))),
        Kinds::FilesOnly => Some((
            key.name,
            format!("only nli and spans judges have it, not kind `{kind}`"),
        )),
        Kinds::All | Kinds::Online => None,
    })
    .collect()
}

/// Checks the settings of the server, and fills in the default address. Returns true if the
/// connection is encrypted.
fn server(judge: &mut JudgeSettings, report: &mut impl FnMut(&str, String)) -> bool {
    let encrypted = address(judge, report);
    request(judge, encrypted, report);
    attempts(judge, report);
    encrypted
}

/// Checks model and address, and fills in the default address. Returns true if the connection is
/// encrypted.
fn address(judge: &mut JudgeSettings, report: &mut impl FnMut(&str, String)) -> bool {
    let kind = judge.kind.as_str();
    if judge.model.trim().is_empty() {
        report("model", format!("a judge of kind {kind} needs one"));
    } else if judge.kind == JudgeKind::Gemini && !is_path(&judge.model) {
        report("model", "has characters that no model's name has".into());
    }
    if judge.base_url.is_empty()
        && let Some(usual) = judge.kind.usual_url()
    {
        usual.clone_into(&mut judge.base_url);
    }
    match base_url(judge.kind, &judge.base_url) {
        Ok(url) => url.scheme() == "https",
        Err(what) => {
            report("base_url", what);
            false
        }
    }
}

/// Checks the settings of a request other than its texts: mode, headers, certificates, temperature.
fn request(judge: &JudgeSettings, encrypted: bool, report: &mut impl FnMut(&str, String)) {
    if judge.kind == JudgeKind::Anthropic && judge.structured == Structured::Json {
        let what = "an anthropic judge has no such mode: use \"schema\" or \"prompt\"";
        report("structured", what.into());
    }
    if judge.kind != JudgeKind::OpenAi && judge.max_tokens_field != MaxTokensField::default() {
        report("max_tokens_field", "only openai judges have it".into());
    }
    for what in headers(&judge.headers) {
        report("headers", what);
    }
    let key_header = judge.api_key_header.to_ascii_lowercase();
    if OURS.contains(&&*key_header) {
        report("api_key_header", "is set by the request itself".into());
    } else if !key_header.is_empty() && HeaderName::from_bytes(key_header.as_bytes()).is_err() {
        report("api_key_header", "is no name of a header".into());
    }
    if let Some(path) = &judge.ca_file {
        if let Err(what) = secret::authorities(path) {
            report("ca_file", what);
        } else if !encrypted {
            report(
                "ca_file",
                "base_url is not https: nothing is checked".into(),
            );
        }
    }
    // The value -1 means that no temperature is sent; any other negative one is an error.
    let warmest = if judge.kind == JudgeKind::Anthropic {
        1.0
    } else {
        2.0
    };
    let range = Range::new(0.0, warmest);
    if judge.temperature != -1.0 && !range.holds(judge.temperature) {
        report(
            "temperature",
            format!("{} is not in {range}", judge.temperature),
        );
    }
}

/// Reports limits under which a second request is never sent, or no answer ever fits.
fn attempts(judge: &JudgeSettings, report: &mut impl FnMut(&str, String)) {
    let hedge = judge.hedge_after_ms;
    if hedge > 0 && judge.max_attempts < 2 {
        let what = "a second request is an attempt too: give max_attempts of 2 or more";
        report("hedge_after_ms", what.into());
    }
    if hedge >= judge.timeout_ms {
        let what = format!("would come after timeout_ms = {}", judge.timeout_ms);
        report("hedge_after_ms", what);
    }
    let (minute, answer) = (judge.tokens_per_minute, judge.max_tokens);
    if minute > 0 && minute <= answer {
        let what = format!("{minute} would never bear one answer of max_tokens = {answer}");
        report("tokens_per_minute", what);
    }
}

fn key(
    judge: &mut JudgeSettings,
    prefix: &str,
    encrypted: bool,
    env: &BTreeMap<String, String>,
    findings: &mut Findings,
) {
    let places = [
        ("api_key_env", !judge.api_key_env.is_empty()),
        ("api_key_file", judge.api_key_file.is_some()),
        ("api_key_credential", !judge.api_key_credential.is_empty()),
    ];
    let mut given = places.into_iter().filter(|&(_, given)| given);
    let Some((place, _)) = given.next() else {
        // A server on the local network may need no key; HTTPS suggests a provider that does.
        if encrypted {
            findings.report(
                prefix,
                "no key: give api_key_env, api_key_file or api_key_credential (only a http:// server of your own goes without)",
            );
        } else if !judge.api_key_header.is_empty() {
            let key = format!("{prefix}.api_key_header");
            findings.report(&key, "there is no key that it could carry");
        }
        return;
    };
    if let Some((second, _)) = given.next() {
        let key = format!("{prefix}.{second}");
        findings.report(&key, format!("give {place} or {second}, not both"));
        return;
    }
    let found = match (place, &judge.api_key_file) {
        ("api_key_file", Some(path)) => key_from_file(path),
        ("api_key_env", _) => key_from_env(&judge.api_key_env, env),
        _ => key_from_credential(&judge.api_key_credential, env),
    };
    match found {
        Ok(secret) => judge.api_key = Some(secret),
        Err(what) => findings.report(&format!("{prefix}.{place}"), what),
    }
}

fn key_from_env(name: &str, env: &BTreeMap<String, String>) -> Result<SecretString, String> {
    match env.get(name) {
        Some(text) => usable_key(text, &format!("the variable {name}")),
        // The setting may hold the key itself by mistake, so the message must not repeat it.
        None if is_variable_name(name) => Err(format!("the variable {name} is not set")),
        None => Err("is the name of a variable, in capitals; never the key itself".to_owned()),
    }
}

fn key_from_file(path: &Path) -> Result<SecretString, String> {
    let text = secret::private_key_file(path).map_err(|error| error.to_string())?;
    usable_key(text.expose_secret(), &path.display().to_string())
}

/// Reads a systemd credential (<https://systemd.io/CREDENTIALS/>): the file of that name in a
/// directory that only the service can read.
fn key_from_credential(name: &str, env: &BTreeMap<String, String>) -> Result<SecretString, String> {
    let Some(directory) = env.get("CREDENTIALS_DIRECTORY") else {
        return Err(
            "there is no $CREDENTIALS_DIRECTORY: systemd sets it for a unit with LoadCredential="
                .to_owned(),
        );
    };
    if name.contains('/') || name.starts_with('.') {
        return Err("is the name of a credential, not a path".to_owned());
    }
    // The setting may hold the key itself by mistake, so the message does not repeat the name.
    let text = fs::read_to_string(Path::new(directory).join(name))
        .map_err(|error| format!("no such credential can be read: {error}"))?;
    usable_key(&text, "the credential")
}

fn usable_key(text: &str, holder: &str) -> Result<SecretString, String> {
    let key = SecretString::from(text.trim());
    let text = key.expose_secret();
    if text.is_empty() {
        return Err(format!("{holder} is empty"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "{holder} holds spaces or characters that no key has"
        ));
    }
    Ok(key)
}

fn is_variable_name(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Returns true if the text can be part of a URL's path without escaping.
fn is_path(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    text.bytes().all(plain)
}

/// Headers that the HTTP client sets itself, so that they cannot be configured.
const OURS: [&str; 5] = [
    "host",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
];

/// Returns a message for each invalid header. Messages never repeat a value, which may be secret.
fn headers(headers: &BTreeMap<String, String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        let hides = [
            "auth", "api-key", "apikey", "password", "secret", "token", "cookie",
        ];
        if hides.iter().any(|part| lower.contains(part)) || is_like_a_key(value) {
            wrong.push(format!(
                "`{name}` would carry a key in the open: use api_key_env, api_key_file or api_key_credential, with api_key_header for the header's name"
            ));
        } else if OURS.contains(&lower.as_str()) {
            wrong.push(format!("`{name}` is set by the request itself"));
        } else if HeaderName::from_bytes(name.as_bytes()).is_err() {
            wrong.push(format!("`{name}` is no name of a header"));
        } else if HeaderValue::from_str(value).is_err() {
            wrong.push(format!(
                "the value of `{name}` has characters that no header has"
            ));
        }
    }
    wrong
}

/// Recognises keys and tokens by their usual prefixes.
fn is_like_a_key(value: &str) -> bool {
    ["sk-", "sk_", "gsk_", "AIza", "Bearer ", "Basic ", "eyJ"]
        .iter()
        .any(|begin| value.starts_with(begin))
}

fn base_url(kind: JudgeKind, text: &str) -> Result<Url, String> {
    if text.is_empty() {
        return Err("an openai judge needs one, such as https://api.openai.com/v1".to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "must not hold a name or a password: use api_key_env or api_key_file".to_owned(),
        );
    }
    if url.fragment().is_some() {
        return Err("must not hold a #".to_owned());
    }
    let hides = |name: &str| {
        ["key", "token", "secret", "password", "sig", "code"]
            .iter()
            .any(|part| name.contains(part))
    };
    if url
        .query_pairs()
        .any(|(name, _)| hides(&name.to_lowercase()))
    {
        return Err(
            "must not hold a key: use api_key_env, api_key_file or api_key_credential".to_owned(),
        );
    }
    if url
        .path()
        .trim_end_matches('/')
        .ends_with("/chat/completions")
    {
        return Err("goes without /chat/completions, which the call adds".to_owned());
    }
    // For kinds other than openai, the path of each call includes the version.
    let last = url.path().trim_end_matches('/').rsplit('/').next();
    if kind != JudgeKind::OpenAi && matches!(last, Some("v1" | "v1beta" | "api")) {
        return Err(format!(
            "of a judge of kind {} goes without /{}",
            kind.as_str(),
            last.unwrap_or_default()
        ));
    }
    Ok(url)
}
