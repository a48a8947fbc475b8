use super::*;
use crate::bus::Events;
use crate::domain::ids::SessionId;
use crate::store::new_id;

#[test]
fn what_waits_is_bounded() {
    let mut queue = Queue::default();
    let session: SessionId = new_id();
    let large = |bytes: usize| Signal::Stored {
        session,
        last_seq: 1,
        events: Some(Events {
            epoch: "epoch".to_owned(),
            frames: vec![(1, "x".repeat(bytes).into())],
        }),
    };
    assert!(queue.put(large(LARGEST + 1)));
    assert_eq!(queue.bytes, 0);
    for _ in 1..QUEUE {
        assert!(queue.put(large(LARGEST)));
        assert!(queue.bytes <= QUEUE_BYTES);
    }
    assert!(!queue.put(Signal::Due));
    let mut bytes = 0;
    while let Some(signal) = queue.take() {
        bytes += signal.bytes();
    }
    assert_eq!((bytes, queue.bytes), (QUEUE_BYTES, 0));
    assert!(queue.put(large(LARGEST)));
}
