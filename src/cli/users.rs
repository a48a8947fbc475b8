//! `users`: the first account of a closed server, and who has one. Works beside a running server.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use chrono::SecondsFormat;
use clap::Subcommand;

use crate::config::Config;
use crate::protocol::rest::Register;
use crate::service::accounts::make_account;
use crate::service::passwords::Passwords;
use crate::store::security::Kind;
use crate::store::{Store, StoreSettings, users};

use super::{USAGE, complain};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an account, whatever `auth.registration` says. The password is asked for, or read from
    /// standard input; never an argument, which others could see.
    Add {
        /// The name to log in with.
        name: String,
        /// An email address.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
    /// List all accounts: when made, name, email, id.
    List,
}

pub(super) async fn users(command: Command, config: &Config) -> Result<ExitCode> {
    match command {
        Command::Add { name, email } => add(name, email, config).await,
        Command::List => list(config).await,
    }
}

/// The configured database, for a command that uses it once.
pub(super) async fn store(config: &Config) -> Result<Store> {
    let settings = StoreSettings {
        url: config.database_url(),
        pool_size: 1,
    };
    tokio::task::spawn_blocking(move || Store::open(&settings))
        .await?
        .context("the database can't be opened")
}

async fn add(username: String, email: String, config: &Config) -> Result<ExitCode> {
    let password = tokio::task::spawn_blocking(password).await??;
    let store = store(config).await?;
    let passwords = tokio::task::spawn_blocking(Passwords::new)
        .await?
        .map_err(|error| anyhow!(error))?;
    let body = Register {
        username,
        email,
        password,
    };
    match make_account(&store, &passwords, body, Kind::UserAdded, None).await {
        Ok(user) => {
            writeln!(std::io::stdout(), "{} {}", user.username, user.id)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) if refusal.code.retryable() => bail!("{}", refusal.message),
        Err(refusal) => {
            if refusal.fields.is_empty() {
                complain(&format!("judge-auditor: {}", refusal.message));
            }
            for fault in &refusal.fields {
                let name = fault.pointer.trim_start_matches('/');
                complain(&format!("judge-auditor: {name}: {}", fault.detail));
            }
            Ok(ExitCode::from(USAGE))
        }
    }
}

/// Asks twice where somebody sits, without showing it; else the first line of what is piped in.
fn password() -> Result<String> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let first = rpassword::prompt_password("Password: ")?;
        let second = rpassword::prompt_password("The same again: ")?;
        if first != second {
            bail!("the two are not the same");
        }
        return Ok(first);
    }
    let mut line = String::new();
    stdin
        .lock()
        .read_line(&mut line)
        .context("standard input can't be read as UTF-8")?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

async fn list(config: &Config) -> Result<ExitCode> {
    let all = store(config).await?.read(users::all).await?;
    let mut out = std::io::stdout().lock();
    for user in all {
        let made = user.created_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        writeln!(out, "{made} {} {} {}", user.username, user.email, user.id)?;
    }
    Ok(ExitCode::SUCCESS)
}
