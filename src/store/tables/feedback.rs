//! Feedback of people on claims and on whole evaluations.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::columns::{counter, name, read_id, read_json, read_name, read_time, time};
use super::row_lock::lock_evaluation;
use super::schema::{
    claims, evaluation_runs, evaluation_sessions, evaluation_texts, feedback, judge_results,
};
use crate::domain::calibration::Confusion;
use crate::domain::ids::{ClaimId, FeedbackId, SessionId, UserId};
use crate::domain::result::AuditResult;
use crate::domain::settings::{AggregationStrategy, EvaluationConfig};
use crate::domain::verdict::{ClaimLabel, Label};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum number of items of feedback on one evaluation.
pub(crate) const MAX_FEEDBACK: i64 = 10_000;

/// One item of feedback: a label or a score.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Feedback {
    pub id: FeedbackId,
    /// The claim that it is about; `None` means the whole evaluation.
    pub claim_id: Option<ClaimId>,
    /// The label that the person considers right.
    pub label: Option<Label>,
    /// The score that the person gives, 0..100.
    pub score: Option<f64>,
    /// A comment, without NUL.
    pub comment: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// The result of giving feedback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    Done,
    /// The user has no such evaluation.
    NotFound,
    NoClaim,
    /// The evaluation has [`MAX_FEEDBACK`] items.
    TooMany,
}

/// Stores feedback on an evaluation of the user.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn create(
    db: &mut Db,
    user: UserId,
    session: SessionId,
    new: &Feedback,
) -> Result<Given, StoreError> {
    // Two concurrent calls must not both take the last slot.
    if !lock_evaluation(db, user, session)? {
        return Ok(Given::NotFound);
    }
    if let Some(claim) = new.claim_id {
        let known: i64 = claims::table
            .inner_join(evaluation_runs::table.on(evaluation_runs::id.eq(claims::run_id)))
            .filter(claims::id.eq(claim.to_string()))
            .filter(evaluation_runs::session_id.eq(session.to_string()))
            .count()
            .get_result(db)?;
        if known == 0 {
            return Ok(Given::NoClaim);
        }
    }
    let there: i64 = feedback::table
        .filter(feedback::session_id.eq(session.to_string()))
        .count()
        .get_result(db)?;
    if there >= MAX_FEEDBACK {
        return Ok(Given::TooMany);
    }
    diesel::insert_into(feedback::table)
        .values((
            feedback::id.eq(new.id.to_string()),
            feedback::session_id.eq(session.to_string()),
            feedback::claim_id.eq(new.claim_id.map(|id| id.to_string())),
            feedback::label.eq(new.label.as_ref().map(name).transpose()?),
            feedback::score.eq(new.score),
            feedback::comment.eq(new.comment.as_ref()),
            feedback::created_at.eq(time(new.created_at)),
        ))
        .execute(db)?;
    let bytes = counter(new.comment.as_ref().map_or(0, String::len));
    diesel::update(evaluation_sessions::table.find(session.to_string()))
        .set(evaluation_sessions::stored_bytes.eq(evaluation_sessions::stored_bytes + bytes))
        .execute(db)?;
    Ok(Given::Done)
}

/// Deletes an opinion. Returns false if the user has no such evaluation, or the evaluation no such
/// opinion.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn withdraw(
    db: &mut Db,
    user: UserId,
    session: SessionId,
    opinion: FeedbackId,
) -> Result<bool, StoreError> {
    // Of two concurrent calls only one must find the opinion.
    if !lock_evaluation(db, user, session)? {
        return Ok(false);
    }
    let given = feedback::table
        .find(opinion.to_string())
        .filter(feedback::session_id.eq(session.to_string()));
    let comment: Option<Option<String>> = given
        .clone()
        .select(feedback::comment)
        .first(db)
        .optional()?;
    let Some(comment) = comment else {
        return Ok(false);
    };
    diesel::delete(given).execute(db)?;
    let bytes = counter(comment.map_or(0, |comment| comment.len()));
    diesel::update(evaluation_sessions::table.find(session.to_string()))
        .set(evaluation_sessions::stored_bytes.eq(evaluation_sessions::stored_bytes - bytes))
        .execute(db)?;
    Ok(true)
}

type Row = (
    String,
    Option<String>,
    Option<String>,
    Option<f64>,
    Option<String>,
    NaiveDateTime,
);

/// Returns the feedback on an evaluation, the oldest first: `limit` items after `cursor`. Ids sort
/// by time.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn list(
    db: &mut Db,
    session: SessionId,
    cursor: Option<FeedbackId>,
    limit: i64,
) -> Result<Vec<Feedback>, StoreError> {
    let after = cursor.map_or_else(String::new, |id| id.to_string());
    let rows: Vec<Row> = feedback::table
        .filter(feedback::session_id.eq(session.to_string()))
        .filter(feedback::id.gt(after))
        .order(feedback::id)
        .limit(limit)
        .select((
            feedback::id,
            feedback::claim_id,
            feedback::label,
            feedback::score,
            feedback::comment,
            feedback::created_at,
        ))
        .load(db)?;
    rows.into_iter()
        .map(|(id, claim, label, score, comment, created_at)| {
            Ok(Feedback {
                id: read_id(&id)?,
                claim_id: claim.as_deref().map(read_id).transpose()?,
                label: label.as_deref().map(read_name).transpose()?,
                score,
                comment,
                created_at: read_time(created_at),
            })
        })
        .collect()
}

/// A completed audit with feedback.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Labelled {
    /// Names of the judges of its last run, sorted.
    pub judges: Vec<String>,
    /// The strategy by which their scores were aggregated.
    pub strategy: AggregationStrategy,
    /// The probability that the source supports all of the output, before any calibration; `None`
    /// where the audit has none.
    pub probability: Option<f64>,
    /// SHA-256 of the source.
    pub source_hash: String,
    /// The last label given to the whole.
    pub whole: Option<Label>,
    /// The last label given to each claim of the last run.
    pub claims: Vec<Option<Label>>,
}

impl Labelled {
    /// Returns whether the labels imply that all of the output is supported. A label of the whole
    /// decides; otherwise one claim that is not supported implies false, and labels on all claims
    /// imply true if each is supported. Returns `None` if the labels do not tell; scores are
    /// ignored.
    pub(crate) fn supported(&self) -> Option<bool> {
        let is = |label: &Label| *label == Label::Supported;
        if let Some(label) = &self.whole {
            return Some(is(label));
        }
        if self.claims.iter().flatten().any(|label| !is(label)) {
            return Some(false);
        }
        let all = !self.claims.is_empty() && self.claims.iter().all(Option::is_some);
        all.then_some(true)
    }
}

/// Returns the completed audits with feedback, the oldest first; only those of `user`, if one is
/// given. Feedback on claims of earlier runs is ignored.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn labelled(db: &mut Db, user: Option<UserId>) -> Result<Vec<Labelled>, StoreError> {
    let commented: Vec<String> = feedback::table
        .select(feedback::session_id)
        .distinct()
        .order(feedback::session_id)
        .load(db)?;
    let user = user.map(|user| user.to_string());
    let mut all = Vec::new();
    for session in commented {
        let found: Option<(String, Option<String>, String)> = evaluation_sessions::table
            .find(&session)
            .filter(evaluation_sessions::status.eq("completed"))
            .select((
                evaluation_sessions::user_id,
                evaluation_sessions::run_id,
                evaluation_sessions::config,
            ))
            .first(db)
            .optional()?;
        let Some((owner, Some(run), config)) = found else {
            continue;
        };
        if user.as_ref().is_some_and(|user| *user != owner) {
            continue;
        }
        let config: EvaluationConfig = read_json(&config)?;
        let source: String = evaluation_texts::table
            .find(&session)
            .select(evaluation_texts::source_text)
            .first(db)?;
        let figures: Option<String> = evaluation_runs::table
            .find(&run)
            .select(evaluation_runs::result)
            .first(db)?;
        let figures: Option<AuditResult> = figures.as_deref().map(read_json).transpose()?;
        let mut judges: Vec<String> = judge_results::table
            .filter(judge_results::run_id.eq(&run))
            .select(judge_results::judge_name)
            .load(db)?;
        judges.sort_unstable();
        let claims: Vec<String> = claims::table
            .filter(claims::run_id.eq(&run))
            .order(claims::position)
            .select(claims::id)
            .load(db)?;
        let said: Vec<(Option<String>, Option<String>)> = feedback::table
            .filter(feedback::session_id.eq(&session))
            .order(feedback::id)
            .select((feedback::claim_id, feedback::label))
            .load(db)?;
        let last = |claim: Option<&str>| -> Result<Option<Label>, StoreError> {
            let of_it = said.iter().filter(|(about, _)| about.as_deref() == claim);
            let label = of_it.filter_map(|(_, label)| label.as_deref()).next_back();
            label.map(read_name).transpose()
        };
        all.push(Labelled {
            judges,
            strategy: config.aggregation_strategy,
            probability: figures.as_ref().and_then(uncalibrated),
            source_hash: format!("{:x}", Sha256::digest(source)),
            whole: last(None)?,
            claims: claims
                .iter()
                .map(|id| last(Some(id)))
                .collect::<Result<_, _>>()?,
        });
    }
    Ok(all)
}

/// Returns, by the judge's name, how the labels that judges gave to claims compare with those of
/// people. For a claim that was labelled several times the last label counts. Only feedback of
/// `user` is used, if one is given.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn confusions(
    db: &mut Db,
    user: Option<UserId>,
) -> Result<BTreeMap<String, Confusion>, StoreError> {
    let said: Vec<(String, String, String, Option<String>)> = feedback::table
        .inner_join(claims::table.on(claims::id.nullable().eq(feedback::claim_id)))
        .inner_join(evaluation_sessions::table.on(evaluation_sessions::id.eq(feedback::session_id)))
        .filter(feedback::label.is_not_null())
        .order(feedback::id)
        .select((
            evaluation_sessions::user_id,
            claims::run_id,
            claims::id,
            feedback::label,
        ))
        .load(db)?;
    let user = user.map(|user| user.to_string());
    let mut truths: BTreeMap<String, BTreeMap<ClaimId, Label>> = BTreeMap::new();
    for (owner, run, claim, label) in said {
        if user.as_ref().is_some_and(|user| *user != owner) {
            continue;
        }
        if let Some(label) = label.as_deref().map(read_name).transpose()? {
            let of_run = truths.entry(run).or_default();
            of_run.insert(read_id(&claim)?, label);
        }
    }
    let mut counted: BTreeMap<String, Confusion> = BTreeMap::new();
    for (run, truths) in truths {
        let given: Vec<(String, String)> = judge_results::table
            .filter(judge_results::run_id.eq(&run))
            .filter(judge_results::status.eq("completed"))
            .select((judge_results::judge_name, judge_results::claim_labels))
            .load(db)?;
        for (judge, labels) in given {
            let labels: Vec<ClaimLabel> = read_json(&labels)?;
            for given in labels {
                if let Some(truth) = truths.get(&given.claim_id) {
                    let confusion = counted.entry(judge.clone()).or_default();
                    confusion.count(*truth, given.label);
                }
            }
        }
    }
    Ok(counted)
}

/// Returns the faithfulness of a result before calibration, as the panel computed it.
fn uncalibrated(result: &AuditResult) -> Option<f64> {
    let calibrated = result.calibration.as_ref();
    let before = calibrated.map(|calibrated| calibrated.raw_probability);
    before.unwrap_or_else(|| Some(result.faithfulness.as_ref()?.probability))
}
