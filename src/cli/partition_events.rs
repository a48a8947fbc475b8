//! `partition-events`: partitions the event log of a PostgreSQL database by month.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use chrono::Utc;

use crate::config::Config;
use crate::store::partitioning::{Before, PartitionError, Partitioned, before, partition};
use crate::store::{StoreError, StoreSettings};

use super::users::store;

/// Partitions the log and prints what it was and how long it took; with `dry_run`, only what it
/// would do.
pub(super) async fn partition_events(config: &Config, dry_run: bool) -> Result<ExitCode> {
    if !dry_run {
        // Also brings the tables up to date.
        drop(store(config).await?);
    }
    let settings = StoreSettings {
        url: config.database_url(),
        direct_url: config.database.direct_url.clone(),
        pool_size: 1,
        ..StoreSettings::default()
    };
    let work = move || {
        if dry_run {
            before(&settings, Utc::now()).map(|found| (found, None))
        } else {
            partition(&settings, Utc::now())
        }
    };
    let (found, done) = match tokio::task::spawn_blocking(work).await? {
        Err(error @ PartitionError::Store(StoreError::InDoubt(_))) => {
            return Err(error)
                .context("the event log may have been partitioned or not: --dry-run says which");
        }
        outcome => outcome.context("the event log is as it was")?,
    };
    let said = said(&found, done.as_ref(), config.retention.events_days);
    write!(std::io::stdout(), "{said}")?;
    Ok(ExitCode::SUCCESS)
}

fn said(found: &Before, done: Option<&Partitioned>, events_days: u32) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = match found {
        Before::File => {
            writeln!(text, "the database is a SQLite file, which has no partitions: there is nothing to do")
        }
        Before::Partitioned(found) => {
            let months: Vec<String> = found.months.iter().map(ToString::to_string).collect();
            let before = found.before.map_or_else(String::new, |first| format!(" everything before {first},"));
            writeln!(
                text,
                "the event log is partitioned already: there is nothing to do\nit has{before} {} and the rest",
                months.join(", "),
            )
        }
        Before::Plain(found) => writeln!(
            text,
            "the event log is one table: about {} events, {} bytes with indexes",
            found.events, found.bytes
        )
        .and_then(|()| match done {
            None => writeln!(
                text,
                "it would become the partition of everything before {}, and each month from then on would have its own",
                found.first
            ),
            Some(done) => writeln!(
                text,
                "it is the partition of everything before {} now, and each month from then on has its own\n\
                 checked in {:.1} s beside the nodes, exchanged in {} ms",
                done.first,
                done.checked_in.as_secs_f64(),
                done.exchanged_in.as_millis()
            ),
        }),
    };
    if events_days == 0 && !matches!(found, Before::File) {
        text.push_str("retention.events_days is 0: no month will be dropped\n");
    }
    text
}

#[cfg(test)]
#[path = "tests/partition_events.rs"]
mod tests;
