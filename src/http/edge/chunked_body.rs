//! Every body in small chunks, so that it is known whether the client takes anything.
//!
//! The server asks a body for more only while what it has was taken by the socket. In small chunks, each
//! question for more means that something was taken just now; a body that is not asked any more has a
//! client that stalls, and [`crate::socket::Sockets`] cuts it, whatever the body is: a page, a stream, a
//! WebSocket.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use bytes::Bytes;

use crate::socket::{AtWork, SocketHandle};

/// A body is asked for more when fewer bytes than these wait to be written: the head of a response is,
/// so that it goes out with the first of its body, and a chunk is not.
pub(crate) const WRITE_BUFFER: usize = 1 << 10;

/// Bytes that a body hands out at once.
const CHUNK_BYTES: usize = 4 << 10;

/// Wraps the whole application.
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

/// A body that hands itself out in small chunks.
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
        // The connection may live on for the next request.
        self.takes();
    }
}

#[cfg(test)]
#[path = "tests/chunked_body.rs"]
mod tests;
