//! Checks of a language model's server: the address, the headers, the certificates, and the
//! capabilities of its API.

use std::collections::BTreeMap;

use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};

use super::declare::Range;
use super::judge::{JudgeKind, JudgeSettings, MaxTokensField, Structured};
use super::problem::TableFindings;
use super::secret;

/// Checks the settings of the server, and fills in the default address. Returns true if the
/// connection is encrypted.
pub(super) fn server(judge: &mut JudgeSettings, findings: &mut TableFindings<'_>) -> bool {
    let encrypted = address(judge, findings);
    request(judge, encrypted, findings);
    attempts(judge, findings);
    encrypted
}

/// Checks model and address, and fills in the default address. Returns true if the connection is
/// encrypted.
fn address(judge: &mut JudgeSettings, findings: &mut TableFindings<'_>) -> bool {
    let kind = judge.kind.as_str();
    if judge.model.trim().is_empty() {
        findings.report("model", format!("a judge of kind {kind} needs one"));
    } else if judge.kind == JudgeKind::Gemini && !is_path(&judge.model) {
        findings.report("model", "has characters that no model's name has");
    }
    if judge.base_url.is_empty()
        && let Some(usual) = judge.kind.usual_url()
    {
        usual.clone_into(&mut judge.base_url);
    }
    match base_url(judge.kind, &judge.base_url) {
        Ok(url) => url.scheme() == "https",
        Err(what) => {
            findings.report("base_url", what);
            false
        }
    }
}

/// Checks the settings of a request other than its texts: mode, headers, certificates, temperature.
fn request(judge: &JudgeSettings, encrypted: bool, findings: &mut TableFindings<'_>) {
    if judge.kind == JudgeKind::Anthropic && judge.structured == Structured::Json {
        let what = "an anthropic judge has no such mode: use \"schema\" or \"prompt\"";
        findings.report("structured", what);
    }
    if judge.kind != JudgeKind::OpenAi && judge.max_tokens_field != MaxTokensField::default() {
        findings.report("max_tokens_field", "only openai judges have it");
    }
    for what in headers(&judge.headers) {
        findings.report("headers", what);
    }
    let key_header = judge.api_key_header.to_ascii_lowercase();
    if OURS.contains(&&*key_header) {
        findings.report("api_key_header", "is set by the request itself");
    } else if !key_header.is_empty() && HeaderName::from_bytes(key_header.as_bytes()).is_err() {
        findings.report("api_key_header", "is no name of a header");
    }
    if let Some(path) = &judge.ca_file
        && let Err(what) = secret::authorities(path, encrypted, "base_url is not https")
    {
        findings.report("ca_file", what);
    }
    // The value -1 means that no temperature is sent; any other negative one is an error.
    let warmest = if judge.kind == JudgeKind::Anthropic {
        1.0
    } else {
        2.0
    };
    let range = Range::new(0.0, warmest);
    if judge.temperature != -1.0 && !range.holds(judge.temperature) {
        findings.report(
            "temperature",
            format!("{} is not in {range}", judge.temperature),
        );
    }
}

/// Reports limits under which a second request is never sent, or no answer ever fits.
fn attempts(judge: &JudgeSettings, findings: &mut TableFindings<'_>) {
    let hedge = judge.hedge_after_ms;
    if hedge > 0 && judge.max_attempts < 2 {
        let what = "a second request is an attempt too: give max_attempts of 2 or more";
        findings.report("hedge_after_ms", what);
    }
    if hedge >= judge.timeout_ms {
        let what = format!("would come after timeout_ms = {}", judge.timeout_ms);
        findings.report("hedge_after_ms", what);
    }
    let (minute, answer) = (judge.tokens_per_minute, judge.max_tokens);
    if minute > 0 && minute <= answer {
        let what = format!("{minute} would never bear one answer of max_tokens = {answer}");
        findings.report("tokens_per_minute", what);
    }
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
