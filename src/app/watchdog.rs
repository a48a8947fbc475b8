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
pub struct Watchdog {
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
    pub async fn feed(&self, limit: Duration, sign: impl Fn(&str)) {
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
mod tests {
    use std::net::TcpListener;
    use std::sync::{Arc, Mutex, mpsc};

    use actix::Arbiter;

    use super::*;
    use crate::app;
    use crate::config::{Config, Sources};

    /// No wait of a test is longer.
    const PATIENCE: Duration = Duration::from_secs(20);
    const LIMIT: Duration = Duration::from_secs(1);

    fn config(home: &tempfile::TempDir) -> Arc<Config> {
        let sources = Sources {
            flags: [
                ("data_dir", home.path().to_str().unwrap()),
                ("server.bind", "127.0.0.1:0"),
                ("telemetry.prometheus_bind", ""),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
            ..Sources::default()
        };
        Arc::new(Config::load(&sources).unwrap())
    }

    /// A registry whose thread can be made to hang without stopping the test.
    async fn registry_on(thread: &Arbiter, config: Arc<Config>) -> Addr<Registry> {
        let (made, registry) = tokio::sync::oneshot::channel();
        thread.spawn_fn(move || {
            actix_web::rt::spawn(async move {
                let service = app::assemble(config).await.unwrap();
                made.send(service.registry.clone()).ok().unwrap();
            });
        });
        registry.await.unwrap()
    }

    /// How many signs are given until `until` is over.
    async fn signs(watchdog: &Watchdog, until: impl Future) -> usize {
        let signs = Mutex::new(0);
        tokio::select! {
            () = watchdog.feed(LIMIT, |_| *signs.lock().unwrap() += 1) => panic!("it ended"),
            _ = until => {}
        }
        signs.into_inner().unwrap()
    }

    /// Three times as long as a manager would have waited.
    fn too_long() -> impl Future {
        tokio::time::sleep(3 * LIMIT)
    }

    async fn a_sign(watchdog: &Watchdog) {
        let told = tokio::sync::Notify::new();
        tokio::select! {
            () = watchdog.feed(LIMIT, |_| told.notify_one()) => panic!("it ended"),
            () = told.notified() => {}
            () = tokio::time::sleep(PATIENCE) => panic!("no sign of life"),
        }
    }

    #[actix::test]
    async fn a_registry_that_hangs_gives_no_sign_until_it_goes_on() {
        let home = tempfile::tempdir().unwrap();
        let running = app::start(config(&home)).await.unwrap();
        let mut watchdog = running.watchdog();
        let (_stop, stopped) = tokio::sync::mpsc::channel(1);
        actix_web::rt::spawn(running.until(stopped));
        a_sign(&watchdog).await;

        let (thread, elsewhere) = (Arbiter::new(), tempfile::tempdir().unwrap());
        watchdog.registry = registry_on(&thread, config(&elsewhere)).await;
        a_sign(&watchdog).await;
        let (go_on, hang) = mpsc::channel::<()>();
        thread.spawn_fn(move || {
            // Until the other end is dropped.
            let _ = hang.recv();
        });
        assert_eq!(signs(&watchdog, too_long()).await, 0, "it hangs");
        drop(go_on);
        a_sign(&watchdog).await;
        thread.stop();
        thread.join().unwrap();
        assert_eq!(signs(&watchdog, too_long()).await, 0, "it is gone");
    }

    #[actix::test]
    async fn doors_that_nobody_opens_give_no_sign() {
        let home = tempfile::tempdir().unwrap();
        let mut watchdog = app::start(config(&home)).await.unwrap().watchdog();
        // The kernel takes connections for it, and nobody reads them.
        let hangs = TcpListener::bind("127.0.0.1:0").unwrap();
        watchdog.address = hangs.local_addr().unwrap();
        assert_eq!(signs(&watchdog, too_long()).await, 0, "nobody answers");
        drop(hangs);
        assert_eq!(signs(&watchdog, too_long()).await, 0, "nobody listens");
    }

    /// Doors that answer every request but the second, which they leave open or slam.
    async fn doors_with_a_hiccup(slam: bool) -> SocketAddr {
        let doors = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = doors.local_addr().unwrap();
        actix_web::rt::spawn(async move {
            let mut left_open = Vec::new();
            for visit in 1.. {
                let (mut visitor, _) = doors.accept().await.unwrap();
                if visit != 2 {
                    visitor.write_all(ANSWER).await.unwrap();
                } else if !slam {
                    left_open.push(visitor);
                }
            }
        });
        address
    }

    #[actix::test]
    async fn after_a_hiccup_the_next_sign_is_in_time() {
        // Long enough for what is tested to differ by more than a busy machine is late.
        const LIMIT: Duration = Duration::from_secs(4);
        let home = tempfile::tempdir().unwrap();
        let mut watchdog = app::start(config(&home)).await.unwrap().watchdog();
        for slam in [false, true] {
            watchdog.address = doors_with_a_hiccup(slam).await;
            let signs = Mutex::new(Vec::new());
            let told = tokio::sync::Notify::new();
            let sign = |_: &str| {
                let mut signs = signs.lock().unwrap();
                signs.push(Instant::now());
                if signs.len() == 2 {
                    told.notify_one();
                }
            };
            tokio::select! {
                () = watchdog.feed(LIMIT, sign) => panic!("it ended"),
                () = told.notified() => {}
                () = tokio::time::sleep(PATIENCE) => panic!("no second sign"),
            }
            let signs = signs.into_inner().unwrap();
            let apart = signs[1] - signs[0];
            assert!(apart > LIMIT / 2, "there was no hiccup: {apart:?}");
            assert!(apart < LIMIT - LIMIT / 16, "{apart:?}, slam: {slam}");
        }
    }
}
