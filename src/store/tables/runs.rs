//! Runs of an evaluation: started here, written by the journal, and loaded again by a node that
//! resumes one.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::changes;
use super::columns::{TextsRow, counter, read_id, read_json, read_name, read_time, time};
use super::evaluations::read_sources;
use super::listing::ClaimsByLabel;
use super::row_lock::lock_evaluation;
use super::schema::{evaluation_runs, evaluation_sessions, evaluation_texts};
use super::trash::NOBODY;
use super::usage::{self, DayUsage, KeyDay};
use super::users;
use crate::domain::claim::Claim;
use crate::domain::event::{CancelReason, RunError};
use crate::domain::ids::{ApiKeyId, NodeId, RunId, SessionId, UserId};
use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::run::Status;
use crate::domain::settings::EvaluationConfig;
use crate::domain::source::NamedSource;
use crate::domain::verdict::Verdict;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// A run that is about to start.
#[derive(Debug, Clone)]
pub struct NewRun {
    pub id: RunId,
    /// Chosen by the caller; a repeated request with the same id does not start another run.
    pub client_request_id: Option<String>,
    pub started_at: DateTime<Utc>,
    /// The node that will own it; `None` lets any node claim it.
    pub node: Option<NodeId>,
    /// The API key that starts it; `None` for a login.
    pub api_key: Option<ApiKeyId>,
}

/// The result of starting a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Begin {
    /// The run has been started, and the evaluation is in progress.
    Started {
        config: EvaluationConfig,
        /// The epoch of the event log.
        epoch: String,
        /// The last sequence number of the event log; the run's first event gets the next one.
        last_seq: i64,
        /// The fencing token of the node's ownership.
        fence: i64,
    },
    /// An earlier request with the same `client_request_id` has started this run.
    Repeated {
        /// The run may have ended since.
        run_id: RunId,
    },
    /// Another run is in progress.
    InProgress { run_id: RunId },
    /// The user has no such evaluation.
    NotFound,
}

/// Starts a run, unless one is in progress. Of two concurrent calls one gets `Started`.
///
/// # Errors
/// `Unavailable`, also if the node was declared dead; `Query`.
pub fn begin(
    db: &mut Db,
    user: UserId,
    session: SessionId,
    run: &NewRun,
) -> Result<Begin, StoreError> {
    if !lock_evaluation(db, user, session)? {
        return Ok(Begin::NotFound);
    }
    let session = session.to_string();
    if let Some(request) = &run.client_request_id {
        let earlier: Option<String> = evaluation_runs::table
            .filter(evaluation_runs::session_id.eq(&session))
            .filter(evaluation_runs::client_request_id.eq(request))
            .select(evaluation_runs::id)
            .first(db)
            .optional()?;
        if let Some(run_id) = earlier {
            return Ok(Begin::Repeated {
                run_id: read_id(&run_id)?,
            });
        }
    }
    type SessionRow = (String, Option<String>, String, String, i64, i64);
    let (status, current, config, epoch, last_seq, fence): SessionRow = evaluation_sessions::table
        .find(&session)
        .select((
            evaluation_sessions::status,
            evaluation_sessions::run_id,
            evaluation_sessions::config,
            evaluation_sessions::epoch,
            evaluation_sessions::last_seq,
            evaluation_sessions::fence,
        ))
        .first(db)?;
    if let (Status::InProgress, Some(current)) =
        (super::columns::read_status(&status)?, current.as_deref())
    {
        return Ok(Begin::InProgress {
            run_id: read_id(current)?,
        });
    }
    let config: EvaluationConfig = read_json(&config)?;
    let fence = fence + 1;
    insert(db, &session, run, ends_at(run.started_at, &config), fence)?;
    Ok(Begin::Started {
        config,
        epoch,
        last_seq,
        fence,
    })
}

/// Returns the deadline of a run.
fn ends_at(started_at: DateTime<Utc>, config: &EvaluationConfig) -> DateTime<Utc> {
    let time = TimeDelta::milliseconds(config.deadline_ms.try_into().unwrap_or(i64::MAX / 2));
    started_at.checked_add_signed(time).unwrap_or(started_at)
}

fn insert(
    db: &mut Db,
    session: &str,
    run: &NewRun,
    ends_at: DateTime<Utc>,
    fence: i64,
) -> Result<(), StoreError> {
    let started_at = time(run.started_at);
    diesel::insert_into(evaluation_runs::table)
        .values((
            evaluation_runs::id.eq(run.id.to_string()),
            evaluation_runs::session_id.eq(session),
            evaluation_runs::client_request_id.eq(run.client_request_id.as_ref()),
            evaluation_runs::status.eq(Status::InProgress.as_str()),
            evaluation_runs::started_at.eq(started_at),
            evaluation_runs::api_key_id.eq(run.api_key.map(|key| key.to_string())),
        ))
        .execute(db)?;
    let started = diesel::update(evaluation_sessions::table.find(session))
        .set((
            evaluation_sessions::status.eq(Status::InProgress.as_str()),
            evaluation_sessions::progress.eq(None::<f64>),
            evaluation_sessions::run_id.eq(Some(run.id.to_string())),
            evaluation_sessions::started_at.eq(Some(started_at)),
            evaluation_sessions::completed_at.eq(None::<NaiveDateTime>),
            evaluation_sessions::consensus_score.eq(None::<f64>),
            evaluation_sessions::hallucination_score.eq(None::<f64>),
            evaluation_sessions::probability.eq(None::<f64>),
            evaluation_sessions::claims_supported.eq(None::<i64>),
            evaluation_sessions::claims_refuted.eq(None::<i64>),
            evaluation_sessions::claims_not_enough_info.eq(None::<i64>),
            evaluation_sessions::cost_usd.eq(None::<f64>),
            evaluation_sessions::error_message.eq(None::<String>),
            evaluation_sessions::owner.eq(run.node.map(|node| node.to_string())),
            evaluation_sessions::fence.eq(fence),
            evaluation_sessions::ends_at.eq(Some(time(ends_at))),
            evaluation_sessions::stop.eq(None::<String>),
            evaluation_sessions::orphaned.eq(0),
        ))
        .execute(db);
    match started.map_err(StoreError::from) {
        // The session is locked, so it can only be the node that no longer exists.
        Err(StoreError::NotFound) => Err(StoreError::no_such_node()),
        outcome => outcome.map(drop),
    }
}

/// A run as an entry of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunSummary {
    pub id: RunId,
    pub status: Status,
    pub started_at: DateTime<Utc>,
    /// The time at which the run ended; `None` while it is live.
    pub completed_at: Option<DateTime<Utc>>,
    /// The figures, if the run completed.
    pub result: Option<AuditResult>,
    /// The error that ended the run, if it failed.
    pub error: Option<RunError>,
}

impl RunSummary {
    /// Returns the number of claims by label, if the run completed.
    pub(crate) fn claims(&self) -> Option<ClaimsByLabel> {
        let claims = &self.result.as_ref()?.claims;
        Some(ClaimsByLabel {
            supported: counter(claims.supported),
            refuted: counter(claims.refuted),
            not_enough_info: counter(claims.not_enough_info),
        })
    }
}

/// Returns the runs of an evaluation, newest first: at most `limit` of those after `cursor`. Ids
/// are ordered by time.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn list(
    db: &mut Db,
    session: SessionId,
    cursor: Option<RunId>,
    limit: i64,
) -> Result<Vec<RunSummary>, StoreError> {
    type Row = (
        String,
        String,
        NaiveDateTime,
        Option<NaiveDateTime>,
        Option<String>,
        Option<String>,
    );
    let mut query = evaluation_runs::table
        .filter(evaluation_runs::session_id.eq(session.to_string()))
        .order(evaluation_runs::id.desc())
        .limit(limit)
        .select((
            evaluation_runs::id,
            evaluation_runs::status,
            evaluation_runs::started_at,
            evaluation_runs::completed_at,
            evaluation_runs::result,
            evaluation_runs::error,
        ))
        .into_boxed();
    if let Some(cursor) = cursor {
        query = query.filter(evaluation_runs::id.lt(cursor.to_string()));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter()
        .map(|(id, status, started_at, completed_at, result, error)| {
            Ok(RunSummary {
                id: read_id(&id)?,
                status: super::columns::read_status(&status)?,
                started_at: read_time(started_at),
                completed_at: completed_at.map(read_time),
                result: result.as_deref().map(read_json).transpose()?,
                error: error.as_deref().map(read_json).transpose()?,
            })
        })
        .collect()
}

/// A run with all that is stored of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LoadedRun {
    pub user_id: UserId,
    pub source_text: String,
    /// Names and spans of the sources in the source text; empty for a single one without a name.
    pub sources: Vec<NamedSource>,
    pub candidate_output: String,
    /// The question that the candidate answers, if any.
    pub question: Option<String>,
    pub config: EvaluationConfig,
    pub started_at: DateTime<Utc>,
    /// The epoch of the event log.
    pub epoch: String,
    /// The last sequence number of the event log.
    pub last_seq: i64,
    /// The fencing token of its present owner.
    pub fence: i64,
    /// Weighted count of its owners that died since the run last made progress.
    pub orphaned: i64,
    /// The reason of its cancellation, if that was requested.
    pub stop: Option<CancelReason>,
    /// In the order of the candidate; `None` if they were never stored, empty if there are none.
    pub claims: Option<Vec<Claim>>,
    /// In the order of decision.
    pub verdicts: Vec<Verdict>,
    /// In the order in which they arrived.
    pub reports: Vec<JudgeReport>,
    /// The highest progress that was published, 0..100.
    pub progress: Option<f64>,
    pub ended: bool,
    /// The time at which the user's account was created.
    pub user_created_at: DateTime<Utc>,
    /// The usage of the user's judges today.
    pub today: DayUsage,
    /// The usage of all users' judges today.
    pub today_of_all: DayUsage,
    /// The API key by which it was started, with its budget and usage of today.
    pub today_of_key: Option<KeyDay>,
}

/// The columns of a session that its run works with.
type SessionRow = (
    String,
    Option<String>,
    String,
    String,
    i64,
    Option<f64>,
    Option<String>,
    (i64, i64, Option<String>),
);

/// Loads the columns and the texts of a session; `None` if it does not exist or is deleted.
fn session_of_run(db: &mut Db, session: &str) -> QueryResult<Option<(SessionRow, TextsRow)>> {
    evaluation_sessions::table
        .inner_join(evaluation_texts::table)
        .filter(evaluation_sessions::id.eq(session))
        .filter(evaluation_sessions::user_id.ne(NOBODY))
        .select((
            (
                evaluation_sessions::user_id,
                evaluation_sessions::question,
                evaluation_sessions::config,
                evaluation_sessions::epoch,
                evaluation_sessions::last_seq,
                evaluation_sessions::progress,
                evaluation_sessions::run_id,
                (
                    evaluation_sessions::fence,
                    evaluation_sessions::orphaned,
                    evaluation_sessions::stop,
                ),
            ),
            (
                evaluation_texts::source_text,
                evaluation_texts::candidate_output,
                evaluation_texts::sources,
            ),
        ))
        .first(db)
        .optional()
}

/// Loads a run of a session; `None` if either does not exist.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn load(
    db: &mut Db,
    session: SessionId,
    run: RunId,
    now: DateTime<Utc>,
) -> Result<Option<LoadedRun>, StoreError> {
    type RunRow = (String, NaiveDateTime, Option<i64>, Option<String>);
    let (session, run) = (session.to_string(), run.to_string());
    let row: Option<RunRow> = evaluation_runs::table
        .find(&run)
        .filter(evaluation_runs::session_id.eq(&session))
        .select((
            evaluation_runs::status,
            evaluation_runs::started_at,
            evaluation_runs::claim_count,
            evaluation_runs::api_key_id,
        ))
        .first(db)
        .optional()?;
    let owner = session_of_run(db, &session)?;
    let (Some((status, started_at, claim_count, key)), Some((owner, texts))) = (row, owner) else {
        return Ok(None);
    };
    let (user_id, question, config, epoch, last_seq, progress, current, ownership) = owner;
    let (fence, orphaned, stop) = ownership;
    let (source_text, candidate_output, sources) = texts;
    let claims = match claim_count {
        None => None,
        Some(0) => Some(Vec::new()),
        Some(_) => Some(changes::claims(db, &run)?),
    };
    let user_id = read_id(&user_id)?;
    let day = usage::day(now);
    let Some(user_created_at) = users::created_at(db, user_id)? else {
        return Ok(None);
    };
    let today_of_all = usage::of_all(db, &day)?;
    let key = key.as_deref().map(read_id).transpose()?;
    let today_of_key = key.map(|key| usage::key_day(db, user_id, key, &day));
    let today_of_key = today_of_key.transpose()?;
    let today = usage::since(db, user_id, &day)?.into_iter();
    let today = today.last().unwrap_or_else(|| DayUsage {
        day,
        ..DayUsage::default()
    });
    Ok(Some(LoadedRun {
        user_id,
        user_created_at,
        today,
        today_of_all,
        today_of_key,
        source_text,
        sources: read_sources(sources.as_deref())?,
        candidate_output,
        question,
        config: read_json(&config)?,
        started_at: read_time(started_at),
        epoch,
        last_seq,
        fence,
        orphaned,
        stop: stop.as_deref().map(read_name).transpose()?,
        claims,
        verdicts: changes::verdicts(db, &run)?,
        reports: changes::reports(db, &run)?,
        // Stored for the current run only; an earlier one has ended.
        progress: progress.filter(|_| current.is_some_and(|current| current == run)),
        ended: super::columns::read_status(&status)? != Status::InProgress,
    }))
}
