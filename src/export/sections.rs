//! Builds the report, section by section.

mod marked;
mod panel;

use crate::computing::checkpoint;
use crate::domain::answer::answer;
use crate::domain::result::{Agreement, AuditResult};
use crate::protocol::rest::{ClaimView, EvaluationView};

use super::charts::{self, Ink, Row};
use super::report::{Block, Line, Report, Style, Table, heading, ours, styled, theirs};
use super::words::{self, NONE, fine, or_none, percent, plain, score};

pub(super) use marked::{output, source};
pub(super) use panel::judges;

impl<'a> Report<'a> {
    /// Creates the complete report of an evaluation.
    pub(super) fn of(evaluation: &'a EvaluationView, result: &'a AuditResult) -> Self {
        let mut blocks = overview(evaluation, result);
        blocks.extend(self::result(evaluation, result));
        blocks.extend(output(evaluation));
        blocks.extend(claims(evaluation));
        blocks.extend(judges(evaluation));
        blocks.extend(source(evaluation));
        Self {
            title: "Audit of a model's output",
            id: evaluation.id.to_string(),
            made: evaluation.completed_at.unwrap_or(evaluation.created_at),
            blocks,
        }
    }
}

pub(super) fn overview<'a>(evaluation: &'a EvaluationView, result: &AuditResult) -> Vec<Block<'a>> {
    let config = &evaluation.config;
    let mut facts = Vec::new();
    if let Some(name) = &evaluation.name {
        facts.push(("Name", vec![theirs(name.as_str())]));
    }
    facts.extend([
        ("Evaluation", vec![ours(evaluation.id.to_string())]),
        ("Made", vec![ours(words::time(evaluation.created_at))]),
    ]);
    if let Some(completed) = evaluation.completed_at {
        facts.push(("Finished", vec![ours(words::time(completed))]));
    }
    facts.extend([
        ("Judges", vec![theirs(config.judges.join(", "))]),
        (
            "Aggregation",
            vec![ours(plain(result.aggregation_strategy.as_str()))],
        ),
        (
            "Retrieval",
            vec![ours(
                match (config.collection_id, config.enable_retrieval) {
                    (Some(_), _) => "on, from a collection of documents too",
                    (None, true) => "on",
                    (None, false) => "off",
                },
            )],
        ),
    ]);
    if !evaluation.tags.is_empty() {
        let tags: Vec<&str> = evaluation.tags.iter().map(String::as_str).collect();
        facts.push(("Tags", vec![theirs(tags.join(", "))]));
    }
    let mut blocks = vec![Block::Facts(facts)];
    if let Some(notes) = &evaluation.notes {
        blocks.push(heading("Notes"));
        blocks.push(Block::Quote(vec![theirs(notes.as_str())]));
    }
    if let Some(question) = evaluation
        .question
        .as_deref()
        .filter(|text| !text.is_empty())
    {
        blocks.push(heading("Question"));
        blocks.push(Block::Quote(vec![theirs(question)]));
    }
    blocks
}

pub(super) fn result<'a>(evaluation: &EvaluationView, result: &'a AuditResult) -> Vec<Block<'a>> {
    let scores: Vec<(&str, f64)> = evaluation
        .judges
        .iter()
        .filter_map(|judge| Some((judge.judge_name.as_str(), judge.score?)))
        .collect();
    let mut blocks = vec![
        heading("Result"),
        Block::Text(vec![styled(answer(result), Style::Strong)]),
    ];
    let (Some(hallucination), Some(consensus)) =
        (result.hallucination_score, result.consensus_score)
    else {
        return blocks;
    };
    let interval = result.confidence_interval.as_ref();
    blocks.extend([
        Block::Chart(charts::gauge("Hallucination score", hallucination)),
        Block::Chart(charts::interval(consensus, interval, &scores)),
        Block::Facts(headline(result)),
        heading("What the hallucination score is made of"),
        components(result),
        heading("Issues by type"),
        breakdown(result),
        heading("Spread of the scores"),
        statistics(result),
        heading("Agreement over the claims"),
        Block::Facts(agreement(&result.agreement, result.inter_judge_agreement)),
    ]);
    blocks.extend(warnings(result));
    blocks
}

fn of_100(value: Option<f64>) -> String {
    value.map_or_else(
        || NONE.to_owned(),
        |value| format!("{} of 100", score(value)),
    )
}

fn headline(result: &AuditResult) -> Vec<(&'static str, Line<'_>)> {
    let interval = match &result.confidence_interval {
        Some(interval) => format!(
            "{} to {} ({} %, {}, n = {}{})",
            score(interval.lower),
            score(interval.upper),
            interval.level * 100.0,
            words::method(&interval.method),
            interval.n,
            interval
                .n_effective
                .map_or(String::new(), |worth| format!(", worth {worth:.1}"))
        ),
        None => {
            let reason = result.confidence_interval_reason.as_deref();
            format!("none: {}", plain(reason.unwrap_or("undefined")))
        }
    };
    let claims = &result.claims;
    let mut counts = format!(
        "{} in all: {} supported, {} contradicted, {} not supported",
        claims.total, claims.supported, claims.refuted, claims.not_enough_info
    );
    if let Some(share) = &claims.supported_interval {
        let (lower, upper) = (percent(share.lower), percent(share.upper));
        counts.push_str(&format!(" (supported: {lower} to {upper}, Wilson 95 %)"));
    }
    let judges = &result.judges;
    let mut reliability = vec![styled(result.reliability.as_str(), Style::Strong)];
    for (at, reason) in result.reliability_reasons.iter().enumerate() {
        let before = if at == 0 { ": " } else { ", " };
        reliability.push(ours(format!("{before}{}", plain(reason))));
    }
    let strong = |text: String| vec![styled(text, Style::Strong)];
    let mut facts = faithfulness(result);
    facts.extend([
        ("Hallucination", strong(of_100(result.hallucination_score))),
        ("Consensus", strong(of_100(result.consensus_score))),
        ("Interval", vec![ours(interval)]),
        ("Claims", vec![ours(counts)]),
        (
            "Judges",
            vec![ours(format!(
                "{} asked, {} gave a score, {} failed",
                judges.requested, judges.completed, judges.failed
            ))],
        ),
        (
            "Mean confidence",
            vec![ours(or_none(result.mean_confidence, percent))],
        ),
        ("Reliability", reliability),
    ]);
    if let Some(usage) = result.usage.as_ref().filter(|usage| !usage.is_nothing()) {
        facts.push(("Usage", vec![ours(panel::usage(usage))]));
    }
    facts
}

/// The probability that the candidate is fully supported, its origin, and its consequence.
fn faithfulness(result: &AuditResult) -> Vec<(&'static str, Line<'_>)> {
    let Some(whole) = &result.faithfulness else {
        return Vec::new();
    };
    let mut chance = vec![
        styled(percent(whole.probability), Style::Strong),
        ours(" that the source supports every claim"),
    ];
    if let Some(fitted) = &result.calibration {
        chance.push(ours(", calibrated with "));
        chance.push(theirs(fitted.name.as_str()));
        chance.push(ours(format!(" ({} labels)", fitted.labels)));
    }
    if let Some(around) = &whole.interval {
        chance.push(ours(format!(
            "; {} interval {} to {}",
            percent(around.level),
            percent(around.lower),
            percent(around.upper)
        )));
    }
    let threshold = percent(whole.threshold);
    let flagged = if whole.flagged {
        format!("yes, it is under {threshold}")
    } else {
        format!("no, it is {threshold} or more")
    };
    let mut facts = vec![("Faithfulness", chance)];
    let before = result.calibration.as_ref();
    if let Some(before) = before.and_then(|fitted| fitted.raw_probability) {
        facts.push((
            "Before calibration",
            vec![ours(format!("{}, as the panel gave it", percent(before)))],
        ));
    }
    facts.push(("Flagged", vec![ours(flagged)]));
    facts
}

fn components<'a>(result: &AuditResult) -> Block<'a> {
    let parts = result.hallucination_components;
    let rows = [
        (
            "Judges' doubt: 1 − consensus / 100",
            parts.map(|parts| parts.inverse_consensus),
        ),
        (
            "Claims that do not hold: those contradicted, and half of those not supported",
            parts.and_then(|parts| parts.verification),
        ),
        (
            "Flagged issues: by severity, growing towards 1",
            parts.map(|parts| parts.issues),
        ),
        (
            "Judges' uncertainty: 1 − mean confidence",
            parts.map(|parts| parts.confidence),
        ),
    ];
    let rows = rows.map(|(what, value)| vec![vec![ours(what)], vec![ours(or_none(value, fine))]]);
    Block::Table(Table {
        widths: &[0.8, 0.2],
        head: vec!["Component, each 0 to 1", "Value"],
        rows: rows.into(),
    })
}

fn breakdown<'a>(result: &AuditResult) -> Block<'a> {
    if result.hallucination_breakdown.is_empty() {
        return Block::Text(vec![ours("No judge flagged an issue.")]);
    }
    let mut shares: Vec<_> = result.hallucination_breakdown.iter().collect();
    shares.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let rows: Vec<Row> = shares
        .into_iter()
        .map(|(kind, share)| Row {
            name: plain(kind.as_str()),
            share: Some(*share),
            end: percent(*share),
            ink: Ink::Accent,
        })
        .collect();
    Block::Chart(charts::bars(
        "Share of the weight of all flagged issues",
        &rows,
    ))
}

fn statistics<'a>(result: &AuditResult) -> Block<'a> {
    let spread = result.statistics;
    let figures = [
        spread.map(|spread| spread.mean),
        spread.map(|spread| spread.median),
        spread.and_then(|spread| spread.standard_deviation),
        spread.and_then(|spread| spread.variance),
        spread.map(|spread| spread.min),
        spread.map(|spread| spread.q1),
        spread.map(|spread| spread.q3),
        spread.map(|spread| spread.max),
    ];
    let cells = figures.map(|value| vec![ours(or_none(value, score))]);
    Block::Table(Table {
        widths: &[0.125; 8],
        head: vec![
            "Mean",
            "Median",
            "St. dev.",
            "Variance",
            "Lowest",
            "Quartile 1",
            "Quartile 3",
            "Highest",
        ],
        rows: vec![cells.into()],
    })
}

fn agreement<'a>(agreement: &Agreement, of_scores: Option<f64>) -> Vec<(&'static str, Line<'a>)> {
    let figure = |value| vec![ours(or_none(value, fine))];
    let mut facts = vec![
        ("Krippendorff's alpha", figure(agreement.krippendorff_alpha)),
        ("Fleiss' kappa", figure(agreement.fleiss_kappa)),
        ("Gwet's AC1", figure(agreement.gwet_ac1)),
        ("Raw agreement", figure(agreement.raw)),
        ("Agreement of the scores", figure(of_scores)),
        (
            "Rests on",
            vec![ours(format!(
                "{} claims, {} judges",
                agreement.items, agreement.raters
            ))],
        ),
    ];
    let meaning = agreement
        .interpretation
        .as_deref()
        .map_or(NONE.to_owned(), plain);
    facts.push(("In words", vec![ours(meaning)]));
    if let Some(why) = &agreement.undefined_because {
        facts.push(("Undefined because", vec![ours(plain(why))]));
    }
    facts
}

fn warnings(result: &AuditResult) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    if let Some(found) = &result.injection {
        blocks.push(heading("Passages that speak to the judges"));
        let listed = found.signs.len();
        let count = format!(
            "{} found, of which these are the first {listed}.",
            found.total
        );
        blocks.push(Block::Text(vec![ours(count)]));
        let signs = found.signs.iter().map(|sign| {
            let mut line = vec![ours(sign.place.as_str())];
            if let Some(document) = &sign.document {
                line.extend([ours(" "), theirs(document.as_str())]);
            }
            let what = format!(", {}: ", sign.kind.words());
            line.extend([ours(what), theirs(sign.excerpt.as_str())]);
            line
        });
        blocks.push(Block::List(signs.collect()));
    }
    if let Some(found) = result
        .citations
        .as_ref()
        .filter(|found| !found.issues.is_empty())
    {
        blocks.push(heading("Citations and quotations"));
        let issues = found.issues.iter();
        let issues = issues.map(|issue| vec![theirs(issue.description.as_str())]);
        blocks.push(Block::List(issues.collect()));
    }
    if let Some(comparison) = &result.offline_comparison {
        blocks.push(heading("Language models beside the offline judges"));
        let mut line = vec![ours(format!(
            "Mean score of the models {}, of the {} offline judges {}.",
            score(comparison.model_mean),
            comparison.offline_judges,
            score(comparison.offline_mean)
        ))];
        if let Some(note) = &comparison.note {
            line.push(ours(format!(" {note}")));
        }
        blocks.push(Block::Text(line));
    }
    blocks
}

/// Each claim with its verdict, the explanation, and the opinions of the judges.
pub(super) fn claims(evaluation: &EvaluationView) -> Vec<Block<'_>> {
    let mut blocks = vec![heading("The claims")];
    if evaluation.claims.is_empty() {
        blocks.push(Block::Text(vec![ours("No claim was found in the output.")]));
    }
    for view in &evaluation.claims {
        checkpoint();
        let mut title = vec![ours(format!("{} ", view.claim.index + 1))];
        match view.label {
            Some(label) => {
                let sure = or_none(view.confidence, percent);
                let said = format!("{} {}", words::sign(label), words::verdict(label));
                title.push(styled(said, Style::Sign(label)));
                title.push(styled(format!(" · confidence {sure}"), Style::Muted));
                if let Some(before) = view.verifier_label.filter(|before| *before != label) {
                    let before = format!(" · before the judges: {}", words::verdict(before));
                    title.push(styled(before, Style::Muted));
                }
            }
            None => title.push(styled("not decided", Style::Muted)),
        }
        blocks.push(Block::Heading(3, title));
        blocks.push(Block::Quote(vec![theirs(view.claim.text.as_str())]));
        if let Some(reasoning) = &view.reasoning {
            blocks.push(Block::Text(vec![theirs(words::sentence(reasoning))]));
        }
        let evidence = view.evidence.iter().map(|found| {
            let source = match found.source.as_str() {
                "source_text" => "source".into(),
                other => other.to_owned(),
            };
            let from = theirs(source);
            vec![from, ours(": "), theirs(found.text.as_str())]
        });
        let evidence: Vec<Line<'_>> = evidence.collect();
        if !evidence.is_empty() {
            blocks.push(Block::List(evidence));
        }
        blocks.extend(labels(evaluation, view));
    }
    blocks
}

fn labels<'a>(evaluation: &'a EvaluationView, view: &ClaimView) -> Option<Block<'a>> {
    let mut line = vec![styled("Judges: ", Style::Muted)];
    for judge in &evaluation.judges {
        let mut given = judge.claim_verdicts.iter();
        let Some(given) = given.find(|given| given.claim_id == view.claim.id) else {
            continue;
        };
        if line.len() > 1 {
            line.push(ours(", "));
        }
        line.push(theirs(judge.judge_name.as_str()));
        line.push(ours(" "));
        let said = format!(
            "{} {}",
            words::sign(given.label),
            words::verdict(given.label)
        );
        line.push(styled(said, Style::Sign(given.label)));
    }
    (line.len() > 1).then_some(Block::Text(line))
}
