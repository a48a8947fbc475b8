//! Evaluations: made once, looked at often, run any number of times (`runs`). Lists are in `listing`.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::annotations::{self, Annotations};
use super::changes;
pub(crate) use super::changes::StoredClaim;
use super::columns::{counter, json, read_id, read_json, read_status, read_time, time};
use super::listing::{self, preview};
pub(crate) use super::listing::{ClaimsByLabel, Cursor, Filter, Page, Sort, Summary};
use super::schema::{
    evaluation_previews, evaluation_runs, evaluation_sessions, evaluation_texts, idempotency_keys,
};
use super::search;
pub(crate) use super::search::Work;
use super::search_filter::Needle;
pub use super::search_filter::SearchFilter;
use super::trash;
use crate::domain::event::RunError;
use crate::domain::ids::{NodeId, RunId, SessionId, UserId};
use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::run::Status;
use crate::domain::settings::EvaluationConfig;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// How long an idempotency key is honoured.
pub(crate) const KEY_LIFE: TimeDelta = TimeDelta::hours(24);

/// An evaluation to make.
#[derive(Debug, Clone)]
pub struct NewEvaluation {
    pub id: SessionId,
    pub user_id: UserId,
    pub source_text: String,
    pub candidate_output: String,
    /// What a search of the history looks at before it reads the two texts.
    pub search_filter: SearchFilter,
    /// What the candidate answers, if it is an answer. Without NUL.
    pub question: Option<String>,
    pub config: EvaluationConfig,
    /// Names this event log: a client that knows another epoch has to start over.
    pub epoch: String,
    pub created_at: DateTime<Utc>,
}

impl NewEvaluation {
    /// What its texts count for the quota.
    pub fn bytes(&self) -> u64 {
        let question = self.question.as_deref().unwrap_or_default();
        (self.source_text.len() + self.candidate_output.len() + question.len()) as u64
    }
}

/// A caller's promise that a request with this key is the same request.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Chosen by the caller; keys of different users do not meet.
    pub key: String,
    /// Of the request's content.
    pub fingerprint: String,
    pub now: DateTime<Utc>,
}

/// What came of a wish to make an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    New,
    /// This key made that one before.
    Replayed(SessionId),
    /// This key came with another content before.
    KeyReused,
}

/// Where an evaluation's event log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub status: Status,
    /// Of the event log.
    pub epoch: String,
    /// The number of its last event; 0 before the first.
    pub last_seq: i64,
    /// The number of the last event that is no longer kept; 0 while all are.
    pub purged_seq: i64,
    /// The current run, which may have ended; none before the first.
    pub run_id: Option<RunId>,
    /// The node that works on it; none: nobody, or it has ended.
    pub node: Option<NodeId>,
    /// Which of its owners that is.
    pub fence: i64,
}

/// An evaluation with all that is known of its current run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Detail {
    pub id: SessionId,
    pub status: Status,
    pub source_text: String,
    pub candidate_output: String,
    /// What the candidate answers.
    pub question: Option<String>,
    pub config: EvaluationConfig,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its current run started.
    pub started_at: Option<DateTime<Utc>>,
    /// When its current run ended.
    pub completed_at: Option<DateTime<Utc>>,
    pub run_id: Option<RunId>,
    /// Of its event log.
    pub epoch: String,
    /// Of its event log.
    pub last_seq: i64,
    /// The figures, if the run completed.
    pub result: Option<AuditResult>,
    /// The claims in the order of the candidate, with what was decided so far.
    pub claims: Vec<StoredClaim>,
    /// The judges heard so far, in that order.
    pub judges: Vec<JudgeReport>,
    /// What ended the run, if it failed.
    pub error: Option<RunError>,
    /// What its owner has added.
    pub annotations: Annotations,
}

/// Makes an evaluation, or finds the one that the same key has made.
///
/// # Errors
/// `Duplicate("id")`; `Query` for a text with NUL.
pub fn create(
    db: &mut Db,
    new: &NewEvaluation,
    idempotency: Option<&Idempotency>,
) -> Result<Created, StoreError> {
    let texts = [&new.source_text, &new.candidate_output];
    if texts
        .into_iter()
        .chain(new.question.as_ref())
        .any(|text| text.contains('\0'))
    {
        return Err(StoreError::Query("a text holds a NUL character".to_owned()));
    }
    if let Some(idempotency) = idempotency
        && let Some(earlier) = claim_key(db, new, idempotency)?
    {
        return Ok(earlier);
    }
    let id = new.id.to_string();
    diesel::insert_into(evaluation_sessions::table)
        .values((
            evaluation_sessions::id.eq(&id),
            evaluation_sessions::user_id.eq(new.user_id.to_string()),
            evaluation_sessions::status.eq(Status::Pending.as_str()),
            evaluation_sessions::question.eq(new.question.as_ref()),
            evaluation_sessions::config.eq(json(&new.config)?),
            evaluation_sessions::epoch.eq(&new.epoch),
            evaluation_sessions::last_seq.eq(0),
            evaluation_sessions::created_at.eq(time(new.created_at)),
            evaluation_sessions::stored_bytes.eq(counter(new.bytes())),
        ))
        .execute(db)?;
    diesel::insert_into(evaluation_texts::table)
        .values((
            evaluation_texts::session_id.eq(&id),
            evaluation_texts::source_text.eq(&new.source_text),
            evaluation_texts::candidate_output.eq(&new.candidate_output),
        ))
        .execute(db)?;
    diesel::insert_into(evaluation_previews::table)
        .values((
            evaluation_previews::session_id.eq(&id),
            evaluation_previews::source_preview.eq(preview(&new.source_text)),
            evaluation_previews::candidate_preview.eq(preview(&new.candidate_output)),
            evaluation_previews::search_filter.eq(Some(&new.search_filter.0)),
        ))
        .execute(db)?;
    Ok(Created::New)
}

/// Takes the key for this evaluation. None: it is ours. The insert decides between two at once: on
/// PostgreSQL the second waits for the first's commit and then finds its row.
fn claim_key(
    db: &mut Db,
    new: &NewEvaluation,
    idempotency: &Idempotency,
) -> Result<Option<Created>, StoreError> {
    let user = new.user_id.to_string();
    diesel::delete(
        idempotency_keys::table
            .filter(idempotency_keys::user_id.eq(&user))
            .filter(idempotency_keys::created_at.le(time(idempotency.now - KEY_LIFE))),
    )
    .execute(db)?;
    // Once more only if the evaluation behind the key is deleted between the two statements.
    for _ in 0..3 {
        let values = (
            idempotency_keys::user_id.eq(&user),
            idempotency_keys::idempotency_key.eq(&idempotency.key),
            idempotency_keys::fingerprint.eq(&idempotency.fingerprint),
            idempotency_keys::session_id.eq(new.id.to_string()),
            idempotency_keys::created_at.eq(time(idempotency.now)),
        );
        let insert = diesel::insert_into(idempotency_keys::table).values(values);
        let taken = match db {
            Db::Pg(c) => insert.on_conflict_do_nothing().execute(c)?,
            Db::Sqlite(c) => insert.on_conflict_do_nothing().execute(c)?,
        };
        if taken == 1 {
            return Ok(None);
        }
        let earlier: Option<(String, String)> = idempotency_keys::table
            .find((&user, &idempotency.key))
            .select((idempotency_keys::fingerprint, idempotency_keys::session_id))
            .first(db)
            .optional()?;
        match earlier {
            Some((fingerprint, session)) if fingerprint == idempotency.fingerprint => {
                return Ok(Some(Created::Replayed(read_id(&session)?)));
            }
            Some(_) => return Ok(Some(Created::KeyReused)),
            None => {}
        }
    }
    Err(StoreError::Unavailable(
        "the idempotency key changes too fast".to_owned(),
    ))
}

/// Evaluations of the user, at most `limit` (1..1000) of them, from `after` on. Only a search (`filter.q`)
/// takes from the work; where that ends first, the page is shorter, and `next` says where to go on.
///
/// # Errors
/// `Query` for a cursor of another order; `Unavailable`, also where nobody waits any more.
pub(crate) fn list(
    db: &mut Db,
    user: UserId,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: i64,
    work: &mut Work,
) -> Result<Page, StoreError> {
    if after.is_some_and(|cursor| !cursor.fits(filter.sort)) {
        return Err(StoreError::Query(
            "the cursor belongs to a list in another order".to_owned(),
        ));
    }
    let limit = limit.clamp(1, listing::MAX_PAGE);
    if let Some(needle) = filter.q.as_deref().and_then(Needle::new) {
        return search::page(db, user, filter, &needle, after, limit, work);
    }
    listing::plain_page(db, user, filter, after, limit)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = evaluation_sessions)]
struct SessionRow {
    id: String,
    status: String,
    question: Option<String>,
    config: String,
    epoch: String,
    last_seq: i64,
    run_id: Option<String>,
    created_at: NaiveDateTime,
    started_at: Option<NaiveDateTime>,
    completed_at: Option<NaiveDateTime>,
}

/// An evaluation of the user with its current run; none if there is no such evaluation of that user.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn get(
    db: &mut Db,
    user: UserId,
    session: SessionId,
) -> Result<Option<Detail>, StoreError> {
    let found: Option<(SessionRow, (String, String))> = evaluation_sessions::table
        .inner_join(evaluation_texts::table)
        .filter(evaluation_sessions::id.eq(session.to_string()))
        .filter(evaluation_sessions::user_id.eq(user.to_string()))
        .select((
            SessionRow::as_select(),
            (
                evaluation_texts::source_text,
                evaluation_texts::candidate_output,
            ),
        ))
        .first(db)
        .optional()?;
    let Some((row, (source_text, candidate_output))) = found else {
        return Ok(None);
    };
    let (mut result, mut error) = (None, None);
    let (mut claims, mut judges) = (Vec::new(), Vec::new());
    if let Some(run) = &row.run_id {
        let outcome: Option<(Option<String>, Option<String>)> = evaluation_runs::table
            .find(run)
            .select((evaluation_runs::result, evaluation_runs::error))
            .first(db)
            .optional()?;
        if let Some((figures, trouble)) = outcome {
            result = figures.as_deref().map(read_json).transpose()?;
            error = trouble.as_deref().map(read_json).transpose()?;
        }
        claims = changes::claims_with_verdicts(db, run)?;
        judges = changes::reports(db, run)?;
    }
    Ok(Some(Detail {
        id: read_id(&row.id)?,
        status: read_status(&row.status)?,
        source_text,
        candidate_output,
        question: row.question,
        config: read_json(&row.config)?,
        created_at: read_time(row.created_at),
        started_at: row.started_at.map(read_time),
        completed_at: row.completed_at.map(read_time),
        run_id: row.run_id.as_deref().map(read_id).transpose()?,
        epoch: row.epoch,
        last_seq: row.last_seq,
        result,
        claims,
        judges,
        error,
        annotations: annotations::of(db, &row.id)?,
    }))
}

/// Where the event log of an evaluation of the user stands.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn position(
    db: &mut Db,
    user: UserId,
    session: SessionId,
) -> Result<Option<Position>, StoreError> {
    type Row = (
        String,
        String,
        i64,
        i64,
        Option<String>,
        Option<String>,
        i64,
    );
    let row: Option<Row> = evaluation_sessions::table
        .find(session.to_string())
        .filter(evaluation_sessions::user_id.eq(user.to_string()))
        .select((
            evaluation_sessions::status,
            evaluation_sessions::epoch,
            evaluation_sessions::last_seq,
            evaluation_sessions::purged_seq,
            evaluation_sessions::run_id,
            evaluation_sessions::owner,
            evaluation_sessions::fence,
        ))
        .first(db)
        .optional()?;
    row.map(
        |(status, epoch, last_seq, purged_seq, run_id, node, fence)| {
            Ok(Position {
                status: read_status(&status)?,
                epoch,
                last_seq,
                purged_seq,
                run_id: run_id.as_deref().map(read_id).transpose()?,
                node: node.as_deref().map(read_id).transpose()?,
                fence,
            })
        },
    )
    .transpose()
}

/// The ids of the user's evaluations after this one, the oldest first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn ids(
    db: &mut Db,
    user: UserId,
    after: Option<SessionId>,
    limit: i64,
) -> Result<Vec<SessionId>, StoreError> {
    let after = after.map_or_else(String::new, |id| id.to_string());
    let ids: Vec<String> = evaluation_sessions::table
        .filter(evaluation_sessions::user_id.eq(user.to_string()))
        .filter(evaluation_sessions::id.gt(after))
        .order(evaluation_sessions::id)
        .limit(limit)
        .select(evaluation_sessions::id)
        .load(db)?;
    ids.iter().map(|id| read_id(id)).collect()
}

/// Deletes an evaluation of the user with everything that hangs on it: it is out of sight at once, and
/// removed by [`super::trash`]. False if there was none.
///
/// # Errors
/// `Unavailable`, `Query`.
pub fn delete(db: &mut Db, user: UserId, session: SessionId) -> Result<bool, StoreError> {
    trash::evaluation(db, &user.to_string(), &session.to_string())
}
