//! `judges`: whether the configured judges work, tried before anybody's audit depends on them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::app;
use crate::config::Config;
use crate::domain::hint::hint;
use crate::domain::report::{JudgeReport, JudgeStatus};

use super::complaint::{USAGE, complain};
use super::judge_names::judges_fault;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Call each judge once with a tiny case, and tell what works, how fast, at which price. The exit
    /// code is 0 if all work, 1 if one does not.
    Check {
        /// A judge to call; may be given more than once. Default: all configured ones.
        #[arg(long = "judge", value_name = "NAME")]
        judges: Vec<String>,
        /// Print the answers as JSON, and nothing else.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn judges(command: Command, config: &Config) -> Result<ExitCode> {
    let Command::Check { judges, json } = command;
    if let Some(wrong) = judges_fault(config, &judges) {
        complain(&format!("judge-auditor: {wrong}"));
        return Ok(ExitCode::from(USAGE));
    }
    let reports = app::try_judges(config, &judges).await?;
    let text = if json {
        serde_json::to_string_pretty(&reports.iter().map(as_json).collect::<Vec<_>>())? + "\n"
    } else {
        as_table(&reports)
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(if reports.iter().all(works) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// An abstention is an answer.
const fn works(report: &JudgeReport) -> bool {
    !report.status.is_failure()
}

fn as_json(report: &JudgeReport) -> Value {
    json!({
        "name": report.judge_name,
        "kind": report.kind,
        "model": report.model,
        "works": works(report),
        "status": report.status,
        "failure": report.failure,
        "error": report.error,
        "hint": report.failure.map(hint),
        "score": report.score,
        "latency_ms": report.response_time_ms,
        "calls": report.attempts,
        "usage": report.usage,
    })
}

const HEADINGS: [&str; 7] = [
    "judge", "kind", "model", "answer", "time", "tokens", "price",
];

/// A row a judge, and below the row of one that does not work why, and what can be done.
fn as_table(reports: &[JudgeReport]) -> String {
    let rows: Vec<[String; 7]> = reports.iter().map(row).collect();
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.fold(HEADINGS[column].len(), usize::max)
        })
        .collect();
    let mut text = String::new();
    line(&mut text, &HEADINGS, &widths);
    for (row, report) in rows.iter().zip(reports) {
        line(&mut text, &row.each_ref().map(String::as_str), &widths);
        if let Some(error) = &report.error {
            let _ = writeln!(text, "    {}", shown(error));
        }
        if let Some(failure) = report.failure {
            let _ = writeln!(text, "    hint: {}", hint(failure));
        }
    }
    let working = reports.iter().filter(|report| works(report)).count();
    let _ = writeln!(text, "{working} of {} work", reports.len());
    text
}

fn row(report: &JudgeReport) -> [String; 7] {
    let answer = match (report.status, report.failure) {
        (JudgeStatus::Completed, _) => "ok".to_owned(),
        (JudgeStatus::Abstained, _) => "ok, abstains".to_owned(),
        (_, Some(failure)) => failure.as_str().replace('_', " "),
        (status, None) => status.as_str().replace('_', " "),
    };
    let usage = report.usage.unwrap_or_default();
    let tokens = report
        .usage
        .map(|usage| format!("{} + {}", usage.prompt_tokens, usage.completion_tokens));
    let price = usage.cost_usd.map(|dollars| format!("${dollars:.6}"));
    [
        shown(&report.judge_name),
        report.kind.clone(),
        shown(&report.model),
        answer,
        format!("{} ms", report.response_time_ms),
        tokens.unwrap_or_default(),
        price.unwrap_or_default(),
    ]
}

/// What a provider wrote must not steer the terminal.
fn shown(text: &str) -> String {
    let visible = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    text.chars().map(visible).collect()
}

fn line(text: &mut String, cells: &[&str; 7], widths: &[usize]) {
    let padded = cells.iter().zip(widths);
    let padded: Vec<String> = padded
        .map(|(cell, width)| format!("{cell:width$}"))
        .collect();
    text.push_str(padded.join("  ").trim_end());
    text.push('\n');
}

#[cfg(test)]
#[path = "tests/judges.rs"]
mod tests;
