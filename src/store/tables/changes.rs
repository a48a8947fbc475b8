//! Stores and loads the results of a run: claims, verdicts, judges' reports, and its end.
//!
//! Writing a change is idempotent, so a caller that lost the answer to a commit may retry it. The
//! row types are in `fact_rows`.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Double, Text};

use super::columns::{counter, finite, json, name, text, time};
use super::fact_rows::{ClaimRow, IssueRow, ReportRow, VerdictRow};
use super::schema::{
    claim_verdicts, claims, evaluation_runs, evaluation_sessions, flagged_issues, judge_results,
};
use super::usage;
use crate::domain::claim::Claim;
use crate::domain::ids::{ClaimId, RunId, SessionId};
use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::run::{Change, Ending};
use crate::domain::verdict::{Decision, Probabilities, Verdict};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum number of rows in one statement; with 16 columns it stays below SQLite's limit of 32,766
/// parameters.
const CHUNK: usize = 1000;

/// Inserts rows on either database and ignores those that exist already.
macro_rules! insert_new {
    ($db:expr, $table:expr, $rows:expr) => {{
        let mut inserted = 0;
        for chunk in $rows.chunks(CHUNK) {
            let insert = diesel::insert_into($table).values(chunk);
            inserted += match $db {
                Db::Pg(c) => insert.on_conflict_do_nothing().execute(c)?,
                Db::Sqlite(c) => insert.on_conflict_do_nothing().execute(c)?,
            };
        }
        inserted
    }};
}

/// Rejects values that a column cannot hold, before they join a transaction that others share.
pub(crate) fn check(change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Claims(_) => Ok(()),
        Change::Verdict(verdict) => {
            certain("a verdict", verdict.confidence, Some(verdict.probability))
        }
        Change::Decisions(decisions) => decisions.iter().try_for_each(|decision| {
            certain(
                "a decision",
                decision.confidence,
                Some(decision.probability),
            )
        }),
        Change::Report(report) => {
            let usage = report.usage.and_then(|usage| usage.cost_usd);
            for value in [report.score, report.confidence, usage]
                .into_iter()
                .flatten()
            {
                finite("a judge's figure", value)?;
            }
            report.claim_verdicts.iter().try_for_each(|label| {
                certain("a judge's label", label.confidence, label.probability)
            })
        }
        Change::Ended(ending) => ending.result.as_ref().map_or(Ok(()), check_result),
    }
}

/// Rejects confidences and probabilities that are not finite.
fn certain(
    what: &str,
    confidence: f64,
    probability: Option<Probabilities>,
) -> Result<(), StoreError> {
    let each = probability
        .into_iter()
        .flat_map(|of| [of.supported, of.refuted, of.not_enough_info]);
    std::iter::once(confidence)
        .chain(each)
        .try_for_each(|value| finite(what, value).map(drop))
}

/// Rejects numbers that are not finite, which JSON would silently store as null.
fn check_result(result: &AuditResult) -> Result<(), StoreError> {
    let agreement = &result.agreement;
    let parts = result.hallucination_components.iter().flat_map(|parts| {
        let verification = parts.verification.unwrap_or(0.0);
        [
            parts.inverse_consensus,
            parts.issues,
            parts.confidence,
            verification,
        ]
    });
    let spread = result.statistics.iter().flat_map(|spread| {
        let variance = spread.variance.unwrap_or(0.0);
        let deviation = spread.standard_deviation.unwrap_or(0.0);
        let quartiles = [spread.min, spread.q1, spread.median, spread.q3, spread.max];
        quartiles
            .into_iter()
            .chain([spread.mean, variance, deviation])
    });
    let faithfulness = result
        .faithfulness
        .iter()
        .flat_map(|whole| [whole.probability, whole.threshold]);
    let possible = [
        result.consensus_score,
        result.hallucination_score,
        result.mean_confidence,
        result.inter_judge_agreement,
        agreement.raw,
        agreement.fleiss_kappa,
        agreement.krippendorff_alpha,
        agreement.gwet_ac1,
        result.usage.and_then(|usage| usage.cost_usd),
    ];
    let comparison = result
        .offline_comparison
        .iter()
        .flat_map(|beside| [beside.offline_mean, beside.model_mean, beside.gap]);
    let interval = result.confidence_interval.iter().flat_map(|interval| {
        let effective = interval.n_effective.unwrap_or(0.0);
        [interval.level, interval.lower, interval.upper, effective]
    });
    let proportion = result
        .claims
        .supported_interval
        .iter()
        .flat_map(|proportion| [proportion.lower, proportion.upper]);
    possible
        .into_iter()
        .flatten()
        .chain(parts)
        .chain(spread)
        .chain(faithfulness)
        .chain(interval)
        .chain(proportion)
        .chain(comparison)
        .chain(result.hallucination_breakdown.values().copied())
        .try_for_each(|value| finite("a figure of the result", value).map(drop))
}

/// The changes of one step of a run.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub session_id: SessionId,
    pub run_id: RunId,
    pub changes: &'a [Change],
    pub now: DateTime<Utc>,
}

/// Writes the changes of several steps in order. Rows of one kind are written together: the more
/// runs share a transaction, the fewer statements each of them costs.
pub(crate) fn write(db: &mut Db, steps: &[Facts<'_>]) -> Result<(), StoreError> {
    let all = || {
        steps
            .iter()
            .flat_map(|step| step.changes.iter().map(move |change| (step, change)))
    };
    let claims = all().filter_map(|(step, change)| match change {
        Change::Claims(found) => Some((step.run_id, found.as_slice())),
        _ => None,
    });
    write_claims(db, &claims.collect::<Vec<_>>())?;
    let verdicts = all().filter_map(|(step, change)| match change {
        Change::Verdict(verdict) => Some((step.run_id, verdict.as_ref())),
        _ => None,
    });
    write_verdicts(db, &verdicts.collect::<Vec<_>>())?;
    let reports = all().filter_map(|(step, change)| match change {
        Change::Report(report) => Some((step, report.as_ref())),
        _ => None,
    });
    write_reports(db, &reports.collect::<Vec<_>>())?;
    // Each decision belongs to a verdict, which may be part of the same step.
    let decisions = all().filter_map(|(step, change)| match change {
        Change::Decisions(decisions) => Some((step.run_id, decisions.as_slice())),
        _ => None,
    });
    write_decisions(db, &decisions.collect::<Vec<_>>())?;
    for (step, change) in all() {
        if let Change::Ended(ending) = change {
            let (session, run) = (step.session_id.to_string(), step.run_id.to_string());
            write_end(db, &session, &run, ending, step.now)?;
        }
    }
    Ok(())
}

fn write_claims(db: &mut Db, found: &[(RunId, &[Claim])]) -> Result<(), StoreError> {
    let mut rows: Vec<ClaimRow> = Vec::new();
    for (run, claims) in found {
        for claim in *claims {
            rows.push(ClaimRow {
                id: claim.id.to_string(),
                run_id: run.to_string(),
                position: counter(claim.index),
                claim_type: name(&claim.kind)?,
                text: text(&claim.text),
                span_start: counter(claim.span.start),
                span_end: counter(claim.span.end),
            });
        }
    }
    insert_new!(db, claims::table, rows);
    for (run, claims) in found {
        diesel::update(evaluation_runs::table.find(run.to_string()))
            .set(evaluation_runs::claim_count.eq(Some(counter(claims.len()))))
            .execute(db)?;
    }
    Ok(())
}

fn write_verdicts(db: &mut Db, decided: &[(RunId, &Verdict)]) -> Result<(), StoreError> {
    if decided.is_empty() {
        return Ok(());
    }
    let runs: BTreeSet<String> = decided.iter().map(|(run, _)| run.to_string()).collect();
    let before: Vec<(String, i64)> = claim_verdicts::table
        .filter(claim_verdicts::run_id.eq_any(runs))
        .group_by(claim_verdicts::run_id)
        .select((claim_verdicts::run_id, diesel::dsl::count_star()))
        .load(db)?;
    let mut next: HashMap<String, i64> = before.into_iter().collect();
    let rows: Vec<VerdictRow> = decided
        .iter()
        .map(|(run, verdict)| {
            let run_id = run.to_string();
            let next = next.entry(run_id.clone()).or_default();
            let ordinal = *next;
            *next += 1;
            Ok(VerdictRow {
                claim_id: verdict.claim.id.to_string(),
                run_id,
                ordinal,
                label: verdict.label.as_str().to_owned(),
                confidence: verdict.confidence,
                evidence: json(&verdict.evidence)?,
                reasoning: text(&verdict.reasoning),
                probability: Some(json(&verdict.probability)?),
                final_label: None,
                final_confidence: None,
                final_probability: None,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    insert_new!(db, claim_verdicts::table, rows);
    Ok(())
}

fn write_decisions(db: &mut Db, decided: &[(RunId, &[Decision])]) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (run, decisions) in decided {
        for decision in *decisions {
            rows.push((
                decision.claim_id.to_string(),
                run.to_string(),
                decision.label.as_str(),
                decision.confidence,
                json(&decision.probability)?,
            ));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    match db {
        Db::Sqlite(c) => {
            for (claim, run, label, confidence, probability) in &rows {
                diesel::update(
                    claim_verdicts::table
                        .find(claim)
                        .filter(claim_verdicts::run_id.eq(run)),
                )
                .set((
                    claim_verdicts::final_label.eq(label),
                    claim_verdicts::final_confidence.eq(confidence),
                    claim_verdicts::final_probability.eq(probability),
                ))
                .execute(c)?;
            }
        }
        // One round trip for any number of claims.
        Db::Pg(c) => {
            diesel::sql_query(
                "UPDATE claim_verdicts AS v SET final_label = d.label, final_confidence = d.confidence, \
                 final_probability = d.probability \
                 FROM unnest($1, $2, $3, $4, $5) AS d (claim_id, run_id, label, confidence, probability) \
                 WHERE v.claim_id = d.claim_id AND v.run_id = d.run_id",
            )
            .bind::<Array<Text>, _>(rows.iter().map(|row| &row.0).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(rows.iter().map(|row| &row.1).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(rows.iter().map(|row| row.2).collect::<Vec<_>>())
            .bind::<Array<Double>, _>(rows.iter().map(|row| row.3).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(rows.iter().map(|row| &row.4).collect::<Vec<_>>())
            .execute(c)?;
        }
    }
    Ok(())
}

/// Reports that exist already are skipped, since their usage must not be counted twice.
fn write_reports(db: &mut Db, heard: &[(&Facts<'_>, &JudgeReport)]) -> Result<(), StoreError> {
    if heard.is_empty() {
        return Ok(());
    }
    let runs: BTreeSet<String> = heard
        .iter()
        .map(|(step, _)| step.run_id.to_string())
        .collect();
    // No other transaction writes to these runs, because their sessions are locked.
    let there: Vec<(String, String)> = judge_results::table
        .filter(judge_results::run_id.eq_any(runs))
        .select((judge_results::run_id, judge_results::judge_name))
        .load(db)?;
    let mut there = there.into_iter().fold(
        HashMap::<String, BTreeSet<String>>::new(),
        |mut names, (run, judge)| {
            names.entry(run).or_default().insert(judge);
            names
        },
    );
    let (mut rows, mut issues, mut used) = (Vec::new(), Vec::new(), Vec::new());
    for (step, report) in heard {
        let (run_id, judge_name) = (step.run_id.to_string(), text(&report.judge_name));
        let names = there.entry(run_id.clone()).or_default();
        let ordinal = counter(names.len());
        if !names.insert(judge_name.clone()) {
            continue;
        }
        issues.extend(issue_rows(&run_id, &judge_name, report));
        used.push((step.session_id, usage::day(step.now), *report));
        rows.push(report_row(run_id, judge_name, ordinal, report)?);
    }
    insert_new!(db, judge_results::table, rows);
    insert_new!(db, flagged_issues::table, issues);
    usage::add(db, &used)
}

fn report_row(
    run_id: String,
    judge_name: String,
    ordinal: i64,
    report: &JudgeReport,
) -> Result<ReportRow, StoreError> {
    Ok(ReportRow {
        run_id,
        judge_name,
        ordinal,
        kind: text(&report.kind),
        model: text(&report.model),
        status: report.status.as_str().to_owned(),
        score: report.score,
        confidence: report.confidence,
        reasoning: text(&report.reasoning),
        claim_labels: json(&report.claim_verdicts)?,
        response_time_ms: counter(report.response_time_ms),
        attempts: i64::from(report.attempts),
        prompt_tokens: report.usage.map(|usage| counter(usage.prompt_tokens)),
        completion_tokens: report.usage.map(|usage| counter(usage.completion_tokens)),
        cost_usd: report.usage.and_then(|usage| usage.cost_usd),
        error: report.error.as_deref().map(text),
        failure: report.failure.map(|failure| failure.as_str().to_owned()),
        details: report.details.as_deref().map(json).transpose()?,
    })
}

fn issue_rows<'a>(
    run_id: &'a str,
    judge_name: &'a str,
    report: &'a JudgeReport,
) -> impl Iterator<Item = IssueRow> + use<'a> {
    (0..)
        .zip(&report.flagged_issues)
        .map(move |(position, issue)| IssueRow {
            run_id: run_id.to_owned(),
            judge_name: judge_name.to_owned(),
            position,
            issue_type: issue.kind.as_str().to_owned(),
            severity: issue.severity.as_str().to_owned(),
            description: text(&issue.description),
            span_start: issue.span.map(|span| counter(span.start)),
            span_end: issue.span.map(|span| counter(span.end)),
            unmatched_quote: issue.unmatched_quote.as_deref().map(text),
        })
}

fn write_end(
    db: &mut Db,
    session: &str,
    run: &str,
    ending: &Ending,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let completed_at = Some(time(now));
    diesel::update(evaluation_runs::table.find(run))
        .set((
            evaluation_runs::status.eq(ending.status.as_str()),
            evaluation_runs::completed_at.eq(completed_at),
            evaluation_runs::result.eq(ending.result.as_ref().map(json).transpose()?),
            evaluation_runs::error.eq(ending.error.as_ref().map(json).transpose()?),
        ))
        .execute(db)?;
    let figures = ending.result.as_ref();
    // Only the current run determines the state of its evaluation.
    diesel::update(
        evaluation_sessions::table
            .find(session)
            .filter(evaluation_sessions::run_id.eq(run)),
    )
    .set((
        evaluation_sessions::status.eq(ending.status.as_str()),
        evaluation_sessions::completed_at.eq(completed_at),
        evaluation_sessions::owner.eq(None::<String>),
        evaluation_sessions::stop.eq(None::<String>),
        evaluation_sessions::consensus_score.eq(figures.and_then(|result| result.consensus_score)),
        evaluation_sessions::hallucination_score
            .eq(figures.and_then(|result| result.hallucination_score)),
        evaluation_sessions::probability
            .eq(figures.and_then(|result| Some(result.faithfulness.as_ref()?.probability))),
        evaluation_sessions::cost_usd.eq(figures.and_then(|result| result.usage?.cost_usd)),
        evaluation_sessions::claims_supported
            .eq(figures.map(|result| counter(result.claims.supported))),
        evaluation_sessions::claims_refuted
            .eq(figures.map(|result| counter(result.claims.refuted))),
        evaluation_sessions::claims_not_enough_info
            .eq(figures.map(|result| counter(result.claims.not_enough_info))),
        evaluation_sessions::error_message
            .eq(ending.error.as_ref().map(|error| text(&error.message))),
    ))
    .execute(db)?;
    Ok(())
}

/// Returns the claims of a run in the order of the candidate.
pub(crate) fn claims(db: &mut Db, run: &str) -> Result<Vec<Claim>, StoreError> {
    claims::table
        .filter(claims::run_id.eq(run))
        .order((claims::position.asc(), claims::id.asc()))
        .select(ClaimRow::as_select())
        .load(db)?
        .into_iter()
        .map(Claim::try_from)
        .collect()
}

/// Returns the verdicts of a run in the order of decision.
pub(crate) fn verdicts(db: &mut Db, run: &str) -> Result<Vec<Verdict>, StoreError> {
    let decided = decided(db, run)?.into_iter();
    Ok(decided.map(|(verdict, _)| verdict).collect())
}

/// Returns the verdicts of a run in the order of decision, each with the panel's decision on the
/// claim.
fn decided(db: &mut Db, run: &str) -> Result<Vec<(Verdict, Option<Decision>)>, StoreError> {
    claim_verdicts::table
        .inner_join(claims::table)
        .filter(claim_verdicts::run_id.eq(run))
        .order((
            claim_verdicts::ordinal.asc(),
            claim_verdicts::claim_id.asc(),
        ))
        .select((VerdictRow::as_select(), ClaimRow::as_select()))
        .load::<(VerdictRow, ClaimRow)>(db)?
        .into_iter()
        .map(|(verdict, claim)| {
            let decision = verdict.decision()?;
            Ok((verdict.of(claim.try_into()?)?, decision))
        })
        .collect()
}

/// A claim with its results.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredClaim {
    pub claim: Claim,
    /// The verifier's decision; `None` before it.
    pub verdict: Option<Verdict>,
    /// The panel's decision; `None` before the run is complete.
    pub decision: Option<Decision>,
}

/// Returns every claim of a run, with its verdict if there is one.
pub(crate) fn claims_with_verdicts(db: &mut Db, run: &str) -> Result<Vec<StoredClaim>, StoreError> {
    let mut decided: HashMap<ClaimId, (Verdict, Option<Decision>)> = decided(db, run)?
        .into_iter()
        .map(|(verdict, decision)| (verdict.claim.id, (verdict, decision)))
        .collect();
    let claims = claims(db, run)?;
    Ok(claims
        .into_iter()
        .map(|claim| {
            let (verdict, decision) = decided.remove(&claim.id).unzip();
            StoredClaim {
                claim,
                verdict,
                decision: decision.flatten(),
            }
        })
        .collect())
}

/// Returns the judges' reports of a run, in the order in which they arrived.
pub(crate) fn reports(db: &mut Db, run: &str) -> Result<Vec<JudgeReport>, StoreError> {
    let issues = flagged_issues::table
        .filter(flagged_issues::run_id.eq(run))
        .order(flagged_issues::position.asc())
        .select(IssueRow::as_select())
        .load(db)?;
    let mut flagged: HashMap<String, Vec<IssueRow>> = HashMap::new();
    for issue in issues {
        flagged
            .entry(issue.judge_name.clone())
            .or_default()
            .push(issue);
    }
    judge_results::table
        .filter(judge_results::run_id.eq(run))
        .order((
            judge_results::ordinal.asc(),
            judge_results::judge_name.asc(),
        ))
        .select(ReportRow::as_select())
        .load(db)?
        .into_iter()
        .map(|row| {
            let issues = flagged.remove(&row.judge_name).unwrap_or_default();
            row.with(issues)
        })
        .collect()
}
