//! `judges`: calls the configured judges once, so that a fault shows before an audit depends on
//! them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::app::{self, Offer, Tried};
use crate::config::Config;
use crate::domain::hint::hint;
use crate::domain::report::{JudgeReport, JudgeStatus};

use super::complaint::{USAGE, complain};
use super::judge_names::judges_fault;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Ask each judge about one small case, and report if it works, its response time and its price. The exit code is
    /// 0 if all judges work, otherwise 1.
    Check {
        /// The name of a judge to ask; may be given more than once. Default: all configured judges.
        #[arg(long = "judge", value_name = "NAME")]
        judges: Vec<String>,
        /// Print only the results, as JSON.
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
    let tried = app::try_judges(config, &judges).await?;
    let text = if json {
        serde_json::to_string_pretty(&tried.iter().map(as_json).collect::<Vec<_>>())? + "\n"
    } else {
        as_table(&tried)
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(if tried.iter().all(|tried| works(&tried.report)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// An abstention is a valid answer, so a judge that abstains counts as working.
const fn works(report: &JudgeReport) -> bool {
    !report.status.is_failure()
}

fn as_json(Tried { report, offer }: &Tried) -> Value {
    let models = offer.as_ref().map(|offer| {
        json!({
            "has_model": offer.has_model,
            "likest": offer.likest,
            "total": offer.total,
        })
    });
    json!({
        "offered_models": models,
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

/// Formats one row per judge. Below the row of a judge that failed stand its error and a hint.
fn as_table(tried: &[Tried]) -> String {
    let rows: Vec<[String; 7]> = tried.iter().map(|tried| row(&tried.report)).collect();
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.fold(HEADINGS[column].len(), usize::max)
        })
        .collect();
    let mut text = String::new();
    line(&mut text, &HEADINGS, &widths);
    for (row, Tried { report, offer }) in rows.iter().zip(tried) {
        line(&mut text, &row.each_ref().map(String::as_str), &widths);
        if let Some(error) = &report.error {
            let _ = writeln!(text, "    {}", shown(error));
        }
        if let Some(failure) = report.failure {
            let _ = writeln!(text, "    hint: {}", hint(failure));
        }
        if let Some(told) = offer.as_ref().and_then(|offer| told(&report.model, offer)) {
            let _ = writeln!(text, "    {told}");
        }
    }
    let working = tried.iter().filter(|tried| works(&tried.report)).count();
    let _ = writeln!(text, "{working} of {} work", tried.len());
    text
}

/// Names the provider's most similar models if it does not offer the configured one; `None` if it
/// does.
fn told(model: &str, offer: &Offer) -> Option<String> {
    let names: Vec<String> = offer.likest.iter().map(|name| shown(name)).collect();
    (!offer.has_model).then(|| {
        format!(
            "the provider does not offer {}; of its {} models these are called most alike: {}",
            shown(model),
            offer.total,
            names.join(", ")
        )
    })
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

/// Escapes control characters: text from a provider must not control the terminal.
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
