//! `keys`: lets the operator create, list and revoke API keys of accounts. It works beside a
//! running server, which closes the connections of a key revoked here within a second.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use chrono::Utc;
use clap::Subcommand;

use crate::config::Config;
use crate::domain::credential::Scope;
use crate::domain::ids::ApiKeyId;
use crate::protocol::rest::CreateKey;
use crate::protocol::timestamp;
use crate::service::api_keys::make_key;
use crate::service::record::event;
use crate::store::api_keys::{self, ApiKey};
use crate::store::security::{self, Kind};
use crate::store::{Db, Store};

use super::complaint::{USAGE, complain};
use super::duration::duration;
use super::users::{account, store, wrong};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a key for an account, and print it. It is shown only once.
    Add {
        /// The name of the account.
        user: String,
        /// The name of the key in lists, such as the name of the program that uses it.
        #[arg(long)]
        name: String,
        /// The scopes of the key, separated by commas: read, audit (includes read) or manage (includes both).
        #[arg(
            long = "scope",
            value_name = "SCOPE",
            required = true,
            value_delimiter = ','
        )]
        scopes: Vec<Scope>,
        /// The lifetime of the key, such as 12h or 90d. Default: until it is revoked.
        #[arg(long, value_name = "DURATION", value_parser = lifetime)]
        expires: Option<Duration>,
        /// A network that requests with the key may come from, such as 192.0.2.0/24, or a single address; may be given
        /// more than once. Default: any address.
        #[arg(long = "address", value_name = "NETWORK")]
        addresses: Vec<String>,
        /// The daily budget (UTC) in US dollars of what the key starts, within the account's own budget. Default: the
        /// account's budget only.
        #[arg(long, value_name = "DOLLARS")]
        day_usd: Option<f64>,
        /// The daily budget (UTC) in tokens, sent and received, of what the key starts. Default: the account's budget only.
        #[arg(long, value_name = "TOKENS")]
        day_tokens: Option<u64>,
        /// The number of requests per minute with the key: calls, opened connections, and commands of the socket. Each
        /// node counts separately. Default: the account's limits only.
        #[arg(long, value_name = "REQUESTS")]
        per_minute: Option<u64>,
    },
    /// List the keys of an account: id, first characters, times of creation, last use and expiry, scopes, name,
    /// allowed networks, daily budget, and requests per minute.
    List {
        /// The name of the account.
        user: String,
    },
    /// Revoke a key of an account, or all of them. Their connections are closed within a second.
    Revoke {
        /// The name of the account.
        user: String,
        /// The id of the key, as `keys list` shows it.
        #[arg(value_name = "ID", required_unless_present = "all")]
        key: Option<ApiKeyId>,
        /// Revoke all keys of the account.
        #[arg(long, conflicts_with = "key")]
        all: bool,
    },
}

fn lifetime(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "give a number and a unit, such as 12h or 90d".to_owned())
}

pub(super) async fn keys(command: Command, config: &Config) -> Result<ExitCode> {
    let store = store(config).await?;
    match command {
        Command::Add {
            user,
            name,
            scopes,
            expires,
            addresses,
            day_usd,
            day_tokens,
            per_minute,
        } => {
            let body = CreateKey {
                name,
                scopes,
                expires_in_s: expires.map(|lifetime| lifetime.as_secs()),
                addresses,
                day_usd,
                day_tokens,
                per_minute,
            };
            add(&store, config, &user, body).await
        }
        Command::List { user } => list(&store, &user).await,
        Command::Revoke { user, key, .. } => revoke(&store, &user, key).await,
    }
}

async fn add(store: &Store, config: &Config, user: &str, body: CreateKey) -> Result<ExitCode> {
    let Some(user) = account(store, user).await? else {
        return Ok(ExitCode::from(USAGE));
    };
    match make_key(store, config, &user, body, None).await {
        Ok((text, key)) => {
            complain(&format!(
                "{} for {}: keep it now, it is not shown again",
                key.id, user.username
            ));
            writeln!(std::io::stdout(), "{text}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) if refusal.code.retryable() => bail!("{}", refusal.message),
        Err(refusal) => Ok(wrong(&refusal)),
    }
}

async fn list(store: &Store, user: &str) -> Result<ExitCode> {
    let Some(user) = account(store, user).await? else {
        return Ok(ExitCode::from(USAGE));
    };
    let all = store.read(move |db| api_keys::list(db, user.id)).await?;
    std::io::stdout().write_all(list_of_keys(&all).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn list_of_keys(all: &[ApiKey]) -> String {
    let mut text = String::new();
    for key in all {
        let made = timestamp(key.created_at);
        let [used, ends] = [key.last_used_at, key.expires_at]
            .map(|time| time.map_or_else(|| "never".to_owned(), timestamp));
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let ApiKey {
            id, prefix, name, ..
        } = key;
        let _ = write!(
            text,
            "{id} {prefix} {made} {used} {ends} {} {name}",
            scopes.join(",")
        );
        if !key.addresses.is_empty() {
            let _ = write!(text, " (from {})", key.addresses.join(", "));
        }
        if let Some(usd) = key.budget.usd {
            let _ = write!(text, " (${usd} a day)");
        }
        if let Some(tokens) = key.budget.tokens {
            let _ = write!(text, " ({tokens} tokens a day)");
        }
        if let Some(rate) = key.per_minute {
            let _ = write!(text, " ({rate} requests a minute)");
        }
        text.push('\n');
    }
    text
}

async fn revoke(store: &Store, user: &str, key: Option<ApiKeyId>) -> Result<ExitCode> {
    let Some(user) = account(store, user).await? else {
        return Ok(ExitCode::from(USAGE));
    };
    let (id, mut entry) = (user.id, event(Kind::KeyRevoked, Some(&user), None));
    let change = move |db: &mut Db| {
        let now = Utc::now();
        let revoked = match key {
            Some(key) => {
                entry.subject = Some(key.to_string());
                entry.detail = api_keys::revoke(db, id, key, now)?;
                usize::from(entry.detail.is_some())
            }
            None => {
                let revoked = api_keys::revoke_all(db, id, now)?.len();
                entry.detail = Some(format!("all {revoked} on the command line"));
                revoked
            }
        };
        if revoked > 0 {
            security::record(db, &entry)?;
        }
        Ok(revoked)
    };
    let revoked = store.write(change).await?;
    if key.is_some() && revoked == 0 {
        complain("judge-auditor: the account has no such key; `keys list` lists them");
        return Ok(ExitCode::from(USAGE));
    }
    writeln!(std::io::stdout(), "keys that were revoked: {revoked}")?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
#[path = "tests/keys.rs"]
mod tests;
