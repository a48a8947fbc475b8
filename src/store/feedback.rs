//! What people say of claims and of whole evaluations.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::columns::{name, read_id, read_name, read_time, time};
use super::connection::Db;
use super::error::StoreError;
use super::schema::{claims, evaluation_runs, evaluation_sessions, feedback};
use crate::domain::ids::{ClaimId, FeedbackId, SessionId, UserId};
use crate::domain::verdict::Label;

/// Most that is kept of one evaluation.
pub const MAX_FEEDBACK: i64 = 10_000;

/// One opinion: a label or a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Feedback {
    /// Its id.
    pub id: FeedbackId,
    /// What it is about; none: the whole.
    pub claim_id: Option<ClaimId>,
    /// What should have been decided.
    pub label: Option<Label>,
    /// 0..100.
    pub score: Option<f64>,
    /// In words, without NUL.
    pub comment: Option<String>,
    /// When it was given.
    pub created_at: DateTime<Utc>,
}

/// What came of a wish to say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// It is kept.
    Done,
    /// No such evaluation of that user.
    NotFound,
    /// The evaluation has no such claim.
    NoClaim,
    /// [`MAX_FEEDBACK`] are there.
    TooMany,
}

/// Keeps an opinion on an evaluation of the user.
///
/// # Errors
/// `Unavailable`, `Query`.
pub fn create(
    db: &mut Db,
    user: UserId,
    session: SessionId,
    new: &Feedback,
) -> Result<Given, StoreError> {
    let owned: i64 = evaluation_sessions::table
        .find(session.to_string())
        .filter(evaluation_sessions::user_id.eq(user.to_string()))
        .count()
        .get_result(db)?;
    if owned == 0 {
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
    Ok(Given::Done)
}

type Row = (
    String,
    Option<String>,
    Option<String>,
    Option<f64>,
    Option<String>,
    NaiveDateTime,
);

/// What is said of an evaluation, the oldest first: `limit` opinions after `cursor`. Ids are in the order
/// of time.
///
/// # Errors
/// `Unavailable`, `Query`.
pub fn list(
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
