//! `users`: lets the operator list and change accounts. It works beside a running server, which
//! closes the connections of a login ended here within a second.

use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Write as _};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Subcommand;

use crate::config::Config;
use crate::domain::ids::FamilyId;
use crate::protocol::error::Refusal;
use crate::protocol::rest::{Register, new_password_fault};
use crate::service::accounts::make_account;
use crate::service::passwords::Passwords;
use crate::service::record::event;
use crate::service::removal::{self, NoRooms};
use crate::store::logins::Login;
use crate::store::security::{self, Kind, SecurityEvent};
use crate::store::users::User;
use crate::store::{Db, Store, StoreSettings, logins, users};

use super::complaint::{USAGE, complain};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create an account, even if `auth.registration` is closed. The password is asked for, or read from standard
    /// input; it is not an argument, because other users of the machine could see it.
    Add {
        /// The name of the account, which is used to log in.
        name: String,
        /// The email address of the account.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
    /// List all accounts: time of creation, name, email address, id, and `disabled` for disabled ones.
    List,
    /// Disable an account: its logins end, and new logins and its API keys are refused. Its data is kept, and its runs
    /// continue.
    Disable {
        /// The name of the account.
        name: String,
    },
    /// Enable an account that was disabled.
    Enable {
        /// The name of the account.
        name: String,
    },
    /// Remove an account with all its data: evaluations, collections, links. This cannot be undone.
    Remove {
        /// The name of the account.
        name: String,
        /// Do not ask for confirmation.
        #[arg(long)]
        yes: bool,
    },
    /// Set a new password, and end all logins. The password is asked for, or read from standard input. API keys are not
    /// affected: `keys revoke NAME --all` revokes them.
    ResetPassword {
        /// The name of the account.
        name: String,
    },
    /// List the active logins of an account: id, and the times of login, last renewal and expiry.
    Sessions {
        /// The name of the account.
        name: String,
        /// End the login with this id.
        #[arg(long, value_name = "ID", conflicts_with = "end_all")]
        end: Option<FamilyId>,
        /// End all logins.
        #[arg(long)]
        end_all: bool,
    },
}

pub(super) async fn users(command: Command, config: &Config) -> Result<ExitCode> {
    match command {
        Command::Add { name, email } => add(name, email, config).await,
        Command::List => list(config).await,
        Command::Disable { name } => disable(&name, config).await,
        Command::Enable { name } => enable(&name, config).await,
        Command::Remove { name, yes } => remove(&name, yes, config).await,
        Command::ResetPassword { name } => reset_password(&name, config).await,
        Command::Sessions { name, end, end_all } => sessions(&name, end, end_all, config).await,
    }
}

/// Opens the configured database with a single connection, for a command that uses it once.
pub(super) async fn store(config: &Config) -> Result<Store> {
    let settings = StoreSettings {
        url: config.database_url(),
        direct_url: config.database.direct_url.clone(),
        pool_size: 1,
        ..StoreSettings::default()
    };
    tokio::task::spawn_blocking(move || Store::open(&settings))
        .await?
        .context("the database can't be opened")
}

/// Finds the account of that name. If there is none, prints an error and returns `None`.
pub(super) async fn account(store: &Store, name: &str) -> Result<Option<User>> {
    let wanted = name.to_owned();
    let found = store
        .read(move |db| users::by_username(db, &wanted))
        .await?;
    if found.is_none() {
        complain(&format!(
            "judge-auditor: there is no account \"{name}\"; `users list` lists them"
        ));
    }
    Ok(found.map(|(user, _)| user))
}

async fn add(username: String, email: String, config: &Config) -> Result<ExitCode> {
    let password = tokio::task::spawn_blocking(password).await??;
    let store = store(config).await?;
    let passwords = Passwords::new();
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
        Err(refusal) => Ok(wrong(&refusal)),
    }
}

/// Prints each fault of the arguments, and returns the exit code of wrong usage.
pub(super) fn wrong(refusal: &Refusal) -> ExitCode {
    if refusal.fields.is_empty() {
        complain(&format!("judge-auditor: {}", refusal.message));
    }
    for fault in &refusal.fields {
        let name = fault.pointer.trim_start_matches('/');
        complain(&format!("judge-auditor: {name}: {}", fault.detail));
    }
    ExitCode::from(USAGE)
}

/// Prompts twice on a terminal, without echo; otherwise reads the first line of standard input.
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
    line_of_stdin()
}

fn line_of_stdin() -> Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("standard input can't be read as UTF-8")?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

async fn list(config: &Config) -> Result<ExitCode> {
    let all = store(config).await?.read(users::all).await?;
    std::io::stdout().write_all(list_of_users(&all).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn list_of_users(all: &[User]) -> String {
    let mut text = String::new();
    for user in all {
        let made = written(user.created_at);
        let disabled = match user.disabled_at {
            Some(_) => " disabled",
            None => "",
        };
        let User {
            username,
            email,
            id,
            ..
        } = user;
        let _ = writeln!(text, "{made} {username} {email} {id}{disabled}");
    }
    text
}

fn list_of_logins(all: &[Login]) -> String {
    let mut text = String::new();
    for login in all {
        let [opened, renewed, ends] =
            [login.created_at, login.renewed_at, login.expires_at].map(written);
        let _ = writeln!(text, "{} {opened} {renewed} {ends}", login.id);
    }
    text
}

fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

async fn disable(name: &str, config: &Config) -> Result<ExitCode> {
    let store = store(config).await?;
    let Some(user) = account(&store, name).await? else {
        return Ok(ExitCode::from(USAGE));
    };
    let (id, mut entry) = (user.id, event(Kind::UserDisabled, Some(&user), None));
    let change = move |db: &mut Db| {
        let now = Utc::now();
        let disabled = users::disable(db, id, now)?;
        let ended = logins::revoke_all(db, id, now)?.len();
        if disabled {
            entry.detail = Some(format!("{ended} logins ended"));
            security::record(db, &entry)?;
        }
        Ok((disabled, ended))
    };
    let (disabled, ended) = store.write(change).await?;
    let what = if disabled {
        "disabled"
    } else {
        "was disabled before"
    };
    writeln!(
        std::io::stdout(),
        "{} {what}; logins that were ended: {ended}",
        user.username
    )?;
    Ok(ExitCode::SUCCESS)
}

async fn enable(name: &str, config: &Config) -> Result<ExitCode> {
    let store = store(config).await?;
    let Some(user) = account(&store, name).await? else {
        return Ok(ExitCode::from(USAGE));
    };
    let (id, entry) = (user.id, event(Kind::UserEnabled, Some(&user), None));
    let change = move |db: &mut Db| {
        let enabled = users::enable(db, id)?;
        if enabled {
            security::record(db, &entry)?;
        }
        Ok((enabled, users::in_removal(db)?.contains(&id)))
    };
    let (enabled, in_removal) = store.write(change).await?;
    if in_removal {
        bail!("the account is being removed, which nothing can undo");
    }
    let what = if enabled {
        "enabled"
    } else {
        "was not disabled"
    };
    writeln!(std::io::stdout(), "{} {what}", user.username)?;
    Ok(ExitCode::SUCCESS)
}

async fn remove(name: &str, yes: bool, config: &Config) -> Result<ExitCode> {
    let store = store(config).await?;
    let Some(user) = account(&store, name).await? else {
        return Ok(ExitCode::from(USAGE));
    };
    if !yes {
        if !std::io::stdin().is_terminal() {
            complain("judge-auditor: nobody can be asked here: give --yes to remove the account");
            return Ok(ExitCode::from(USAGE));
        }
        write!(
            std::io::stderr(),
            "This removes the account and all that it has, for good. Type its name, {}: ",
            user.username
        )?;
        if tokio::task::spawn_blocking(line_of_stdin).await?? != user.username {
            bail!("that is another name: nothing was removed");
        }
    }
    let (id, entry) = (user.id, event(Kind::UserRemoved, Some(&user), None));
    let entry = SecurityEvent {
        detail: Some("on the command line".to_owned()),
        ..entry
    };
    store
        .write(move |db| removal::begin(db, id, &entry))
        .await?;
    removal::remove_data(&store, id, &NoRooms)
        .await
        .context("a part is removed; give the command again, or let the server finish it")?;
    writeln!(std::io::stdout(), "{} removed", user.username)?;
    Ok(ExitCode::SUCCESS)
}

async fn reset_password(name: &str, config: &Config) -> Result<ExitCode> {
    let store = store(config).await?;
    let Some(user) = account(&store, name).await? else {
        return Ok(ExitCode::from(USAGE));
    };
    let password = tokio::task::spawn_blocking(password).await??;
    let fault = new_password_fault("/password", &password, &user.username, &user.email);
    if let Some(fault) = fault {
        complain(&format!("judge-auditor: password: {}", fault.detail));
        return Ok(ExitCode::from(USAGE));
    }
    let hash = Passwords::new().hash(password).await;
    let hash = hash.map_err(|refusal| anyhow!("{}", refusal.message))?;
    let (id, mut entry) = (user.id, event(Kind::PasswordReset, Some(&user), None));
    let change = move |db: &mut Db| {
        users::reset_password(db, id, &hash)?;
        let ended = logins::revoke_all(db, id, Utc::now())?.len();
        entry.detail = Some(format!("{ended} logins ended"));
        security::record(db, &entry)?;
        Ok(ended)
    };
    let ended = store.write(change).await?;
    writeln!(
        std::io::stdout(),
        "{} has a new password; logins that were ended: {ended}",
        user.username
    )?;
    Ok(ExitCode::SUCCESS)
}

async fn sessions(
    name: &str,
    end: Option<FamilyId>,
    end_all: bool,
    config: &Config,
) -> Result<ExitCode> {
    let store = store(config).await?;
    let Some(user) = account(&store, name).await? else {
        return Ok(ExitCode::from(USAGE));
    };
    let id = user.id;
    if !end_all && end.is_none() {
        let now = Utc::now();
        let all = store.read(move |db| logins::in_force(db, id, now)).await?;
        std::io::stdout().write_all(list_of_logins(&all).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut entry = event(Kind::LoginsEnded, Some(&user), None);
    let change = move |db: &mut Db| {
        let now = Utc::now();
        let ended = match end {
            Some(login) => usize::from(logins::revoke_one(db, id, login, now)?),
            None => logins::revoke_all(db, id, now)?.len(),
        };
        if ended > 0 {
            entry.subject = end.map(|login| login.to_string());
            entry.detail = Some(format!("{ended} logins ended"));
            security::record(db, &entry)?;
        }
        Ok(ended)
    };
    let ended = store.write(change).await?;
    if end.is_some() && ended == 0 {
        complain("judge-auditor: the account has no such login in force");
        return Ok(ExitCode::from(USAGE));
    }
    writeln!(std::io::stdout(), "logins that were ended: {ended}")?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
#[path = "tests/users.rs"]
mod tests;
