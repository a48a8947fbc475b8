//! A network between two programs that can be cut, held and slow.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often a connection looks whether it is still to pass on.
const LOOK: Duration = Duration::from_millis(5);

const PASSES: u8 = 0;
const HOLDS: u8 = 1;
const CUT: u8 = 2;
const ENDED: u8 = 3;

/// Passes everything on to one address until it is told otherwise; ends with this value.
pub(crate) struct Relay {
    address: SocketAddr,
    way: Arc<Way>,
}

/// What the relay and its connections share.
struct Way {
    state: AtomicU8,
    /// Milliseconds that whatever is passed on waits before.
    delay: AtomicU64,
}

impl Relay {
    pub(crate) fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let way = Arc::new(Way {
            state: AtomicU8::new(PASSES),
            delay: AtomicU64::new(0),
        });
        let shared = Arc::clone(&way);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                match shared.state.load(Ordering::SeqCst) {
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
        Self { address, way }
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
        self.way.state.store(CUT, Ordering::SeqCst);
    }

    /// Takes nothing and gives nothing; every connection stays.
    pub(crate) fn hold(&self) {
        self.way.state.store(HOLDS, Ordering::SeqCst);
    }

    pub(crate) fn pass(&self) {
        self.delay(Duration::ZERO);
        self.way.state.store(PASSES, Ordering::SeqCst);
    }

    /// Makes a question and its answer take so much longer together.
    pub(crate) fn delay(&self, longer: Duration) {
        let of_each = u64::try_from(longer.as_millis() / 2).unwrap();
        self.way.delay.store(of_each, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.way.state.store(ENDED, Ordering::SeqCst);
        // Its thread waits for a client.
        let _ = TcpStream::connect(self.address);
    }
}

impl Way {
    /// Whether the bytes have arrived, after the delay that there is now.
    #[expect(
        clippy::disallowed_methods,
        reason = "its thread has nothing else to do"
    )]
    fn brings(&self, bytes: &[u8], to: &mut TcpStream) -> bool {
        let came = Instant::now();
        while came.elapsed() < Duration::from_millis(self.delay.load(Ordering::SeqCst)) {
            std::thread::sleep(LOOK);
        }
        to.write_all(bytes).is_ok()
    }
}

/// Passes one direction on, on a thread of its own.
#[expect(
    clippy::disallowed_methods,
    reason = "its thread has nothing else to do"
)]
fn pass(from: &TcpStream, to: &TcpStream, way: &Arc<Way>) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    from.set_read_timeout(Some(LOOK)).unwrap();
    from.set_nodelay(true).unwrap();
    let way = Arc::clone(way);
    std::thread::spawn(move || {
        let mut bytes = [0; 16 << 10];
        loop {
            match way.state.load(Ordering::SeqCst) {
                CUT | ENDED => break,
                HOLDS => {
                    std::thread::sleep(LOOK);
                    continue;
                }
                _ => {}
            }
            match from.read(&mut bytes) {
                Ok(0) => break,
                Ok(count) if way.brings(&bytes[..count], &mut to) => {}
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
