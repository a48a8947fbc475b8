//! Changes to accounts by other processes: ended logins, revoked API keys,
//! and removals in progress.

use std::time::Duration;

use actix_web::web;
use tokio::time::{MissedTickBehavior, interval};

use crate::service::Service;

/// The interval of the check for logins and API keys that another process has ended, for instance
/// by `users disable`, and for expired keys. A connection's credential is checked when it connects;
/// afterwards only this check finds out.
const ENDED_CREDENTIALS: Duration = Duration::from_secs(1);

/// The interval of the check for unfinished removals, which is also made at the start.
const REMOVALS: Duration = Duration::from_secs(60);

/// Closes the connections of ended logins and API keys until the process ends.
pub(super) async fn close_ended_credentials(service: web::Data<Service>) {
    let mut every = interval(ENDED_CREDENTIALS);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        // An unavailable database is reported elsewhere; the check is repeated in a second.
        if let Err(refusal) = service.close_ended_credentials().await {
            tracing::debug!(%refusal, "whether logins or keys have been ended can't be read now");
        }
    }
}

/// Continues removals of accounts until the process ends. It is a task of its own because the
/// removal of a large account takes long.
pub(super) async fn finish_removals(service: web::Data<Service>) {
    let mut every = interval(REMOVALS);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = service.finish_removals().await {
            tracing::warn!(%error, "the removal of accounts goes on later");
        }
    }
}
