//! Locks the row of an evaluation, so that concurrent calls on it run one after another.

use diesel::prelude::*;

use super::schema::evaluation_sessions;
use crate::domain::ids::{SessionId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Locks the row of an evaluation until the end of the transaction: the second of two calls reads
/// what the first has committed. Returns false if the user has no such evaluation.
pub(super) fn lock_evaluation(
    db: &mut Db,
    user: UserId,
    session: SessionId,
) -> Result<bool, StoreError> {
    let own = evaluation_sessions::table
        .find(session.to_string())
        .filter(evaluation_sessions::user_id.eq(user.to_string()));
    // This changes nothing but who has the lock.
    let held = diesel::update(own)
        .set(evaluation_sessions::last_seq.eq(evaluation_sessions::last_seq))
        .execute(db)?;
    Ok(held > 0)
}
