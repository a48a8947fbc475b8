//! What a client is told of faults that are not its own.

use std::time::Duration;

use actix::MailboxError;

use crate::computing::{Full, Unfinished};
use crate::protocol::error::{ErrorCode, Refusal};
use crate::store::StoreError;

/// When a client is asked to come back while the database is away.
pub(super) const DATABASE_AWAY: Duration = Duration::from_secs(2);

/// When somebody for whose work there was no turn may come again.
pub(super) const TURN_COMES: Duration = Duration::from_secs(2);

/// What a client is told of a database's error; the cause goes into the log.
pub(crate) fn refusal(error: StoreError) -> Refusal {
    match error {
        StoreError::NotFound => Refusal::not_found(),
        StoreError::Unavailable(reason) | StoreError::InDoubt(reason) => {
            tracing::warn!(%reason, "the database is not available");
            Refusal::new(
                ErrorCode::Overloaded,
                "the database is not available right now",
            )
            .after(DATABASE_AWAY)
        }
        StoreError::Duplicate(_) | StoreError::Query(_) => {
            tracing::error!(%error, "a query failed");
            Refusal::internal()
        }
    }
}

/// What a client is told when a computation has no outcome. One that is stopped while its client waits is
/// about an evaluation that is deleted.
pub(crate) fn unfinished(error: Unfinished) -> Refusal {
    match error {
        Unfinished::Stopped => Refusal::not_found(),
        // The log has it already.
        Unfinished::Broke => Refusal::internal(),
    }
}

/// What a client is told whose work gets no turn.
pub(crate) fn no_turn(full: Full) -> Refusal {
    let (code, message) = match full {
        Full::OfUser => (
            ErrorCode::RateLimited,
            "you have too many of these under way: wait for them and try again",
        ),
        Full::OfAll => (
            ErrorCode::Overloaded,
            "the server has too much of this to do right now: wait and try again",
        ),
    };
    Refusal::new(code, message).after(TURN_COMES)
}

/// What a client is told when an actor does not answer.
pub(crate) fn unanswered(error: MailboxError) -> Refusal {
    tracing::warn!(%error, "an actor did not answer");
    Refusal::new(ErrorCode::Overloaded, "the server is too busy right now").after(DATABASE_AWAY)
}
