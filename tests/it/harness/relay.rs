//! A network between two programs that can be cut and held.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// How often a connection looks whether it is still to pass on.
const LOOK: Duration = Duration::from_millis(5);

const PASSES: u8 = 0;
const HOLDS: u8 = 1;
const CUT: u8 = 2;
const ENDED: u8 = 3;

/// Passes everything on to one address until it is told otherwise; ends with this value.
pub(crate) struct Relay {
    address: SocketAddr,
    state: Arc<AtomicU8>,
}

impl Relay {
    pub(crate) fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(AtomicU8::new(PASSES));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                match shared.load(Ordering::SeqCst) {
                    ENDED => return,
                    CUT => {}
                    _ => {
                        // A server that is away shows as a client that is cut.
                        if let Ok(server) = TcpStream::connect(target) {
                            pass(&client, &server, &shared);
                            pass(&server, &client, &shared);
                        }
                    }
                }
            }
        });
        Self { address, state }
    }

    /// Before the server of a URL, which then leads through it.
    pub(crate) fn before(url: &str) -> (Self, String) {
        let mut url = reqwest::Url::parse(url).unwrap();
        let target = url.socket_addrs(|| Some(5432)).unwrap()[0];
        let relay = Self::to(target);
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(relay.address.port())).unwrap();
        (relay, url.into())
    }

    /// Ends every connection, and refuses new ones.
    pub(crate) fn cut(&self) {
        self.state.store(CUT, Ordering::SeqCst);
    }

    /// Takes nothing and gives nothing; every connection stays.
    pub(crate) fn hold(&self) {
        self.state.store(HOLDS, Ordering::SeqCst);
    }

    pub(crate) fn pass(&self) {
        self.state.store(PASSES, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.state.store(ENDED, Ordering::SeqCst);
        // Its thread waits for a client.
        let _ = TcpStream::connect(self.address);
    }
}

/// Passes one direction on, on a thread of its own.
#[expect(
    clippy::disallowed_methods,
    reason = "its thread has nothing else to do"
)]
fn pass(from: &TcpStream, to: &TcpStream, state: &Arc<AtomicU8>) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    from.set_read_timeout(Some(LOOK)).unwrap();
    from.set_nodelay(true).unwrap();
    let state = Arc::clone(state);
    std::thread::spawn(move || {
        let mut bytes = [0; 16 << 10];
        loop {
            match state.load(Ordering::SeqCst) {
                CUT | ENDED => break,
                HOLDS => {
                    std::thread::sleep(LOOK);
                    continue;
                }
                _ => {}
            }
            match from.read(&mut bytes) {
                Ok(0) => break,
                Ok(count) if to.write_all(&bytes[..count]).is_ok() => {}
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                _ => break,
            }
        }
        for end in [&from, &to] {
            // The other direction may have ended it.
            let _ = end.shutdown(Shutdown::Both);
        }
    });
}
