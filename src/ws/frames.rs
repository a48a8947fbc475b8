//! Decodes the frames of a WebSocket one at a time from a bounded buffer.
//!
//! The stream of `actix-web-actors` reads until its socket has no more data and then decodes one
//! frame, so a peer that sends faster than frames are handled makes its buffer grow without bound.
//! This one reads nothing more while a whole frame waits. The codec checks a frame's size only once
//! the whole frame is there, so the header is examined first, and a frame over the limit is refused
//! as soon as its header is read.

use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_http::ws::{Codec, Frame};
use actix_web::error::PayloadError;
use actix_web_actors::ws::{Message, ProtocolError};
use bytes::{Buf, Bytes, BytesMut};
use bytestring::ByteString;
use futures_util::Stream;
use tokio_util::codec::Decoder;

/// The bit FIN of a frame's first byte: the frame is the last one of its message (RFC 6455, section
/// 5.2).
const FINAL: u8 = 0x80;

/// The bit of the opcode that all control frames have (RFC 6455, section 5.5).
const CONTROL: u8 = 0x08;

/// A stream of frames of up to a maximum size. It buffers at most one chunk of the underlying
/// stream and one frame.
pub(super) struct Frames<S> {
    stream: S,
    codec: Codec,
    limit: usize,
    buffer: BytesMut,
    ended: bool,
}

impl<S> Frames<S> {
    /// Makes a stream of frames of up to `limit` bytes.
    pub(super) fn new(stream: S, limit: usize) -> Self {
        Self {
            stream,
            codec: Codec::new().max_size(limit),
            limit,
            buffer: BytesMut::new(),
            ended: false,
        }
    }

    /// Decodes the next frame, or returns `None` if the buffer does not hold a whole one.
    fn decode(&mut self) -> Result<Option<Message>, ProtocolError> {
        if declared(&self.buffer).is_some_and(|declared| declared > self.limit as u64) {
            return Err(ProtocolError::Overflow);
        }
        // Checked here, because the codec would log it as an error of the server.
        if let Some(first) = self.buffer.first()
            && first & FINAL == 0
            && first & CONTROL != 0
        {
            return Err(broken("a control frame in fragments"));
        }
        let Some(frame) = self.codec.decode(&mut self.buffer)? else {
            return Ok(None);
        };
        Ok(Some(match frame {
            Frame::Text(bytes) => {
                let text = ByteString::try_from(bytes);
                Message::Text(text.map_err(|_| broken("a text that is not UTF-8"))?)
            }
            Frame::Binary(bytes) => Message::Binary(bytes),
            Frame::Continuation(item) => Message::Continuation(item),
            Frame::Ping(payload) => Message::Ping(payload),
            Frame::Pong(payload) => Message::Pong(payload),
            Frame::Close(reason) => Message::Close(reason),
        }))
    }
}

fn broken(what: &'static str) -> ProtocolError {
    ProtocolError::Io(Error::new(ErrorKind::InvalidData, what))
}

/// Returns the payload length that the first frame declares, or `None` while its header is
/// incomplete.
fn declared(mut bytes: &[u8]) -> Option<u64> {
    bytes.try_get_u8().ok()?;
    match bytes.try_get_u8().ok()? & 0x7f {
        126 => bytes.try_get_u16().ok().map(u64::from),
        127 => bytes.try_get_u64().ok(),
        length => Some(length.into()),
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Frames<S> {
    type Item = Result<Message, ProtocolError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match this.decode() {
                Ok(Some(message)) => return Poll::Ready(Some(Ok(message))),
                Ok(None) if this.ended => return Poll::Ready(None),
                Ok(None) => {}
                Err(error) => {
                    this.ended = true;
                    this.buffer = BytesMut::new();
                    return Poll::Ready(Some(Err(error)));
                }
            }
            match ready!(Pin::new(&mut this.stream).poll_next(context)) {
                Some(Ok(chunk)) => this.buffer.extend_from_slice(&chunk),
                // A peer that disconnects has broken no rule; reported as an error it would look
                // like invalid UTF-8.
                Some(Err(_)) | None => {
                    this.ended = true;
                    this.buffer = BytesMut::new();
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "tests/frames.rs"]
mod tests;
