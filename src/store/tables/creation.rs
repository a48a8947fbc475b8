//! Making an evaluation, and starting it if asked to: in one transaction, so that no caller is left with an
//! evaluation that it does not know, or with one that was not started.

use diesel::prelude::*;

use super::evaluations::{self, Created, Idempotency, NewEvaluation};
use super::quota::{self, Full, Quota};
use super::runs::{self, Begin, NewRun};
use super::schema::evaluation_sessions;
use crate::domain::ids::SessionId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// What came of a wish to make an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Creation {
    Made {
        /// The new one, or the one that the same key has made before.
        id: SessionId,
        /// What came of the start; none if it was not asked for.
        begun: Option<Begin>,
    },
    /// The key came with another content before.
    KeyReused,
    /// The user may not keep more.
    Full(Full),
}

/// Makes an evaluation, or finds the one that the same key has made, and starts `run`. The run is named after
/// the evaluation, so that the same request again is the same start.
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
