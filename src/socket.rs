//! Closes accepted TCP sockets whose peer reads nothing, which a connection cannot do itself.
//!
//! A response is polled as its body: while the peer does not read, a WebSocket's actor with its
//! mailbox, timers and heartbeat is suspended and cannot end itself. A second handle of the socket
//! can close it. Created in `app`; used by `http` (every body) and `ws`. Deliberately absent: the
//! content that is sent.

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

/// Time for which a socket may accept none of the offered bytes. Together with [`CHECK_INTERVAL`], it is
/// closed within 10 s.
const STALL: Duration = Duration::from_millis(9_500);

/// The interval at which the sockets are checked.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// Time for which an idle connection is kept, and within which the kernel must accept the last
/// bytes of an answer: for the server a connection is idle once it has requested the whole answer.
/// Longer than `STALL`, so that a client that continues to read in time also gets the end.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Maximum time between two requests of a connection. The server closes idle connections
/// itself; this limit is for a client that has started its next request, or does not complete a
/// body that nobody reads.
const REST: Duration = Duration::from_secs(30);

/// Time for which the kernel keeps unacknowledged bytes, for a peer that has vanished or stops
/// reading at the very end, when no more data is queued.
const UNACKNOWLEDGED: Duration = STALL;

/// The same for a peer that was once slow: Linux treats a window that opens only partly as closed
/// all the time, and would close a connection that reads slowly but steadily. The kernel doubles
/// the time between its checks, so that the last check before this limit is after 51 s.
const UNACKNOWLEDGED_SLOW: Duration = Duration::from_secs(60);

/// Maximum number of unsent bytes in the kernel before it accepts no more. Without it the queue
/// grows to megabytes per socket, and a stalled peer is noticed minutes late.
const UNSENT: u32 = 4 << 10;

/// An accepted socket, referenced by a second handle.
#[derive(Debug)]
struct Accepted {
    socket: Socket,
    since: Instant,
    /// Milliseconds since `since`, plus one, when bytes were last offered; 0 once the
    /// socket has requested more.
    offered: AtomicU64,
    /// Milliseconds since `since`, plus one, when the last answer was complete; 0 during a request.
    rested: AtomicU64,
    slow: AtomicBool,
}

/// The handle that an HTTP connection keeps of its socket.
#[derive(Debug, Clone)]
pub(crate) struct SocketHandle(Arc<Accepted>);

impl SocketHandle {
    /// Returns a closure that shuts the socket down, if it still exists. It holds a weak reference:
    /// otherwise it would keep the socket open, and the peer would never see its end.
    pub(crate) fn force_close(&self) -> ForceClose {
        let accepted = Arc::downgrade(&self.0);
        Arc::new(move || {
            if let Some(accepted) = accepted.upgrade() {
                accepted.shut();
            }
        })
    }

    /// Returns a closure that is true once the peer has closed its side.
    pub(crate) fn hung_up(&self) -> impl Fn() -> bool + 'static {
        let accepted = Arc::downgrade(&self.0);
        move || {
            let Some(accepted) = accepted.upgrade() else {
                return true;
            };
            let mut byte = [std::mem::MaybeUninit::uninit()];
            // The socket is non-blocking: an error means that nothing has arrived.
            matches!(accepted.socket.peek(&mut byte), Ok(0))
        }
    }

    /// Records that bytes are to be written; until [`SocketHandle::takes`] the peer may be stalled.
    pub(crate) fn offers(&self) {
        self.0.offered.store(self.0.now(), Ordering::Relaxed);
    }

    /// Marks a request as being handled until the returned guard is dropped.
    pub(crate) fn works(&self) -> AtWork {
        self.0.rested.store(0, Ordering::Relaxed);
        AtWork(self.clone())
    }

    /// Records that the socket has requested more, so that it has accepted something, or that
    /// nothing is left to write.
    pub(crate) fn takes(&self) {
        self.0.offered.store(0, Ordering::Relaxed);
    }
}

/// Guard of a request that is being handled.
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
        // Unread bytes are discarded with the socket, as the kernel would keep them otherwise. Both
        // calls may fail because the peer has already closed it.
        // may fail: the peer may have closed it already.
        let _ = self.socket.set_linger(Some(Duration::ZERO));
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// The time for which offered bytes have been waiting.
    fn waits(&self) -> Duration {
        self.passed(&self.offered)
    }

    /// The time since the last request was handled.
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

    fn mark_slow(&self) {
        if !self.slow.swap(true, Ordering::Relaxed) {
            let patience = Some(UNACKNOWLEDGED_SLOW);
            if let Err(error) = self.socket.set_tcp_user_timeout(patience) {
                tracing::debug!(%error, "a slow socket could not be given more time");
            }
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Sockets {
    accepted: Arc<Mutex<Vec<Weak<Accepted>>>>,
    evictions: Counter,
}

impl Sockets {
    /// Starts with no sockets; `evictions` counts the sockets closed by the watch.
    pub(crate) fn new(evictions: Counter) -> Self {
        Self {
            accepted: Arc::default(),
            evictions,
        }
    }

    /// Prepares an accepted socket; called by `HttpServer::on_connect`.
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
                // The connection is refused because a stall could not be detected. The descriptor
                // is not owned here.
                tracing::warn!(%error, "a socket could not be prepared: refused");
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }

    /// Closes every socket that accepts none of its offered bytes, for as long as
    /// the future is polled.
    pub(crate) async fn watch(self) {
        let mut every = tokio::time::interval(CHECK_INTERVAL);
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
            } else if waits >= CHECK_INTERVAL {
                accepted.mark_slow();
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
        // A list of weak handles is consistent even after a panic under the lock.
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
