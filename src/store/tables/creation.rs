//! Creates an evaluation and, if requested, starts it in the same transaction, so that no caller is
//! left with an evaluation that it does not know or that was not started.

use diesel::prelude::*;

use super::evaluations::{self, Created, Idempotency, NewEvaluation};
use super::quota::{self, Full, Quota};
use super::runs::{self, Begin, NewRun};
use super::schema::evaluation_sessions;
use super::search_index;
use crate::domain::ids::SessionId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// The result of creating an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Creation {
    Made {
        /// The id of the new evaluation, or of the one that an earlier request with the same key
        /// created.
        id: SessionId,
        /// The result of the start; `None` if it was not requested.
        begun: Option<Begin>,
    },
    /// The key was used before with another body.
    KeyReused,
    /// The user's quota is exhausted.
    Full(Full),
}

/// Creates an evaluation, or finds the one that the same key has created, and starts `run`. The
/// `client_request_id` of the run is derived from the evaluation's id, so that a repeated request
/// is the same start.
///
/// # Errors
/// `Duplicate("id")`; `Query` for a text with NUL; `Unavailable`.
pub(crate) fn create(
    db: &mut Db,
    new: &NewEvaluation,
    idempotency: Option<&Idempotency>,
    quota: Quota,
    run: Option<NewRun>,
) -> Result<Creation, StoreError> {
    let id = match evaluations::create(db, new, idempotency)? {
        Created::New => {
            if let Some(full) = quota::exceeded(db, new.user_id, quota, 0, 0)? {
                search_index::remove_all(db, &new.id.to_string())?;
                diesel::delete(evaluation_sessions::table.find(new.id.to_string())).execute(db)?;
                return Ok(Creation::Full(full));
            }
            new.id
        }
        Created::Replayed(earlier) => earlier,
        Created::KeyReused => return Ok(Creation::KeyReused),
    };
    let begun = match run {
        None => None,
        Some(run) => {
            let client_request_id = Some(format!("create:{id}"));
            let run = NewRun {
                client_request_id,
                ..run
            };
            Some(runs::begin(db, new.user_id, id, &run)?)
        }
    };
    Ok(Creation::Made { id, begun })
}
