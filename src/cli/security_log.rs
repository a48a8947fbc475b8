//! `security-log`: lists the recorded security events.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::Args;
use serde_json::json;

use crate::config::Config;
use crate::store::security::{self, Kind, SecurityEvent, Wanted};
use crate::store::users as accounts;

use super::duration::duration;
use super::users;

/// The arguments of `security-log`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only entries since this time: a time (RFC 3339), or an age such as 90s, 15m, 24h or 7d.
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<DateTime<Utc>>,
    /// Only entries of this kind; may be given more than once.
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    kinds: Vec<Kind>,
    /// Only entries of this account.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// The maximum number of entries; the newest are listed.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
    /// Print the entries as JSON, one object per line.
    #[arg(long)]
    json: bool,
}

fn since(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    let wrong = || "give a time such as 2026-11-23T08:00:00Z, or an age such as 24h".to_owned();
    let age = duration(text).and_then(|age| TimeDelta::from_std(age).ok());
    let before = age.and_then(|age| Utc::now().checked_sub_signed(age));
    before.ok_or_else(wrong)
}

fn kind(text: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(Kind::as_str).join(", ");
    Kind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| format!("known are {}", names()))
}

pub(super) async fn security_log(arguments: Arguments, config: &Config) -> Result<ExitCode> {
    let Arguments {
        since,
        kinds,
        user,
        limit,
        json,
    } = arguments;
    let store = users::store(config).await?;
    let found = store.read(move |db| {
        let user = match user {
            None => None,
            Some(name) => match accounts::by_username(db, &name)? {
                Some((user, _)) => Some(user.id),
                None => return Ok(None),
            },
        };
        let wanted = Wanted {
            since,
            kinds,
            user,
            limit,
        };
        security::list(db, &wanted).map(Some)
    });
    let Some(entries) = found.await? else {
        bail!("there is no such account");
    };
    let mut out = std::io::stdout().lock();
    for entry in &entries {
        let line = if json { as_json(entry) } else { as_text(entry) };
        match writeln!(out, "{line}") {
            // The reader closed the pipe, as `head` does.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            outcome => outcome?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn time(entry: &SecurityEvent) -> String {
    entry.at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn as_json(entry: &SecurityEvent) -> String {
    json!({
        "id": entry.id,
        "at": time(entry),
        "kind": entry.kind,
        "user_id": entry.user_id,
        "username": entry.username,
        "address": entry.address,
        "subject": entry.subject,
        "detail": entry.detail,
    })
    .to_string()
}

fn as_text(entry: &SecurityEvent) -> String {
    let mut line = format!("{} {}", time(entry), entry.kind.as_str());
    for (name, value) in [
        ("user", &entry.username),
        ("address", &entry.address),
        ("subject", &entry.subject),
    ] {
        if let Some(value) = value {
            line.push_str(&format!(" {name}={value}"));
        }
    }
    if let Some(detail) = &entry.detail {
        // Text from clients must not control the terminal.
        line.push_str(&format!(" ({})", detail.escape_debug()));
    }
    line
}

#[cfg(test)]
#[path = "tests/security_log.rs"]
mod tests;
