//! A server of NATS of one's own, which may be stopped.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::database::skip;
use super::{DEADLINE, GLANCE};

/// Where the program is, as Debian and others put it.
const PLACES: [&str; 2] = ["/usr/sbin/nats-server", "/usr/local/bin/nats-server"];

/// Who is let in; not a word of it may be printed.
pub(crate) const TOKEN: &str = "a-token-that-nobody-prints";

/// A running server; ends with this value.
pub(crate) struct Nats {
    program: &'static str,
    address: SocketAddr,
    process: Option<Child>,
}

impl Nats {
    /// Starts one, or says why there is none: the program is not installed. With `AUDITOR_TEST_REQUIRE=1` that fails
    /// the test instead.
    pub(crate) async fn start_new() -> Option<Self> {
        let Some(program) = PLACES.into_iter().find(|at| Path::new(at).exists()) else {
            skip("there is no nats-server");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut nats = Self {
            program,
            address,
            process: None,
        };
        nats.start().await;
        Some(nats)
    }

    /// What a server of ours is told of it.
    pub(crate) fn url(&self) -> String {
        format!("nats://{TOKEN}@{}", self.address)
    }

    /// Starts it, and returns once it takes connections.
    pub(crate) async fn start(&mut self) {
        let process = Command::new(self.program)
            .args(["--addr", "127.0.0.1", "--auth", TOKEN])
            .args(["--port", &self.address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let begin = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            assert!(begin.elapsed() < DEADLINE, "nats-server does not start");
            tokio::time::sleep(GLANCE).await;
        }
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
