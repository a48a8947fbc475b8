//! `nodes`: lists the processes that share the database, with the state of each.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::config::Config;
use crate::store::fleet::nodes::{Node, all};

use super::users::store;

/// Time between the two reads. A live node sends a heartbeat each second, so it sends at least one
/// in between.
const BETWEEN: Duration = Duration::from_millis(2500);

const TITLES: [&str; 8] = [
    "NAME",
    "RELEASE",
    "STATE",
    "BEATS",
    "RUNS",
    "CONNECTIONS",
    "SINCE",
    "OTHERWISE THAN THE FIRST",
];

/// Reads the nodes twice, and prints a table. A heartbeat is a counter that a node increments each
/// second: a node whose counter is the same in both reads is listed as silent, and one that is
/// missing in the second as gone.
pub(super) async fn nodes(config: &Config) -> Result<ExitCode> {
    let store = store(config).await?;
    if !store.is_shared() {
        bail!("the database is a SQLite file, which has one process: there are no nodes to list");
    }
    let before = store.read(all).await?;
    if before.is_empty() {
        bail!("no process works on this database: `judge-auditor serve` starts one");
    }
    tokio::time::sleep(BETWEEN).await;
    let now = store.read(all).await?;
    write!(std::io::stdout(), "{}", table(&before, &now))?;
    Ok(ExitCode::SUCCESS)
}

fn table(before: &[Node], now: &[Node]) -> String {
    // The oldest that is still there; where none is, all are compared with the oldest that was.
    let first = now.first().or(before.first());
    let listed = now.iter().map(|node| {
        let was = before.iter().find(|was| was.id == node.id);
        (node, state(was, node))
    });
    let gone = before
        .iter()
        .filter(|was| now.iter().all(|node| node.id != was.id))
        .map(|was| (was, "gone"));
    let rows = listed
        .chain(gone)
        .map(|(node, state)| row(node, state, first.unwrap_or(node)));
    let rows: Vec<[String; 8]> = [TITLES.map(str::to_owned)]
        .into_iter()
        .chain(rows)
        .collect();
    let widths: [usize; 8] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    });
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn state(was: Option<&Node>, node: &Node) -> &'static str {
    match was {
        // One that stops shows until its end that it is alive: it was killed, or hangs.
        Some(was) if was.beat == node.beat => "silent",
        _ if node.load.draining => "stopping",
        // The node has lost the bus, and polls the database for events instead.
        _ if node.load.bus_deaf => "deaf",
        _ => "works",
    }
}

fn row(node: &Node, state: &str, first: &Node) -> [String; 8] {
    let places = match node.places {
        0 => "any".to_owned(),
        places => places.to_string(),
    };
    let differences = [
        (node.release != first.release, "release"),
        (
            node.signing_key_id != first.signing_key_id,
            "key of access tokens",
        ),
        (node.config_digest != first.config_digest, "settings"),
    ];
    let differences: Vec<&str> = differences
        .into_iter()
        .filter_map(|(differs, what)| differs.then_some(what))
        .collect();
    [
        node.name.clone(),
        node.release.clone(),
        state.to_owned(),
        node.beat.to_string(),
        format!("{} of {places}", node.load.at_work),
        node.load.connections.to_string(),
        node.started_at.format("%Y-%m-%d %H:%M:%SZ").to_string(),
        differences.join(", "),
    ]
}

#[cfg(test)]
#[path = "tests/nodes.rs"]
mod tests;
