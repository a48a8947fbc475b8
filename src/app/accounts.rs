//! What another process did to accounts: logins that it ended, keys that it revoked, removals that it began.

use std::time::Duration;

use actix_web::web;
use tokio::time::{MissedTickBehavior, interval};

use crate::service::Service;

/// How often it is looked for logins and keys that another process has ended, such as `users disable`, and for keys
/// whose time is over. A connection's login or key is checked when it begins; from then on only this finds out.
const ENDED_CREDENTIALS: Duration = Duration::from_secs(1);

/// How often it is looked for removals that were begun and not finished; also at the start.
const REMOVALS: Duration = Duration::from_secs(60);

/// Closes the connections of logins and keys that have ended, until the process ends.
pub(super) async fn close_ended_credentials(service: web::Data<Service>) {
    let mut every = interval(ENDED_CREDENTIALS);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        // A database that is away is told of elsewhere; it is looked again in a second.
        if let Err(refusal) = service.close_ended_credentials().await {
            tracing::debug!(%refusal, "whether logins or keys have been ended can't be read now");
        }
    }
}

/// Goes on with removals of accounts, until the process ends. Apart from the other: a large account takes its time.
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
