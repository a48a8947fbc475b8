//! Ranges, forms, and what has to fit together.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;

use reqwest::Url;
use secrecy::ExposeSecret;
use tracing_subscriber::EnvFilter;

use super::problem::Findings;
use super::rubric;
use super::secret::{self, MASK};
use super::{Config, check_judges};

pub(super) fn sections(config: &Config, findings: &mut Findings) {
    let server = &config.server;
    range(findings, "server.workers", server.workers, 0, 1024);
    range(findings, "neural.threads", config.neural.threads, 0, 1024);
    range(findings, "server.drain_ms", server.drain_ms, 0, 600_000);
    for origin in &server.allowed_origins {
        if !is_origin(origin) {
            findings.report(
                "server.allowed_origins",
                format!("`{origin}` is not an origin: give scheme, host and port only, such as https://audit.example or http://localhost:*"),
            );
        }
    }
    for host in &server.allowed_hosts {
        if !is_host(host) {
            findings.report(
                "server.allowed_hosts",
                format!("`{host}` is not a host: give a name or an address without scheme and port, such as audit.example or [2001:db8::1], or * for any"),
            );
        }
    }
    range(
        findings,
        "database.pool_size",
        config.database.pool_size,
        1,
        1000,
    );
    if let Err(what) = database_url(&config.database.url) {
        findings.report("database.url", what);
    }
    auth(config, findings);
    limits(config, findings);
    retention(config, findings);
    range(
        findings,
        "runs.deadline_ms",
        config.runs.deadline_ms,
        1000,
        3_600_000,
    );
    range(
        findings,
        "runs.max_concurrent",
        config.runs.max_concurrent,
        1,
        1_000_000,
    );
    range(findings, "runs.quorum", config.runs.quorum, 1, 32);
    if let Err(error) = EnvFilter::try_new(&config.telemetry.log) {
        findings.report("telemetry.log", format!("not a level or a filter: {error}"));
    }
    for phrase in &config.injection.allowed_phrases {
        let characters = phrase.trim().chars().count();
        if !(8..=500).contains(&characters) {
            let what = format!("`{phrase}` must have 8 to 500 characters");
            findings.report("injection.allowed_phrases", what);
        }
    }
    weights(config, findings);
}

fn auth(config: &Config, findings: &mut Findings) {
    const YEAR_S: u64 = 366 * 24 * 3600;

    let auth = &config.auth;
    range(findings, "auth.access_ttl_s", auth.access_ttl_s, 1, YEAR_S);
    range(
        findings,
        "auth.refresh_ttl_s",
        auth.refresh_ttl_s,
        1,
        10 * YEAR_S,
    );
    for (key, text) in [
        ("auth.issuer", &auth.issuer),
        ("auth.audience", &auth.audience),
    ] {
        if text.is_empty() {
            findings.report(key, "must not be empty");
        }
    }
    if auth.secret_file.is_some() && auth.jwt_secret.is_some() {
        findings.report(
            "auth.secret_file",
            "give it or AUDITOR_JWT_SECRET, not both",
        );
    }
    range(
        findings,
        "auth.security_log_days",
        auth.security_log_days,
        0,
        36_600,
    );
    for (key, path, is_private) in [
        ("signing_key_file", &auth.signing_key_file, true),
        (
            "previous_signing_key_file",
            &auth.previous_signing_key_file,
            false,
        ),
    ] {
        let Some(path) = path else { continue };
        let what = match secret::pem_file(path) {
            Ok(pem) if is_private && !pem.expose_secret().contains("PRIVATE KEY-----") => {
                format!("{}: holds no private key in PEM form", path.display())
            }
            Ok(_) => continue,
            Err(error) => error.to_string(),
        };
        findings.report(&format!("auth.{key}"), what);
    }
    for (key, path) in [
        ("secret_file", &auth.secret_file),
        ("previous_secret_file", &auth.previous_secret_file),
    ] {
        if let Some(Err(error)) = path.as_deref().map(secret::from_file) {
            findings.report(&format!("auth.{key}"), error.to_string());
        }
    }
}

fn limits(config: &Config, findings: &mut Findings) {
    const MOST_BYTES: usize = 1 << 30;
    // One body of the largest kind has to fit.
    const LEAST_BODY_BYTES: usize = 8 << 20;
    const MOST_BODY_BYTES: usize = 1 << 40;

    let limits = &config.limits;
    if limits.max_message_bytes != 0 {
        range(
            findings,
            "limits.max_message_bytes",
            limits.max_message_bytes,
            1024,
            MOST_BYTES,
        );
    }
    if limits.outbound_bytes != 0 {
        range(
            findings,
            "limits.outbound_bytes",
            limits.outbound_bytes,
            1024,
            MOST_BYTES,
        );
    }
    for (key, bytes) in [
        ("body_bytes_per_address", limits.body_bytes_per_address),
        ("body_bytes", limits.body_bytes),
    ] {
        if bytes != 0 {
            range(
                findings,
                &format!("limits.{key}"),
                bytes,
                LEAST_BODY_BYTES,
                MOST_BODY_BYTES,
            );
        }
    }
    range(
        findings,
        "limits.outbound_events",
        limits.outbound_events,
        0,
        1_000_000,
    );
    for (name, rate, burst) in [
        (
            "commands",
            limits.commands_per_second,
            limits.commands_burst,
        ),
        ("frames", limits.frames_per_second, limits.frames_burst),
    ] {
        if rate > 0 && burst == 0 {
            findings.report(
                &format!("limits.{name}_burst"),
                format!("must be 1 or more while {name}_per_second is set; {name}_per_second = 0 lifts the limit"),
            );
        }
    }
}

fn retention(config: &Config, findings: &mut Findings) {
    let retention = &config.retention;
    for (key, days) in [
        ("evaluations_days", retention.evaluations_days),
        ("events_days", retention.events_days),
        ("usage_days", retention.usage_days),
        ("spent_tokens_days", retention.spent_tokens_days),
    ] {
        range(findings, &format!("retention.{key}"), days, 0, 36_600);
    }
}

fn weights(config: &Config, findings: &mut Findings) {
    let weights = config.metrics.hallucination_weights;
    let all = [
        ("inverse_consensus", weights.inverse_consensus),
        ("verification", weights.verification),
        ("issues", weights.issues),
        ("confidence", weights.confidence),
    ];
    for (name, weight) in all {
        let key = format!("metrics.hallucination_weights.{name}");
        range(findings, &key, weight, 0.0, 1000.0);
    }
    // Verification is absent where no claim was found, so it can't carry the score alone.
    if all
        .iter()
        .all(|&(name, weight)| weight == 0.0 || name == "verification")
    {
        findings.report(
            "metrics.hallucination_weights",
            "one of inverse_consensus, issues, confidence must be over 0: without claims there is no other part",
        );
    }
}

/// Checks each judge and reads its key.
pub(super) fn judges(config: &mut Config, env: &BTreeMap<String, String>, findings: &mut Findings) {
    // Keys are reported by the place in the file; the offline defaults always pass.
    let Config { judges, .. } = config;
    for judge in judges {
        let prefix = findings.judge_prefix(&judge.name);
        let key = |name: &str| format!("{prefix}.{name}");
        if !is_judge_name(&judge.name) {
            findings.report(
                &key("name"),
                "use 1 to 64 letters, digits and . _ - : / @ +",
            );
        }
        range(
            findings,
            &key("timeout_ms"),
            judge.timeout_ms,
            100,
            3_600_000,
        );
        range(findings, &key("max_attempts"), judge.max_attempts, 1, 10);
        range(
            findings,
            &key("max_concurrency"),
            judge.max_concurrency,
            1,
            10_000,
        );
        range(findings, &key("weight"), judge.weight, 0.0, 1000.0);
        range(
            findings,
            &key("max_tokens"),
            judge.max_tokens,
            16,
            1_000_000,
        );
        rubric::check(judge, &prefix, findings);
        check_judges::server(judge, &prefix, env, findings);
    }
}

pub(super) fn default_judges(config: &Config, findings: &mut Findings) {
    let key = "runs.default_judges";
    let names = &config.runs.default_judges;
    if names.is_empty() {
        findings.report(key, "name at least one judge");
    }
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            findings.report(key, format!("`{name}` stands there twice"));
        } else if config.is_switched_off(name) {
            findings.report(key, super::switched_off(name));
        } else if config.judge(name).is_none() {
            let known: Vec<&str> = config
                .judges
                .iter()
                .map(|judge| judge.name.as_str())
                .collect();
            findings.report(
                key,
                format!("there is no judge `{name}`: known are {}", known.join(", ")),
            );
        }
    }
}

pub(super) fn range<T: PartialOrd + Display>(
    findings: &mut Findings,
    key: &str,
    value: T,
    low: T,
    high: T,
) {
    // Not a number is in no range.
    if !(value >= low && value <= high) {
        findings.report(key, format!("{value} is not in {low} to {high}"));
    }
}

fn is_judge_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-:/@+".contains(&byte))
}

/// `scheme://host`, perhaps with a port or `:*`.
fn is_origin(text: &str) -> bool {
    let any_port = text.strip_suffix(":*");
    let Ok(url) = Url::parse(any_port.unwrap_or(text)) else {
        return false;
    };
    let Some((_, authority)) = text.split_once("://") else {
        return false;
    };
    url.has_host() && !authority.contains(['/', '?', '#', '@', ' ']) && !authority.is_empty()
}

/// A name, an IPv4 address, an IPv6 address in brackets, or `*`.
fn is_host(text: &str) -> bool {
    text == "*"
        || Url::parse(&format!("http://{text}/")).is_ok_and(|url| {
            url.port().is_none()
                && url
                    .host_str()
                    .is_some_and(|host| host.eq_ignore_ascii_case(text))
        })
}

fn database_url(url: &str) -> Result<(), String> {
    if url.is_empty() {
        return Ok(());
    }
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.trim_start_matches("//");
        return if path.is_empty() {
            Err("names no file".to_owned())
        } else if path.contains(":memory:") || path.contains("mode=memory") {
            Err("each connection would have a memory of its own: give a file".to_owned())
        } else {
            Ok(())
        };
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return if url.contains(&format!(":{MASK}@")) {
            Err("the password was masked when this was printed: put it in again".to_owned())
        } else {
            Ok(())
        };
    }
    Err("give sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME".to_owned())
}
