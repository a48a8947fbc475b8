//! The TCP socket behind a connection, for the two things that the connection can't do itself.
//!
//! A WebSocket actor is polled as the body of its HTTP response: while the peer does not read, its
//! mailbox, its timers and its heartbeat stand still, so it can't end itself. The kernel can
//! (`TCP_USER_TIMEOUT`), and so can whoever holds a second handle of the socket.

use std::any::Any;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::{SockRef, Socket};

use crate::actors::messages::Cut;

/// How long sent bytes may stay unacknowledged, or the peer's window closed.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// A second handle of a connection's socket, kept with the HTTP connection.
#[derive(Debug, Clone)]
pub struct SocketHandle(Arc<Socket>);

impl SocketHandle {
    /// A closure that shuts the socket down, if it is still there. It must not keep the socket open:
    /// the peer would never see its end.
    pub fn cut(&self) -> Cut {
        let socket = Arc::downgrade(&self.0);
        Arc::new(move || {
            if let Some(socket) = socket.upgrade() {
                // The peer may have closed it already.
                let _ = socket.shutdown(Shutdown::Both);
            }
        })
    }
}

/// For `HttpServer::on_connect`: prepares an accepted socket.
pub fn prepare(io: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = io.downcast_ref::<TcpStream>() else {
        return;
    };
    let socket = SockRef::from(stream);
    let prepared = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED)))
        .and_then(|()| socket.try_clone());
    match prepared {
        Ok(handle) => {
            extensions.insert(SocketHandle(Arc::new(handle)));
        }
        Err(error) => tracing::warn!(%error, "a socket could not be prepared"),
    }
}
