//! What another process did to accounts: logins that it ended, removals that it began.

use std::time::Duration;

use actix_web::web;
use tokio::time::MissedTickBehavior;

use crate::service::Service;

/// How often it is looked for logins that another process has ended, such as `users disable`. A connection's login
/// is checked when it begins; from then on only this finds out.
const ENDED_LOGINS: Duration = Duration::from_secs(1);

/// How often it is looked for removals that were begun and not finished, in looks for logins; also at the start.
const REMOVALS: u32 = 60;

/// Looks until the process ends.
pub(super) async fn look_after(service: web::Data<Service>) {
    let mut every = tokio::time::interval(ENDED_LOGINS);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for look in (0..REMOVALS).cycle() {
        every.tick().await;
        // A database that is away is told of elsewhere; it is looked again in a second.
        if let Err(refusal) = service.close_ended_logins().await {
            tracing::debug!(%refusal, "whether logins have been ended can't be read now");
        }
        if look == 0
            && let Err(error) = service.finish_removals().await
        {
            tracing::warn!(%error, "the removal of accounts goes on later");
        }
    }
}
