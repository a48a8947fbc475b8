//! A bound on what a peer can make the server keep.
//!
//! The codec judges a frame's size when the whole frame is there, and keeps what has come of it until
//! then: a frame that declares an exabyte would be collected until memory ends. So the bytes are looked
//! at before they reach it, and a frame over the limit ends where its header does.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use bytes::{Buf, Bytes, BytesMut};
use futures_util::Stream;

/// What the codec gets instead of a frame over the limit: a header whose length no frame may have,
/// which it refuses at once as too big.
const TOO_BIG: [u8; 10] = [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/// Length of a mask.
const MASK: u64 = 4;

/// The bytes of a WebSocket, up to the first frame of more than `limit` bytes.
pub(super) struct Bounded<S> {
    stream: S,
    limit: u64,
    /// Bytes of the current frame that are still to come.
    left: u64,
    /// The beginning of a header whose rest has not come: 9 bytes at most.
    held: Bytes,
    ended: bool,
}

impl<S> Bounded<S> {
    /// For frames of up to `limit` bytes.
    pub(super) fn new(stream: S, limit: usize) -> Self {
        Self {
            stream,
            limit: limit.try_into().unwrap_or(u64::MAX),
            left: 0,
            held: Bytes::new(),
            ended: false,
        }
    }

    fn pass(&mut self, chunk: Bytes) -> Bytes {
        let whole = if self.held.is_empty() {
            chunk
        } else {
            [self.held.split_off(0), chunk].concat().into()
        };
        let mut at = 0;
        loop {
            let here = whole.len() - at;
            let skipped = usize::try_from(self.left).map_or(here, |left| left.min(here));
            self.left -= skipped as u64;
            at += skipped;
            if at == whole.len() {
                return whole;
            }
            match header(&whole[at..]) {
                None => {
                    self.held = Bytes::copy_from_slice(&whole[at..]);
                    return whole.slice(..at);
                }
                Some((_, payload)) if payload > self.limit => {
                    self.ended = true;
                    let mut cut = BytesMut::from(&whole[..at]);
                    cut.extend_from_slice(&TOO_BIG);
                    return cut.freeze();
                }
                Some((header, payload)) => {
                    let mask = if whole[at + 1] & 0x80 == 0 { 0 } else { MASK };
                    at += header;
                    self.left = payload + mask;
                }
            }
        }
    }
}

/// Length of the header without its mask, and of the payload; none while too little is there.
fn header(mut bytes: &[u8]) -> Option<(usize, u64)> {
    if bytes.len() < 2 {
        return None;
    }
    bytes.advance(1);
    match bytes.get_u8() & 0x7f {
        126 => bytes.try_get_u16().ok().map(|length| (4, length.into())),
        127 => bytes.try_get_u64().ok().map(|length| (10, length)),
        length => Some((2, length.into())),
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Bounded<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        match Pin::new(&mut self.stream).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => Poll::Ready(Some(Ok(self.pass(chunk)))),
            // A peer that vanishes broke no rule; as an error it would look like broken UTF-8.
            Poll::Ready(Some(Err(_)) | None) => {
                self.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_http::ws::{OpCode, Parser, ProtocolError};
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 200;

    /// A masked frame that declares `declared` bytes and has `sent` of them.
    fn frame(declared: u64, sent: usize) -> Vec<u8> {
        let mut bytes = vec![0x81];
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
        bytes.extend([1, 2, 3, 4]);
        bytes.resize(bytes.len() + sent, b'x');
        bytes
    }

    /// What the codec makes of the bytes that are let through, chunk by chunk.
    fn read(bytes: &[u8], chunk: usize) -> (Vec<usize>, bool, usize) {
        let mut bound = Bounded::new((), LIMIT);
        let (mut buffer, mut sizes, mut most) = (BytesMut::new(), Vec::new(), 0);
        for chunk in bytes.chunks(chunk) {
            if !bound.ended {
                buffer.extend_from_slice(&bound.pass(Bytes::copy_from_slice(chunk)));
            }
            most = most.max(buffer.len());
            loop {
                match Parser::parse(&mut buffer, true, LIMIT) {
                    Ok(None) => break,
                    Ok(Some((_, opcode, payload))) => {
                        assert_eq!(opcode, OpCode::Text);
                        sizes.push(payload.map_or(0, |payload| payload.len()));
                    }
                    Err(ProtocolError::Overflow) => return (sizes, true, most),
                    Err(error) => panic!("{error}"),
                }
            }
        }
        (sizes, false, most)
    }

    #[test]
    fn what_a_frame_declares_is_enough_to_refuse_it() {
        for declared in [201, 0xffff, 0x1_0000, 1 << 40, 1 << 62, 1 << 63, u64::MAX] {
            let mut bytes = frame(5, 5);
            bytes.extend(frame(declared, 100_000));
            for chunk in [1, 3, 7, 1000] {
                let (sizes, refused, most) = read(&bytes, chunk);
                assert_eq!((sizes, refused), (vec![5], true), "{declared} by {chunk}");
                assert!(most <= 1000, "{most} bytes were kept of {declared}");
            }
        }
    }

    #[test]
    fn a_peer_that_vanishes_just_ends_the_stream() {
        let gone = futures_util::stream::iter([Err(PayloadError::Incomplete(None))]);
        let mut bound = Bounded::new(gone, LIMIT);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let polled = Pin::new(&mut bound).poll_next(&mut context);
        assert!(matches!(polled, Poll::Ready(None)), "{polled:?}");
    }

    proptest! {
        #[test]
        fn frames_within_the_limit_pass_unchanged(
            sizes in prop::collection::vec(0..=LIMIT, 0..8),
            chunk in 1..300_usize,
        ) {
            let bytes: Vec<u8> = sizes.iter().flat_map(|size| frame(*size as u64, *size)).collect();
            let (read, refused, _) = read(&bytes, chunk);
            prop_assert_eq!(read, sizes);
            prop_assert!(!refused);
        }
    }
}
