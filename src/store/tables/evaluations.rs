//! Evaluations: created once, read often, and run any number of times (`runs`). Lists are in
//! `listing`.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::annotations::{self, Annotations};
use super::changes;
pub(crate) use super::changes::StoredClaim;
use super::columns::{TextsRow, counter, json, read_id, read_json, read_status, read_time, time};
use super::listing::{self, preview};
pub(crate) use super::listing::{ClaimsByLabel, Cursor, Filter, Page, Sort, Summary};
use super::schema::{
    evaluation_previews, evaluation_runs, evaluation_sessions, evaluation_texts, idempotency_keys,
};
pub(crate) use super::search::Work;
use super::search::{self, Needle};
use super::search_index::{self, Part};
pub use super::search_terms::SearchTerms;
use super::trash;
use crate::domain::event::RunError;
use crate::domain::ids::{NodeId, RunId, SessionId, UserId};
use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::run::Status;
use crate::domain::settings::EvaluationConfig;
use crate::domain::source::NamedSource;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Time for which an idempotency key is honoured.
pub(crate) const KEY_LIFE: TimeDelta = TimeDelta::hours(24);

/// An evaluation that is about to be created.
#[derive(Debug, Clone)]
pub struct NewEvaluation {
    pub id: SessionId,
    pub user_id: UserId,
    pub source_text: String,
    /// Names and spans of the sources in the source text; empty for a single one without a name.
    pub sources: Vec<NamedSource>,
    pub candidate_output: String,
    /// The terms of the texts and the question, by which a search of the history finds them.
    pub search_terms: SearchTerms,
    /// The question that the candidate answers, if any. Without NUL.
    pub question: Option<String>,
    pub config: EvaluationConfig,
    /// Identifies this event log: a client that knows another epoch has to start over.
    pub epoch: String,
    pub created_at: DateTime<Utc>,
}

impl NewEvaluation {
    /// Returns the size of its texts that counts against the quota, in bytes.
    pub fn bytes(&self) -> u64 {
        let question = self.question.as_deref().unwrap_or_default();
        (self.source_text.len() + self.candidate_output.len() + question.len()) as u64
    }
}

/// A caller's promise that all requests with this key are the same request.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Chosen by the caller; each user has a namespace of their own.
    pub key: String,
    /// A hash of the request's body.
    pub fingerprint: String,
    pub now: DateTime<Utc>,
}

/// The result of creating an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    New,
    /// An earlier request with this key has created that evaluation.
    Replayed(SessionId),
    /// The key was used before with another body.
    KeyReused,
}

/// The state of an evaluation and of its event log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub status: Status,
    /// The epoch of the event log.
    pub epoch: String,
    /// The sequence number of the last event; 0 before the first.
    pub last_seq: i64,
    /// The sequence number of the last event that is no longer kept; 0 if all are.
    pub purged_seq: i64,
    /// The current run, which may have ended; `None` before the first.
    pub run_id: Option<RunId>,
    /// The node that owns the run; `None` if it has no owner or has ended.
    pub node: Option<NodeId>,
    /// The fencing token of the run's ownership.
    pub fence: i64,
}

/// An evaluation with all that is stored of its current run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Detail {
    pub id: SessionId,
    pub status: Status,
    pub source_text: String,
    /// Names and spans of the sources in the source text; empty for a single one without a name.
    pub sources: Vec<NamedSource>,
    pub candidate_output: String,
    /// The question that the candidate answers, if any.
    pub question: Option<String>,
    pub config: EvaluationConfig,
    pub created_at: DateTime<Utc>,
    /// The time at which the current run started.
    pub started_at: Option<DateTime<Utc>>,
    /// The time at which the current run ended.
    pub completed_at: Option<DateTime<Utc>>,
    pub run_id: Option<RunId>,
    /// The epoch of the event log.
    pub epoch: String,
    /// The sequence number of the last event.
    pub last_seq: i64,
    /// The figures; `None` if the run has not completed.
    pub result: Option<AuditResult>,
    /// The claims in the order of the candidate, with the decisions made so far.
    pub claims: Vec<StoredClaim>,
    /// The judges' reports so far, in the order in which they arrived.
    pub judges: Vec<JudgeReport>,
    /// The error that ended the run, if it failed.
    pub error: Option<RunError>,
    pub annotations: Annotations,
}

/// Creates an evaluation, or finds the one that the same key has created.
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
            evaluation_sessions::search_indexed.eq(true),
        ))
        .execute(db)?;
    diesel::insert_into(evaluation_texts::table)
        .values((
            evaluation_texts::session_id.eq(&id),
            evaluation_texts::source_text.eq(&new.source_text),
            evaluation_texts::candidate_output.eq(&new.candidate_output),
            evaluation_texts::sources.eq(stored_sources(&new.sources)?),
        ))
        .execute(db)?;
    diesel::insert_into(evaluation_previews::table)
        .values((
            evaluation_previews::session_id.eq(&id),
            evaluation_previews::source_preview.eq(preview(&new.source_text)),
            evaluation_previews::candidate_preview.eq(preview(&new.candidate_output)),
            // Nodes of earlier releases take an empty filter for one that may have anything.
            evaluation_previews::search_filter.eq(Some(Vec::<u8>::new())),
        ))
        .execute(db)?;
    search_index::insert(db, &id, Part::Texts, &new.search_terms)?;
    Ok(Created::New)
}

/// Returns the sources as JSON; `None` for a single one without a name.
fn stored_sources(sources: &[NamedSource]) -> Result<Option<String>, StoreError> {
    (!sources.is_empty()).then(|| json(&sources)).transpose()
}

/// Parses the sources that [`stored_sources`] has written.
pub(super) fn read_sources(stored: Option<&str>) -> Result<Vec<NamedSource>, StoreError> {
    stored.map_or_else(|| Ok(Vec::new()), read_json)
}

/// Claims the key for this evaluation. `None` means that it is ours. The insert decides between two
/// concurrent requests: on PostgreSQL the second waits for the first's commit and then finds its
/// row.
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
    // Repeated only if the evaluation behind the key is deleted between the two statements.
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

/// Returns evaluations of the user, at most `limit` (1..1000) of them, from `after` on. Only a
/// search (`filter.q`) uses up the allowance `work`; if it is exhausted, the page is shorter, and
/// `next` is the position at which to continue.
///
/// # Errors
/// `Query` for a cursor of another order; `Unavailable`, also if the caller is gone.
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
    match filter.q.as_deref() {
        None | Some("") => listing::plain_page(db, user, filter, after, limit),
        Some(q) => match Needle::new(q) {
            Some(needle) => search::page(db, user, filter, &needle, after, limit, work),
            // What nobody can see is looked over in texts too, so nothing is found by it.
            None => Ok(Page {
                items: Vec::new(),
                next: None,
            }),
        },
    }
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

/// Returns an evaluation of the user with its current run, or `None` if the user has no such
/// evaluation.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn get(
    db: &mut Db,
    user: UserId,
    session: SessionId,
) -> Result<Option<Detail>, StoreError> {
    let found: Option<(SessionRow, TextsRow)> = evaluation_sessions::table
        .inner_join(evaluation_texts::table)
        .filter(evaluation_sessions::id.eq(session.to_string()))
        .filter(evaluation_sessions::user_id.eq(user.to_string()))
        .select((
            SessionRow::as_select(),
            (
                evaluation_texts::source_text,
                evaluation_texts::candidate_output,
                evaluation_texts::sources,
            ),
        ))
        .first(db)
        .optional()?;
    let Some((row, (source_text, candidate_output, sources))) = found else {
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
        sources: read_sources(sources.as_deref())?,
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

/// Returns the state of an evaluation of the user and of its event log.
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

/// Returns the ids of the user's evaluations after this one, the oldest first.
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

/// Deletes an evaluation of the user with all data that belongs to it: it is hidden at once, and
/// its rows are removed by [`super::trash`]. Returns false if there was none.
///
/// # Errors
/// `Unavailable`, `Query`.
pub fn delete(db: &mut Db, user: UserId, session: SessionId) -> Result<bool, StoreError> {
    trash::evaluation(db, &user.to_string(), &session.to_string())
}
