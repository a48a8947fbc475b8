//! Sets up the log: its filter, its format and its output.
//!
//! Log lines go to stderr, so that stdout stays free for the output of commands. The subscriber is
//! the single global of the program. Nothing here decides what is logged; tokens, keys, query
//! strings and judged texts never are.

use std::io::IsTerminal;

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// Libraries that are silent unless the filter names them. `actix_http` logs each unreadable
/// request of a client as an error, `async_nats` each attempt to connect, and `rmcp` the content of
/// messages. The program logs its own faults where they happen.
const QUIET: [&str; 3] = ["actix_http", "async_nats", "rmcp"];

/// The format of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// Text for people, in colour where stderr is a terminal.
    #[default]
    Text,
    /// One JSON object for each line.
    Json,
}

/// The reason why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    #[error("not a log level or filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("the log is set up already")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Sets up the log for the whole process; `filter` is a level such as `info`, or directives such as
/// `info,judge_auditor::ws=debug`.
///
/// # Errors
/// Fails if the filter is invalid, or if the log is set up already.
pub(crate) fn init(filter: &str, format: Format) -> Result<(), InitError> {
    let filter = quieted(filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        Format::Text => lines.finish().try_init()?,
        Format::Json => lines
            .json()
            .flatten_event(true)
            .with_ansi(false)
            .finish()
            .try_init()?,
    }
    Ok(())
}

/// Adds the silent libraries to a filter.
fn quieted(filter: &str) -> Result<EnvFilter, InitError> {
    let mut chosen = EnvFilter::try_new(filter)?;
    for module in QUIET {
        if !filter.contains(module) {
            chosen = chosen.add_directive(format!("{module}=off").parse()?);
        }
    }
    Ok(chosen)
}

#[cfg(test)]
#[path = "tests/log.rs"]
mod tests;
