//! Sends every body in small chunks, so that a stalled client can be detected.
//!
//! The server polls a body for more only while the socket accepts what it has. With small chunks,
//! each poll means that the client has just accepted something. If a body is no longer polled, its
//! client has stalled, and [`crate::socket::Sockets`] closes the connection, whatever the body is:
//! a page, a stream or a WebSocket.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use bytes::Bytes;

use crate::socket::{AtWork, SocketHandle};

/// Size of the server's write buffer, in bytes: a body is polled while fewer bytes than these wait
/// to be written. The head of a response is smaller, so it goes out together with the start of its
/// body; a chunk is larger.
pub(crate) const WRITE_BUFFER: usize = 1 << 10;

/// Maximum number of bytes in one chunk.
const CHUNK_BYTES: usize = 4 << 10;

/// Middleware that replaces each response's body by a [`ChunkedBody`].
pub(crate) async fn in_chunks(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<ChunkedBody>, actix_web::Error> {
    let socket = request.conn_data::<SocketHandle>().cloned();
    let at_work = socket.as_ref().map(SocketHandle::works);
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(response.map_body(|_, body| ChunkedBody {
        body,
        rest: Bytes::new(),
        socket,
        _at_work: at_work,
    }))
}

/// A body that is sent in small chunks and reports each poll to the watcher of its socket.
pub(crate) struct ChunkedBody {
    body: BoxBody,
    rest: Bytes,
    socket: Option<SocketHandle>,
    _at_work: Option<AtWork>,
}

impl ChunkedBody {
    fn takes(&self) {
        if let Some(socket) = &self.socket {
            socket.takes();
        }
    }
}

impl MessageBody for ChunkedBody {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.takes();
        while self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => self.rest = chunk,
                other => return other,
            }
        }
        let length = self.rest.len().min(CHUNK_BYTES);
        let chunk = self.rest.split_to(length);
        if let Some(socket) = &self.socket {
            socket.offers();
        }
        Poll::Ready(Some(Ok(chunk)))
    }
}

impl Drop for ChunkedBody {
    fn drop(&mut self) {
        // The connection may be kept alive for the next request.
        self.takes();
    }
}

#[cfg(test)]
#[path = "tests/chunked_body.rs"]
mod tests;
