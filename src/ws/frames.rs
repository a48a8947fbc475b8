//! The frames of a WebSocket, decoded one at a time out of a bounded buffer.
//!
//! The stream of `actix-web-actors` reads until its socket has nothing more to give and then decodes one
//! frame, so that a peer who sends faster than frames are handled makes it keep everything. Here nothing
//! more is read while a whole frame waits. The codec judges a frame's size when the whole frame is there,
//! so the header is looked at before: a frame over the limit ends where its header does.

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

/// The bit of a frame's first byte that says that it is the last of its message.
const FINAL: u8 = 0x80;

/// The bit of the opcode that all control frames have.
const CONTROL: u8 = 0x08;

/// Frames of up to so many bytes. It holds one chunk of the stream and one frame at most.
pub(super) struct Frames<S> {
    stream: S,
    codec: Codec,
    limit: usize,
    buffer: BytesMut,
    ended: bool,
}

impl<S> Frames<S> {
    /// For frames of up to `limit` bytes.
    pub(super) fn new(stream: S, limit: usize) -> Self {
        Self {
            stream,
            codec: Codec::new().max_size(limit),
            limit,
            buffer: BytesMut::new(),
            ended: false,
        }
    }

    /// The next frame, if the buffer holds a whole one.
    fn decode(&mut self) -> Result<Option<Message>, ProtocolError> {
        if declared(&self.buffer).is_some_and(|declared| declared > self.limit as u64) {
            return Err(ProtocolError::Overflow);
        }
        // The codec would log it as an error of the server's own.
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

/// The length of the payload that the first frame declares; none while its header is not whole.
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
                // A peer that vanishes broke no rule; as an error it would look like broken UTF-8.
                Some(Err(_)) | None => {
                    this.ended = true;
                    this.buffer = BytesMut::new();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use futures_util::{StreamExt, stream};
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 200;

    /// A masked frame that declares `declared` bytes and has `sent` of them.
    fn frame(first: u8, declared: u64, sent: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match declared {
            0..126 => bytes.push(0x80 | declared as u8),
            126..=0xffff => {
                bytes.push(0xfe);
                bytes.extend((declared as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0xff);
                bytes.extend(declared.to_be_bytes());
            }
        }
        bytes.extend([0; 4]);
        bytes.resize(bytes.len() + sent, b'x');
        bytes
    }

    type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>;

    fn frames(bytes: &[u8], chunk: usize) -> Frames<Chunks> {
        let chunks: Vec<_> = bytes.chunks(chunk).map(Bytes::copy_from_slice).collect();
        Frames::new(Box::pin(stream::iter(chunks.into_iter().map(Ok))), LIMIT)
    }

    /// The sizes of the texts, whether the limit ended them, and the most bytes that were held.
    async fn read(mut frames: Frames<Chunks>) -> (Vec<usize>, bool, usize) {
        let (mut sizes, mut most) = (Vec::new(), 0);
        while let Some(message) = frames.next().await {
            most = most.max(frames.buffer.len());
            match message {
                Ok(Message::Text(text)) => sizes.push(text.len()),
                Err(ProtocolError::Overflow) => {
                    assert!(
                        frames.next().await.is_none(),
                        "nothing comes after an error"
                    );
                    return (sizes, true, most);
                }
                other => panic!("{other:?}"),
            }
        }
        (sizes, false, most)
    }

    #[tokio::test]
    async fn what_a_frame_declares_is_enough_to_refuse_it() {
        for declared in [201, 0xffff, 0x1_0000, 1 << 40, 1 << 62, 1 << 63, u64::MAX] {
            let mut bytes = frame(0x81, 5, 5);
            bytes.extend(frame(0x81, declared, 100_000));
            for chunk in [1, 3, 7, 1000] {
                let (sizes, refused, most) = read(frames(&bytes, chunk)).await;
                assert_eq!((sizes, refused), (vec![5], true), "{declared} by {chunk}");
                assert!(most <= 1000, "{most} bytes were held of {declared}");
            }
        }
    }

    #[tokio::test]
    async fn nothing_is_read_while_a_whole_frame_waits() {
        // Empty pongs without an end, as fast as they are asked for.
        const CHUNK: usize = 60_000;
        let chunk = Bytes::from(frame(0x8a, 0, 0).repeat(CHUNK / 6));
        let read = Rc::new(Cell::new(0));
        let count = Rc::clone(&read);
        let endless = stream::repeat_with(move || {
            count.set(count.get() + 1);
            Ok(chunk.clone())
        });
        let mut frames = Frames::new(endless, LIMIT);
        for taken in 0..100_000_usize {
            let message = frames.next().await;
            assert!(matches!(message, Some(Ok(Message::Pong(_)))), "{message:?}");
            assert_eq!(read.get(), taken * 6 / CHUNK + 1, "after {taken} frames");
            assert!(frames.buffer.len() < CHUNK, "{}", frames.buffer.len());
        }
    }

    #[tokio::test]
    async fn a_control_frame_in_fragments_is_refused_before_the_codec_sees_it() {
        for first in [0x08, 0x09, 0x0a] {
            let mut frames = frames(&frame(first, 0, 0), 1);
            let error = frames.next().await.unwrap().unwrap_err();
            assert!(error.to_string().contains("control frame"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_peer_that_vanishes_just_ends_the_stream() {
        let gone = stream::iter([Err(PayloadError::Incomplete(None))]);
        assert!(Frames::new(gone, LIMIT).next().await.is_none());
    }

    proptest! {
        #[test]
        fn frames_within_the_limit_pass_unchanged(
            sizes in prop::collection::vec(0..=LIMIT, 0..8),
            chunk in 1..300_usize,
        ) {
            let bytes: Vec<u8> =
                sizes.iter().flat_map(|size| frame(0x81, *size as u64, *size)).collect();
            let read = futures_util::FutureExt::now_or_never(read(frames(&bytes, chunk)));
            let (read, refused, _) = read.expect("the bytes are all there");
            prop_assert_eq!(read, sizes);
            prop_assert!(!refused);
        }
    }
}
