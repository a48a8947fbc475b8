//! Notifications to a service manager by systemd's protocol. Without `NOTIFY_SOCKET` nothing is
//! sent.
//!
//! Deliberately not here: the liveness checks ([`Watchdog`]) and the decision to stop.

use std::net::SocketAddr;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::app::Watchdog;

/// Reports that the server listens; interrupted runs are being resumed.
pub(super) fn ready(address: SocketAddr) {
    let status = format!("listens on http://{address}");
    notify(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// Reports the start of a graceful stop, and asks for `longest` as its time limit in place of the
/// unit's own.
pub(super) fn stopping(longest: Duration) {
    let extension = u32::try_from(longest.as_micros()).unwrap_or(u32::MAX);
    notify(&[
        NotifyState::Stopping,
        NotifyState::Status("stopping: clients are sent away"),
        NotifyState::ExtendTimeoutUsec(extension),
    ]);
}

/// Starts a task that sends keep-alive messages to the manager's watchdog, if it has one
/// configured.
pub(super) fn watched(watchdog: Watchdog) {
    if let Some(limit) = sd_notify::watchdog_enabled() {
        actix_web::rt::spawn(async move {
            let sign = |status: &str| notify(&[NotifyState::Watchdog, NotifyState::Status(status)]);
            watchdog.feed(limit, sign).await;
        });
    }
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager can't be told");
    }
}
