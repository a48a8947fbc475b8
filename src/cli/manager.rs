//! What a service manager is told, by systemd's protocol; without one (`NOTIFY_SOCKET`) nothing is.
//!
//! Deliberately not here: how life is proved ([`Watchdog`]), when the process stops.

use std::net::SocketAddr;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::app::Watchdog;

/// The server listens, and what was live is being taken up again.
pub(super) fn ready(address: SocketAddr) {
    let status = format!("listens on http://{address}");
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// The first signal came; the stop takes no longer than `longest`, whatever limit the unit has.
pub(super) fn stopping(longest: Duration) {
    let extension = u32::try_from(longest.as_micros()).unwrap_or(u32::MAX);
    tell(&[
        NotifyState::Stopping,
        NotifyState::Status("stopping: clients are sent away"),
        NotifyState::ExtendTimeoutUsec(extension),
    ]);
}

/// Feeds the watchdog, if the manager set one.
pub(super) fn watched(watchdog: Watchdog) {
    if let Some(limit) = sd_notify::watchdog_enabled() {
        actix_web::rt::spawn(async move {
            let sign = |status: &str| tell(&[NotifyState::Watchdog, NotifyState::Status(status)]);
            watchdog.feed(limit, sign).await;
        });
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager can't be told");
    }
}
