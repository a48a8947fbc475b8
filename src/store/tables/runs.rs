//! Runs of an evaluation: started here, fed by the journal, loaded again after a restart.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::result::Error as DieselError;

use super::changes;
use super::columns::{read_id, read_json, read_time, time};
use super::schema::{evaluation_runs, evaluation_sessions, evaluation_texts};
use super::trash::NOBODY;
use super::usage::{self, DayUsage};
use super::users;
use crate::domain::claim::Claim;
use crate::domain::ids::{RunId, SessionId, UserId};
use crate::domain::report::JudgeReport;
use crate::domain::run::Status;
use crate::domain::settings::EvaluationConfig;
use crate::domain::verdict::Verdict;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// A run to start.
#[derive(Debug, Clone)]
pub struct NewRun {
    pub id: RunId,
    /// Chosen by the caller; asking again with it does not start another run.
    pub client_request_id: Option<String>,
    pub started_at: DateTime<Utc>,
}

/// What came of a wish to start a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Begin {
    /// The evaluation is in progress with this run.
    Started {
        config: EvaluationConfig,
        /// Of its event log.
        epoch: String,
        /// Where its event log stands: the run's first event gets the number after it.
        last_seq: i64,
    },
    /// The same `client_request_id` has started that run of this evaluation before.
    Repeated {
        /// It may have ended since.
        run_id: RunId,
    },
    /// Another run is at work.
    InProgress { run_id: RunId },
    /// There is no such evaluation of that user.
    NotFound,
}

/// Starts a run, unless one is at work. Of two that start at the same time one gets `Started`.
///
/// # Errors
/// `Unavailable`, `Query`.
pub fn begin(
    db: &mut Db,
    user: UserId,
    session: SessionId,
    run: &NewRun,
) -> Result<Begin, StoreError> {
    let session = session.to_string();
    // Changes nothing, but holds the row until the end of the transaction: whoever comes second reads
    // what the first has committed.
    let held = diesel::update(
        evaluation_sessions::table
            .find(&session)
            .filter(evaluation_sessions::user_id.eq(user.to_string())),
    )
    .set(evaluation_sessions::last_seq.eq(evaluation_sessions::last_seq))
    .execute(db)?;
    if held == 0 {
        return Ok(Begin::NotFound);
    }
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
    let (status, current, config, epoch, last_seq): (String, Option<String>, String, String, i64) =
        evaluation_sessions::table
            .find(&session)
            .select((
                evaluation_sessions::status,
                evaluation_sessions::run_id,
                evaluation_sessions::config,
                evaluation_sessions::epoch,
                evaluation_sessions::last_seq,
            ))
            .first(db)?;
    if let (Status::InProgress, Some(current)) =
        (super::columns::read_status(&status)?, current.as_deref())
    {
        return Ok(Begin::InProgress {
            run_id: read_id(current)?,
        });
    }
    let config = read_json(&config)?;
    insert(db, &session, run)?;
    Ok(Begin::Started {
        config,
        epoch,
        last_seq,
    })
}

fn insert(db: &mut Db, session: &str, run: &NewRun) -> Result<(), StoreError> {
    let started_at = time(run.started_at);
    diesel::insert_into(evaluation_runs::table)
        .values((
            evaluation_runs::id.eq(run.id.to_string()),
            evaluation_runs::session_id.eq(session),
            evaluation_runs::client_request_id.eq(run.client_request_id.as_ref()),
            evaluation_runs::status.eq(Status::InProgress.as_str()),
            evaluation_runs::started_at.eq(started_at),
        ))
        .execute(db)?;
    diesel::update(evaluation_sessions::table.find(session))
        .set((
            evaluation_sessions::status.eq(Status::InProgress.as_str()),
            evaluation_sessions::progress.eq(None::<f64>),
            evaluation_sessions::run_id.eq(Some(run.id.to_string())),
            evaluation_sessions::started_at.eq(Some(started_at)),
            evaluation_sessions::completed_at.eq(None::<NaiveDateTime>),
            evaluation_sessions::consensus_score.eq(None::<f64>),
            evaluation_sessions::hallucination_score.eq(None::<f64>),
            evaluation_sessions::error_message.eq(None::<String>),
        ))
        .execute(db)?;
    Ok(())
}

/// A run that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LiveRun {
    pub session: SessionId,
    pub run: RunId,
    pub owner: UserId,
    /// When its time is over.
    pub ends_at: DateTime<Utc>,
}

/// Runs that have not ended, the oldest first: what a restart has to take up again. A row that can't be
/// read is told to the operator and left out: it must not keep the others from going on.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn live(db: &mut Db) -> Result<Vec<LiveRun>, StoreError> {
    let unended = || {
        evaluation_sessions::table
            .filter(evaluation_sessions::status.eq(Status::InProgress.as_str()))
            .order((
                evaluation_sessions::started_at.asc(),
                evaluation_sessions::id.asc(),
            ))
    };
    // By themselves, so that a row that can't be read has a name. Both see the same rows: see `Store::read`.
    let ids: Vec<String> = unended().select(evaluation_sessions::id).load(db)?;
    let rows = unended()
        .select((
            evaluation_sessions::run_id,
            evaluation_sessions::user_id,
            evaluation_sessions::started_at,
            evaluation_sessions::config,
        ))
        .load_iter::<LiveRow, _>(db)?;
    let mut runs = Vec::with_capacity(ids.len());
    for (session, row) in ids.iter().zip(rows) {
        let run = match row {
            Ok(row) => read_live(session, row),
            Err(DieselError::DeserializationError(_)) => Err("a column has another type"),
            Err(error) => return Err(error.into()),
        };
        match run {
            Ok(run) => runs.push(run),
            Err(reason) => tracing::error!(%session, reason, "a live run can't be taken up"),
        }
    }
    Ok(runs)
}

type LiveRow = (Option<String>, String, Option<NaiveDateTime>, String);

/// An error names what can't be read without repeating it, for it may hold anything.
fn read_live(session: &str, row: LiveRow) -> Result<LiveRun, &'static str> {
    let (run, owner, started_at, config) = row;
    let run = run.ok_or("it has no run")?;
    let started_at = read_time(started_at.ok_or("it has no start")?);
    let config: EvaluationConfig = read_json(&config).map_err(|_| "its settings can't be read")?;
    let deadline = TimeDelta::milliseconds(config.deadline_ms.try_into().unwrap_or(i64::MAX / 2));
    Ok(LiveRun {
        session: read_id(session).map_err(|_| "its id can't be read")?,
        run: read_id(&run).map_err(|_| "its run's id can't be read")?,
        owner: read_id(&owner).map_err(|_| "its owner's id can't be read")?,
        ends_at: started_at
            .checked_add_signed(deadline)
            .unwrap_or(started_at),
    })
}

/// A run with all that was stored of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LoadedRun {
    pub user_id: UserId,
    pub source_text: String,
    pub candidate_output: String,
    /// What the candidate answers.
    pub question: Option<String>,
    pub config: EvaluationConfig,
    /// When the run started.
    pub started_at: DateTime<Utc>,
    /// Of the event log.
    pub epoch: String,
    /// Of the event log.
    pub last_seq: i64,
    /// In the order of the candidate; none if they were never stored, empty if there were none.
    pub claims: Option<Vec<Claim>>,
    /// In the order in which they were decided.
    pub verdicts: Vec<Verdict>,
    /// In the order in which they were heard.
    pub reports: Vec<JudgeReport>,
    /// The highest progress that was published, 0..100.
    pub progress: Option<f64>,
    /// Whether the run is over.
    pub ended: bool,
    /// When the user's account was made.
    pub user_created_at: DateTime<Utc>,
    /// What the user's judges have used today.
    pub today: DayUsage,
    /// What all users' judges have used today.
    pub today_of_all: DayUsage,
}

/// A run of a session; none if either is gone.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn load(
    db: &mut Db,
    session: SessionId,
    run: RunId,
    now: DateTime<Utc>,
) -> Result<Option<LoadedRun>, StoreError> {
    type RunRow = (String, NaiveDateTime, Option<i64>);
    type SessionRow = (
        String,
        Option<String>,
        String,
        String,
        i64,
        Option<f64>,
        Option<String>,
    );
    let (session, run) = (session.to_string(), run.to_string());
    let row: Option<RunRow> = evaluation_runs::table
        .find(&run)
        .filter(evaluation_runs::session_id.eq(&session))
        .select((
            evaluation_runs::status,
            evaluation_runs::started_at,
            evaluation_runs::claim_count,
        ))
        .first(db)
        .optional()?;
    let owner: Option<(SessionRow, (String, String))> = evaluation_sessions::table
        .inner_join(evaluation_texts::table)
        .filter(evaluation_sessions::id.eq(&session))
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
            ),
            (
                evaluation_texts::source_text,
                evaluation_texts::candidate_output,
            ),
        ))
        .first(db)
        .optional()?;
    let (Some((status, started_at, claim_count)), Some((owner, texts))) = (row, owner) else {
        return Ok(None);
    };
    let (user_id, question, config, epoch, last_seq, progress, current) = owner;
    let (source_text, candidate_output) = texts;
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
        source_text,
        candidate_output,
        question,
        config: read_json(&config)?,
        started_at: read_time(started_at),
        epoch,
        last_seq,
        claims,
        verdicts: changes::verdicts(db, &run)?,
        reports: changes::reports(db, &run)?,
        // Kept for the current run only; an earlier one has ended.
        progress: progress.filter(|_| current.is_some_and(|current| current == run)),
        ended: super::columns::read_status(&status)? != Status::InProgress,
    }))
}
