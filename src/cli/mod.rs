//! The command line: parse, dispatch, exit code.
//!
//! Deliberately not here: the audit itself. `demo` is a client of a server like any other; `audit`
//! uses the same actors without a server; `print` shows the events of both.

mod after_restore;
mod alone;
mod audit;
mod backup;
mod benchmark;
mod calibrate;
mod client;
mod compact;
mod complaint;
mod demo;
mod duration;
mod judge_names;
mod judges;
mod keys;
mod local_user;
mod manager;
mod mcp;
mod nodes;
mod partition_events;
pub(crate) mod print;
mod progress;
mod read_document;
mod run_cases;
mod security_log;
mod serve;
mod text_file;
mod users;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use tokio::runtime::Runtime;

use crate::app;
use crate::config::{Config, Sources};
use crate::notices;
use crate::telemetry;

use complaint::{USAGE, complain};

/// Time limit for the runtime's threads to end once everything is closed.
const LAST_THREADS: Duration = Duration::from_secs(1);

/// Heading in `--help` of the options that every command accepts.
const GLOBAL: &str = "Options of every command";

/// Audits a language model's output against its source.
#[derive(Debug, Parser)]
#[command(name = "judge-auditor", version, about)]
struct Cli {
    /// A TOML file with settings.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Change a setting, named as in the file: `limits.starts_per_minute=0`. May be given more than once.
    #[arg(long = "set", global = true, help_heading = GLOBAL, value_name = "KEY=VALUE", value_parser = key_value)]
    settings: Vec<(String, String)>,
    /// Do not use the neural model in the program: there is no judge `neural`, and claims are compared by their words
    /// only.
    #[arg(long, global = true, help_heading = GLOBAL)]
    no_neural: bool,
    /// Print the effective configuration, without secrets, and exit.
    #[arg(long, global = true, help_heading = GLOBAL)]
    print_config: bool,
    /// Print the licences of the software and data that the program contains, and exit.
    #[arg(long, help_heading = GLOBAL)]
    licenses: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server: REST, WebSocket and web page.
    Serve {
        /// The address to listen on, such as 127.0.0.1:8000; port 0 selects a free port.
        #[arg(long, value_name = "ADDRESS")]
        bind: Option<String>,
    },
    /// Show an audit of an example over a WebSocket, with a server and a database of its own. Needs no network and no
    /// key.
    Demo(demo::Arguments),
    /// Audit one output against its source, both read from files, without a server.
    Audit(audit::Arguments),
    /// Audit many outputs, from files of cases or from a folder, and check if a quality gate holds.
    Run(Box<run_cases::Arguments>),
    /// Serve the tools of the Model Context Protocol over standard input and output, for an agent that starts this
    /// program: audit, check_claims, get_evaluation. Needs no server and no account, and stores nothing.
    Mcp,
    /// Update the tables of the database to this release, and exit.
    Migrate,
    /// Rewrite the SQLite database to release its free space. Stop the server first.
    Compact,
    /// Copy the SQLite database to a new file; the server may be running.
    Backup {
        /// The file to write; it must not exist yet.
        file: PathBuf,
    },
    /// Finish the restore of a database from a copy; run it before the server starts. It ends all logins, revokes all
    /// API keys and links, and lets clients know that positions in the old logs are no longer valid.
    AfterRestore,
    /// Create, list, disable and remove accounts, reset passwords, and end logins; the server may be running.
    Users {
        #[command(subcommand)]
        command: users::Command,
    },
    /// Create, list and revoke API keys of accounts; the server may be running.
    Keys {
        #[command(subcommand)]
        command: keys::Command,
    },
    /// List the processes that share the PostgreSQL database.
    Nodes,
    /// Partition the events in PostgreSQL by month, so that old months can be removed at once. Nodes may be running.
    PartitionEvents {
        /// Only print the state of the table and the planned changes.
        #[arg(long)]
        dry_run: bool,
    },
    /// List the record of security events.
    SecurityLog(security_log::Arguments),
    /// Test the configured judges.
    Judges {
        #[command(subcommand)]
        command: judges::Command,
    },
    /// Measure the accuracy of judges on pairs that people have labelled.
    Benchmark(benchmark::Arguments),
    /// Calibrate the faithfulness on your own labels, and report how reliable the calibration is.
    Calibrate(calibrate::Arguments),
    /// Check the configuration, report every problem, and exit.
    CheckConfig,
    /// Extract the text of a document from standard input; the server runs this for each uploaded file.
    #[command(hide = true)]
    ReadDocument { media_type: String },
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("give KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// Runs the program and returns the process's exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Clap chooses between standard output and standard error; a closed pipe is no error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE));
        }
    };
    if let Some(Command::ReadDocument { media_type }) = &cli.command {
        // The document reader needs no settings. It sets its resource limits before it reads
        // anything.
        return read_document::read_document(media_type);
    }
    if cli.licenses {
        return say(notices::THIRD_PARTY);
    }
    let mut sources = Sources::from_process(cli.config.clone(), cli.settings.clone());
    if cli.no_neural {
        sources
            .flags
            .push(("neural.enabled".into(), "false".into()));
    }
    if let Some(Command::Serve { bind: Some(bind) }) = &cli.command {
        sources.flags.push(("server.bind".into(), bind.clone()));
    }
    // Commands whose result is not kept run in a temporary directory, apart from the user's data.
    let scratch = match &cli.command {
        Some(Command::Demo(_) | Command::Audit(_) | Command::Mcp) if !cli.print_config => {
            if matches!(cli.command, Some(Command::Mcp)) {
                let none = |key: &str| (key.to_owned(), "0".to_owned());
                sources.flags.extend(mcp::NO_LIMITS.map(none));
            }
            match scratch(&mut sources) {
                Ok(directory) => Some(directory),
                Err(error) => return fail(&error.into()),
            }
        }
        _ => None,
    };
    let config = match Config::load(&sources) {
        Ok(config) => config,
        Err(problems) => {
            complain(&problems.to_string());
            return ExitCode::from(USAGE);
        }
    };
    if cli.print_config {
        return say(&config.to_toml());
    }
    let Some(command) = cli.command else {
        complain(&Cli::command().render_help().to_string());
        return ExitCode::from(USAGE);
    };
    let code = dispatch(command, Arc::new(config), &sources);
    drop(scratch);
    code
}

fn dispatch(command: Command, config: Arc<Config>, sources: &Sources) -> ExitCode {
    let quiet = matches!(
        command,
        Command::Demo(_)
            | Command::Audit(_)
            | Command::Run(_)
            | Command::Mcp
            | Command::Users { .. }
            | Command::Keys { .. }
            | Command::Nodes
            | Command::PartitionEvents { .. }
            | Command::SecurityLog(_)
            | Command::Judges { .. }
            | Command::Benchmark(_)
            | Command::Calibrate(_)
    );
    let chosen = sources.env.contains_key("AUDITOR_LOG") || !quiet;
    let filter = if chosen {
        config.telemetry.log.as_str()
    } else {
        "warn"
    };
    if let Err(error) = telemetry::init(filter, config.telemetry.format) {
        complain(&error.to_string());
        return ExitCode::from(USAGE);
    }
    let runtime = match runtime() {
        Ok(runtime) => Arc::new(runtime),
        Err(error) => return fail(&error.into()),
    };
    let shared = Arc::clone(&runtime);
    let system = actix_web::rt::System::with_tokio_rt(move || shared);
    let outcome = match command {
        Command::Serve { .. } => system
            .block_on(serve::serve(config))
            .map(|()| ExitCode::SUCCESS),
        Command::Demo(arguments) => system.block_on(demo::demo(arguments, config, &sources.env)),
        Command::Audit(arguments) => system.block_on(audit::audit(arguments, config, &sources.env)),
        Command::Mcp => system.block_on(mcp::mcp(config)),
        Command::Run(arguments) => {
            system.block_on(run_cases::run_gate(*arguments, &config, &sources.env))
        }
        Command::Migrate => serve::migrate(&config),
        Command::Compact => compact::compact(&config),
        Command::Backup { file } => backup::backup(&config, &file),
        Command::AfterRestore => system.block_on(after_restore::after_restore(&config)),
        Command::Users { command } => system.block_on(users::users(command, &config)),
        Command::Keys { command } => system.block_on(keys::keys(command, &config)),
        Command::Nodes => system.block_on(nodes::nodes(&config)),
        Command::PartitionEvents { dry_run } => {
            system.block_on(partition_events::partition_events(&config, dry_run))
        }
        Command::SecurityLog(arguments) => {
            system.block_on(security_log::security_log(arguments, &config))
        }
        Command::Judges { command } => system.block_on(judges::judges(command, &config)),
        Command::Benchmark(arguments) => system.block_on(benchmark::benchmark(arguments, &config)),
        Command::Calibrate(arguments) => system.block_on(calibrate::calibrate(arguments, &config)),
        Command::CheckConfig => check_config(&config),
        Command::ReadDocument { media_type } => Ok(read_document::read_document(&media_type)),
    };
    drop(system);
    if let Some(runtime) = Arc::into_inner(runtime) {
        // Dropping the runtime would block for as long as a thread waits on an unresponsive
        // database.
        runtime.shutdown_timeout(LAST_THREADS);
    }
    outcome.unwrap_or_else(|error| fail(&error))
}

/// Makes the checks that remain once the configuration is loaded: builds every judge, which loads
/// its files, and prints the warnings.
fn check_config(config: &Config) -> Result<ExitCode> {
    let names: Vec<String> = config
        .judges
        .iter()
        .map(|judge| judge.name.clone())
        .collect();
    app::panel(config, &names)?;
    for warning in config.warnings() {
        complain(&format!("warning: {warning}"));
    }
    Ok(say("the configuration is good\n"))
}

/// Builds a runtime like the one that actix makes by itself. It is created here so that it can be
/// shut down with a time limit.
fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn scratch(sources: &mut Sources) -> std::io::Result<tempfile::TempDir> {
    let directory = tempfile::Builder::new()
        .prefix("judge-auditor-")
        .tempdir()?;
    let database = directory.path().join("scratch.db");
    let settings = [
        ("data_dir", directory.path().display().to_string()),
        ("database.url", format!("sqlite:{}", database.display())),
        ("server.bind", "127.0.0.1:0".to_owned()),
        // Another server on this machine may listen on the default port.
        ("telemetry.prometheus_bind", String::new()),
        ("auth.registration", "open".to_owned()),
    ];
    sources
        .flags
        .extend(settings.map(|(key, value)| (key.to_owned(), value)));
    Ok(directory)
}

fn say(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.into()),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    // The reader closed the pipe, as `head` does: that needs no error message.
    let is_closed = |cause: &(dyn std::error::Error + 'static)| {
        let cause = cause.downcast_ref::<std::io::Error>();
        cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(is_closed) {
        return ExitCode::FAILURE;
    }
    complain(&format!("judge-auditor: {error:#}"));
    ExitCode::FAILURE
}
