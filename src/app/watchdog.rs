//! Proves that the process does its work, for a watchdog: a timer would tick in one that hangs.

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

/// Liveness probe for the watchdog. Deliberately without the database: a restart would not bring that back,
/// and the process waits for it by itself.
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

    /// Gives a sign of life in each half of `limit`, but only one that was proved, for which there is a
    /// quarter of it: so two signs are less than `limit` apart, and a program that hangs gives none.
    /// After a failure the next try is soon, so that a hiccup leaves time for a sign within `limit`.
    /// Ends when the process is about to stop, since doors that close answer nobody.
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

    /// The registry takes a message, each thread of the rooms its work, and a request over a real socket is
    /// answered.
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

    /// What the process holds, for `systemctl status`.
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
