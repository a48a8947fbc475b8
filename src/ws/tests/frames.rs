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
