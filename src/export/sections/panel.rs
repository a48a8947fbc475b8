//! Compares the judges, and shows the report of each.

use crate::domain::report::{JudgeReport, Usage};
use crate::protocol::rest::EvaluationView;

use super::super::charts::{self, Ink, Row};
use super::super::report::{Block, Line, Style, Table, heading, ours, styled, theirs};
use super::super::words::{self, or_none, percent, plain, score};

/// All judges of the run.
pub(in crate::export) fn judges(evaluation: &EvaluationView) -> Vec<Block<'_>> {
    let rows: Vec<Row> = evaluation.judges.iter().map(bar).collect();
    let mut blocks = vec![
        heading("The judges"),
        Block::Chart(charts::bars("Score by judge, of 100", &rows)),
        Block::Table(Table {
            widths: &[0.18, 0.24, 0.16, 0.1, 0.14, 0.18],
            head: vec![
                "Judge",
                "Model",
                "Status",
                "Score",
                "Confidence",
                "Time, attempts",
            ],
            rows: evaluation.judges.iter().map(row).collect(),
        }),
    ];
    for judge in &evaluation.judges {
        blocks.push(Block::Heading(3, vec![theirs(judge.judge_name.as_str())]));
        if !judge.reasoning.is_empty() {
            blocks.push(Block::Text(vec![theirs(words::sentence(&judge.reasoning))]));
        }
        if let Some(error) = &judge.error {
            blocks.push(Block::Text(vec![
                styled("Error: ", Style::Strong),
                theirs(words::sentence(error)),
            ]));
        }
        if let Some(used) = &judge.usage {
            blocks.push(Block::Text(vec![styled(usage(used), Style::Muted)]));
        }
        let issues: Vec<Line<'_>> = judge
            .flagged_issues
            .iter()
            .map(|issue| {
                let kind = format!(
                    "{} ({}): ",
                    plain(issue.kind.as_str()),
                    issue.severity.as_str()
                );
                vec![
                    styled(kind, Style::Strong),
                    theirs(issue.description.as_str()),
                ]
            })
            .collect();
        if !issues.is_empty() {
            blocks.push(Block::List(issues));
        }
    }
    blocks
}

fn bar(judge: &JudgeReport) -> Row {
    Row {
        name: judge.judge_name.clone(),
        share: judge.score.map(|score| score / 100.0),
        end: judge
            .score
            .map_or_else(|| plain(judge.status.as_str()), score),
        ink: Ink::Accent,
    }
}

fn row(judge: &JudgeReport) -> Vec<Line<'_>> {
    let time = format!("{} ms, {}", judge.response_time_ms, judge.attempts);
    vec![
        vec![theirs(judge.judge_name.as_str())],
        vec![theirs(judge.model.as_str())],
        vec![ours(plain(judge.status.as_str()))],
        vec![ours(or_none(judge.score, words::score))],
        vec![ours(or_none(judge.confidence, percent))],
        vec![ours(time)],
    ]
}

/// Tokens, and their price if it is known.
pub(super) fn usage(usage: &Usage) -> String {
    let tokens = format!(
        "{} tokens sent, {} received",
        usage.prompt_tokens, usage.completion_tokens
    );
    match usage.cost_usd {
        Some(cost) => format!("{tokens}, ${cost:.4}"),
        None => tokens,
    }
}
