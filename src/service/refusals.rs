//! Converts faults that are not the client's own into refusals.

use std::time::Duration;

use actix::MailboxError;

use crate::computing::{Full, Unfinished};
use crate::protocol::error::{ErrorCode, Refusal};
use crate::store::StoreError;

/// Time after which a client is asked to try again while the database is not available.
pub(super) const DATABASE_AWAY: Duration = Duration::from_secs(2);

/// Time after which a client is asked to try again when no slot was free.
pub(super) const TURN_COMES: Duration = Duration::from_secs(2);

/// Converts an error of the database into a refusal; the cause is logged and not sent to the
/// client.
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

/// Converts the failure of a computation into a refusal. A computation that was stopped while its
/// client waits belongs to an evaluation that was deleted.
pub(crate) fn unfinished(error: Unfinished) -> Refusal {
    match error {
        Unfinished::Stopped => Refusal::not_found(),
        // The failure has been logged already.
        Unfinished::Broke => Refusal::internal(),
    }
}

/// Returns the refusal for work that got no slot.
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

/// Returns the refusal for a request that an actor did not answer.
pub(crate) fn unanswered(error: MailboxError) -> Refusal {
    tracing::warn!(%error, "an actor did not answer");
    Refusal::new(ErrorCode::Overloaded, "the server is too busy right now").after(DATABASE_AWAY)
}
