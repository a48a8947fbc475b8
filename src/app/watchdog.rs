//! Notifies a watchdog only after a liveness check, since a plain timer would keep running in
//! a process that hangs.

use std::net::SocketAddr;
use std::time::Duration;

use actix::Addr;
use actix_web::web;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::actors::messages::Probe;
use crate::actors::registry::Registry;
use crate::service::Service;

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 ";

/// Liveness probe for the watchdog. The database is deliberately not part of it: a restart would
/// not help, and the process waits for the database by itself.
pub(crate) struct Watchdog {
    registry: Addr<Registry>,
    address: SocketAddr,
    service: web::Data<Service>,
}

impl Watchdog {
    pub(super) fn new(service: web::Data<Service>, address: SocketAddr) -> Self {
        Self {
            registry: service.registry.clone(),
            address,
            service,
        }
    }

    /// Calls `sign` twice in each `limit`, each time only after a successful liveness check,
    /// which may take a quarter of `limit`. So two calls are less than `limit` apart, and a
    /// process that hangs makes none. A failed check is soon repeated, so that a short delay
    /// still leaves time for a call within `limit`. Ends when a shutdown begins, since the server
    /// then accepts no requests.
    pub(crate) async fn feed(&self, limit: Duration, sign: impl Fn(&str)) {
        let mut ticks = interval_at(Instant::now(), limit / 2);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let again = limit / 16;
        loop {
            ticks.tick().await;
            if self.service.is_draining() {
                return;
            }
            match timeout(limit / 4, self.prove()).await {
                Ok(Ok(())) => sign(&self.summary()),
                Ok(Err(why)) => {
                    tracing::error!(%why, "no sign of life for the watchdog");
                    ticks.reset_after(again);
                }
                Err(_) => {
                    tracing::error!("no sign of life for the watchdog: no answer in time");
                    ticks.reset_after(again);
                }
            }
        }
    }

    /// Checks that the registry takes a message, each room thread runs a task, and a request over a
    /// real socket is answered.
    async fn prove(&self) -> anyhow::Result<()> {
        let proved = self.registry.send(Probe).await?;
        proved.map_err(|_| anyhow::anyhow!("a thread of the rooms has ended"))?;
        let mut socket = TcpStream::connect(self.address).await?;
        socket.write_all(REQUEST).await?;
        let mut begin = [0; ANSWER.len()];
        socket.read_exact(&mut begin).await?;
        anyhow::ensure!(begin == ANSWER, "HTTP answers, but not with 200");
        Ok(())
    }

    /// Live counts, shown by `systemctl status`.
    fn summary(&self) -> String {
        let live_counts = &self.service.live_counts;
        format!(
            "connections: {}, sessions in memory: {}, live runs: {}",
            live_counts.connections.count(),
            live_counts.rooms.count(),
            live_counts.runs.count()
        )
    }
}

#[cfg(test)]
#[path = "tests/watchdog.rs"]
mod tests;
