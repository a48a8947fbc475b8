//! The accepted TCP sockets, for what a connection can't do itself: end when its peer takes nothing.
//!
//! A response is polled as its body: while the peer does not read, a WebSocket's actor with its
//! mailbox, timers and heartbeat stands still, so it can't end itself. Whoever holds a second handle
//! of the socket can. Made in `app`; used by `http` (every body) and `ws`. Deliberately not here:
//! what is sent.

use std::any::Any;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::{SockRef, Socket};
use tokio::time::Instant;

use crate::actors::messages::ForceClose;
use crate::telemetry::metrics::Counter;

/// How long a socket may take nothing of what is offered. With [`LOOK`] it is cut within 10 s.
const STALL: Duration = Duration::from_millis(9_500);

/// How often the sockets are looked at.
const LOOK: Duration = Duration::from_millis(250);

/// How long an idle connection is kept, and how long the last bytes of an answer may be on their way to
/// the kernel: to the server a connection is idle once it has asked for the whole answer. Longer than
/// `STALL`, so that a client which goes on in time gets the end, too.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a connection may be between two requests. The server itself ends one that is idle; this is
/// for a client that has begun its next request, or does not end a body that nobody wants.
const REST: Duration = Duration::from_secs(30);

/// How long the kernel keeps what a peer does not take, when nothing more waits behind it: the peer has
/// vanished, or stalls at the very end.
const UNACKNOWLEDGED: Duration = STALL;

/// The same for a peer that was once slow: Linux counts a window that opens only partly as closed all
/// the time, and would cut one that reads slowly but steadily.
/// It looks again after twice the wait before each time, so its last look before this end is after 51 s.
const UNACKNOWLEDGED_SLOW: Duration = Duration::from_secs(60);

/// Bytes that wait unsent in the kernel before it takes no more. Without it that queue grows to
/// megabytes a socket, and whether the peer takes anything is seen minutes late.
const UNSENT: u32 = 4 << 10;

/// One accepted socket, by a second handle.
#[derive(Debug)]
struct Accepted {
    socket: Socket,
    since: Instant,
    /// Milliseconds since `since`, plus one, when bytes were last offered; 0 when more was asked for.
    offered: AtomicU64,
    /// Milliseconds since `since`, plus one, when the last answer was over; 0 while a request is at work.
    rested: AtomicU64,
    slow: AtomicBool,
}

/// What the HTTP connection keeps of its socket.
#[derive(Debug, Clone)]
pub(crate) struct SocketHandle(Arc<Accepted>);

impl SocketHandle {
    /// A closure that shuts the socket down, if it is still there. It must not keep the socket open:
    /// the peer would never see its end.
    pub(crate) fn force_close(&self) -> ForceClose {
        let accepted = Arc::downgrade(&self.0);
        Arc::new(move || {
            if let Some(accepted) = accepted.upgrade() {
                accepted.shut();
            }
        })
    }

    /// A closure that tells whether the peer has closed its side.
    pub(crate) fn hung_up(&self) -> impl Fn() -> bool + 'static {
        let accepted = Arc::downgrade(&self.0);
        move || {
            let Some(accepted) = accepted.upgrade() else {
                return true;
            };
            let mut byte = [std::mem::MaybeUninit::uninit()];
            // The socket is non-blocking: an error says that nothing has come.
            matches!(accepted.socket.peek(&mut byte), Ok(0))
        }
    }

    /// Bytes were handed out to be written; until [`SocketHandle::takes`] the peer may be stalling.
    pub(crate) fn offers(&self) {
        self.0.offered.store(self.0.now(), Ordering::Relaxed);
    }

    /// A request has come; until the returned value is dropped it is at work.
    pub(crate) fn works(&self) -> AtWork {
        self.0.rested.store(0, Ordering::Relaxed);
        AtWork(self.clone())
    }

    /// More was asked for, so the socket has taken something; or nothing is left to take.
    pub(crate) fn takes(&self) {
        self.0.offered.store(0, Ordering::Relaxed);
    }
}

/// A request at work on a connection.
pub(crate) struct AtWork(SocketHandle);

impl Drop for AtWork {
    fn drop(&mut self) {
        let accepted = &self.0.0;
        accepted.rested.store(accepted.now(), Ordering::Relaxed);
    }
}

impl Accepted {
    fn now(&self) -> u64 {
        self.since.elapsed().as_millis() as u64 + 1
    }

    fn shut(&self) {
        // What the peer does not take is thrown away with the socket, or the kernel would keep it. Either
        // may fail: the peer may have closed it already.
        let _ = self.socket.set_linger(Some(Duration::ZERO));
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// How long what was offered has been waiting.
    fn waits(&self) -> Duration {
        self.passed(&self.offered)
    }

    /// How long no request has been at work.
    fn rests(&self) -> Duration {
        self.passed(&self.rested)
    }

    fn passed(&self, since: &AtomicU64) -> Duration {
        let since = since.load(Ordering::Relaxed);
        Duration::from_millis(if since == 0 {
            0
        } else {
            self.now().saturating_sub(since)
        })
    }

    fn is_slow(&self) {
        if !self.slow.swap(true, Ordering::Relaxed) {
            let patience = Some(UNACKNOWLEDGED_SLOW);
            if let Err(error) = self.socket.set_tcp_user_timeout(patience) {
                tracing::debug!(%error, "a slow socket could not be given more time");
            }
        }
    }
}

/// All accepted sockets of a server.
#[derive(Debug, Clone)]
pub(crate) struct Sockets {
    accepted: Arc<Mutex<Vec<Weak<Accepted>>>>,
    evictions: Counter,
}

impl Sockets {
    /// None yet; `evictions` counts those that are cut.
    pub(crate) fn new(evictions: Counter) -> Self {
        Self {
            accepted: Arc::default(),
            evictions,
        }
    }

    /// For `HttpServer::on_connect`: prepares an accepted socket.
    pub(crate) fn prepare(&self, io: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = io.downcast_ref::<TcpStream>() else {
            return;
        };
        let socket = SockRef::from(stream);
        let prepared = socket
            .set_tcp_nodelay(true)
            .and_then(|()| socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED)))
            .and_then(|()| socket.set_tcp_notsent_lowat(UNSENT))
            .and_then(|()| socket.try_clone());
        match prepared {
            Ok(socket) => {
                let accepted = Arc::new(Accepted {
                    socket,
                    since: Instant::now(),
                    offered: AtomicU64::new(0),
                    rested: AtomicU64::new(1),
                    slow: AtomicBool::new(false),
                });
                self.list().push(Arc::downgrade(&accepted));
                extensions.insert(SocketHandle(accepted));
            }
            Err(error) => {
                // Nobody could cut it. Its descriptor is not this function's to close.
                tracing::warn!(%error, "a socket could not be prepared: refused");
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }

    /// Cuts, for as long as it is polled, every socket that takes nothing of what it is offered.
    pub(crate) async fn watch(self) {
        let mut every = tokio::time::interval(LOOK);
        loop {
            every.tick().await;
            let cut = self.cut_stalled();
            if cut > 0 {
                self.evictions.inc_by(cut);
                tracing::info!(sockets = cut, "they take nothing: cut");
            }
        }
    }

    fn cut_stalled(&self) -> u64 {
        let mut cut = 0;
        self.list().retain(|accepted| {
            let Some(accepted) = accepted.upgrade() else {
                return false;
            };
            let waits = accepted.waits();
            if waits >= STALL {
                accepted.shut();
                cut += 1;
            } else if waits >= LOOK {
                accepted.is_slow();
            }
            let rests = accepted.rests() >= REST;
            if rests {
                accepted.shut();
            }
            waits < STALL && !rests
        });
        cut
    }

    fn list(&self) -> std::sync::MutexGuard<'_, Vec<Weak<Accepted>>> {
        // A list of weak handles is whole whatever happened while it was locked.
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
