//! Sets up the log: its filter, its format and its output.
//!
//! Log lines go to stderr, so that stdout stays free for the output of commands. The subscriber is
//! the single global of the program. Nothing here decides what is logged; tokens, keys, query
//! strings and judged texts never are.

use std::io::IsTerminal;

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// The module that logs malformed requests of clients as errors.
const STRANGERS: &str = "actix_http";

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

/// Silences `actix_http` unless the filter names it: it logs each unreadable request as an error,
/// and anybody can send one. The program logs its own faults where they happen.
fn quieted(filter: &str) -> Result<EnvFilter, InitError> {
    let chosen = EnvFilter::try_new(filter)?;
    if filter.contains(STRANGERS) {
        return Ok(chosen);
    }
    Ok(chosen.add_directive(format!("{STRANGERS}=off").parse()?))
}

#[cfg(test)]
#[path = "tests/log.rs"]
mod tests;
