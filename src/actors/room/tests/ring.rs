use super::*;

fn frame(seq: i64, len: usize) -> Frame {
    Frame {
        seq,
        text: "x".repeat(len).into(),
    }
}

fn seqs(frames: Option<Vec<Frame>>) -> Option<Vec<i64>> {
    frames.map(|frames| frames.into_iter().map(|frame| frame.seq).collect())
}

#[test]
fn serves_what_it_has_and_says_when_it_has_not() {
    let mut ring = Ring::default();
    assert_eq!(ring.from(1, 10, 100), None);
    for seq in 5..=9 {
        ring.push(frame(seq, 10));
    }
    assert_eq!(ring.from(4, 10, 100), None);
    assert_eq!(ring.from(10, 10, 100), None);
    assert_eq!(seqs(ring.from(7, 10, 100)), Some(vec![7, 8, 9]));
    assert_eq!(seqs(ring.from(5, 2, 100)), Some(vec![5, 6]));
    assert_eq!(seqs(ring.from(5, 9, 25)), Some(vec![5, 6]));
    assert_eq!(seqs(ring.from(5, 9, 1)), Some(vec![5]), "one always passes");
}

#[test]
fn stays_within_its_bounds_and_never_holds_a_gap() {
    let mut ring = Ring::default();
    for seq in 1..=3000 {
        ring.push(frame(seq, 1));
    }
    assert_eq!(ring.frames.len(), MAX_FRAMES);
    ring.push(frame(3001, MAX_BYTES + 1));
    assert_eq!(ring.frames.len(), 1);
    ring.push(frame(4000, 1));
    assert_eq!(seqs(ring.from(4000, 9, 9)), Some(vec![4000]));
    assert_eq!(ring.from(3001, 9, 9), None);
}
