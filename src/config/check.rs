//! Checks of the sections: ranges, formats, and settings that depend on each other.

use std::io;
use std::path::Path;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use toml::Value;
use tracing_subscriber::EnvFilter;

use super::effective::Config;
use super::overlay;
use super::problem::Findings;
use super::secret::{self, MASK, WAS_MASKED};
use super::sections::SECTIONS;

pub(super) fn sections(config: &Config, findings: &mut Findings) {
    ranges(config, findings);
    server(config, findings);
    if let Err(what) = database_url(&config.database.url) {
        findings.report("database.url", what);
    }
    let direct = &config.database.direct_url;
    if let Err(what) = database_url(direct) {
        findings.report("database.direct_url", what);
    } else if !(direct.is_empty() || is_postgres(direct) && is_postgres(&config.database.url)) {
        let what =
            "leads past a pooler to the database of database.url: give postgres://… for both";
        findings.report("database.direct_url", what);
    }
    auth(config, findings);
    bursts(config, findings);
    if let Err(error) = EnvFilter::try_new(&config.telemetry.log) {
        findings.report("telemetry.log", format!("not a level or a filter: {error}"));
    }
    for phrase in &config.injection.allowed_phrases {
        if !(8..=500).contains(&phrase.trim().chars().count()) {
            let what = format!("`{phrase}` must have 8 to 500 characters");
            findings.report("injection.allowed_phrases", what);
        }
    }
    // The verification part is absent if no claim was found, so it cannot be the only one with a
    // weight.
    let weights = config.metrics.hallucination_weights;
    if [
        weights.inverse_consensus,
        weights.issues,
        weights.confidence,
    ] == [0.0; 3]
    {
        findings.report(
            "metrics.hallucination_weights",
            "one of inverse_consensus, issues, confidence must be over 0: without claims there is no other part",
        );
    }
}

/// Reports every number outside of its declared range.
fn ranges(config: &Config, findings: &mut Findings) {
    let table = overlay::table(config);
    for section in SECTIONS {
        let table = match section.name {
            "" => Some(&table),
            name => overlay::at(&table, name).and_then(Value::as_table),
        };
        if let Some(table) = table {
            findings.of(section.name).ranges(section.keys, table);
        }
    }
}

fn server(config: &Config, findings: &mut Findings) {
    for origin in &config.server.allowed_origins {
        if !is_origin(origin) {
            findings.report(
                "server.allowed_origins",
                format!("`{origin}` is not an origin: give scheme, host and port only, such as https://audit.example or http://localhost:*"),
            );
        }
    }
    for host in &config.server.allowed_hosts {
        if !is_host(host) {
            findings.report(
                "server.allowed_hosts",
                format!("`{host}` is not a host: give a name or an address without scheme and port, such as audit.example or [2001:db8::1], or * for any"),
            );
        }
    }
}

/// Reports a rate limit whose burst is 0, since it would reject everything.
fn bursts(config: &Config, findings: &mut Findings) {
    let limits = &config.limits;
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

fn auth(config: &Config, findings: &mut Findings) {
    type Read = fn(&Path) -> io::Result<SecretString>;

    let auth = &config.auth;
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
    let files: [(&str, _, Read); 4] = [
        (
            "auth.signing_key_file",
            &auth.signing_key_file,
            secret::pem_file,
        ),
        (
            "auth.previous_signing_key_file",
            &auth.previous_signing_key_file,
            secret::pem_file,
        ),
        ("auth.secret_file", &auth.secret_file, secret::from_file),
        (
            "auth.previous_secret_file",
            &auth.previous_secret_file,
            secret::from_file,
        ),
    ];
    for (key, path, read) in files {
        let Some(path) = path else { continue };
        match read(path) {
            Err(error) => findings.report(key, error.to_string()),
            Ok(pem)
                if key == "auth.signing_key_file"
                    && !pem.expose_secret().contains("PRIVATE KEY-----") =>
            {
                let what = format!("{}: holds no private key in PEM form", path.display());
                findings.report(key, what);
            }
            Ok(_) => {}
        }
    }
}

pub(super) fn default_judges(config: &Config, findings: &mut Findings) {
    let key = "runs.default_judges";
    let names = &config.runs.default_judges;
    if names.is_empty() {
        findings.report(key, "name at least one judge");
    }
    for what in config.faults_of_names(names) {
        findings.report(key, what);
    }
}

/// Accepts `scheme://host`, optionally followed by a port or by `:*`.
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

/// Accepts a name, an IPv4 address, an IPv6 address in brackets, or `*`.
fn is_host(text: &str) -> bool {
    text == "*"
        || Url::parse(&format!("http://{text}/")).is_ok_and(|url| {
            url.port().is_none()
                && url
                    .host_str()
                    .is_some_and(|host| host.eq_ignore_ascii_case(text))
        })
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn database_url(url: &str) -> Result<(), &'static str> {
    if url.is_empty() {
        Ok(())
    } else if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.trim_start_matches("//");
        if path.is_empty() {
            Err("names no file")
        } else if path.contains(":memory:") || path.contains("mode=memory") {
            Err("each connection would have a memory of its own: give a file")
        } else {
            Ok(())
        }
    } else if !is_postgres(url) {
        Err("give sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")
    } else if url.contains(&format!(":{MASK}@")) {
        Err(WAS_MASKED)
    } else {
        Ok(())
    }
}
