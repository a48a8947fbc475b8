use proptest::prelude::*;

use super::*;
use crate::store::new_id;

const PATIENCE: Duration = Duration::from_secs(5);
const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_beat_that_stands_still_is_a_death_and_one_that_moves_is_none() {
    let (dead, alive): (NodeId, NodeId) = (new_id(), new_id());
    let mut detector = FailureDetector::new(PATIENCE);
    let begin = Instant::now();
    for second in 0..5 {
        let beats = [(dead, 7), (alive, second)];
        let found = detector.observe(begin + SECOND * second as u32, beats);
        assert_eq!(found, [], "after {second} s");
    }
    let found = detector.observe(begin + PATIENCE, [(dead, 7), (alive, 5)]);
    assert_eq!(found, [(dead, 7)]);
}

#[test]
fn who_could_not_look_for_a_while_observes_anew() {
    let other: NodeId = new_id();
    let mut detector = FailureDetector::new(PATIENCE);
    let begin = Instant::now();
    for second in 0..5 {
        assert_eq!(detector.observe(begin + SECOND * second, [(other, 7)]), []);
    }
    // The database was away, for the other as well: its beat still stands where it stood.
    let back = begin + Duration::from_secs(60);
    for second in 0..5 {
        assert_eq!(detector.observe(back + SECOND * second, [(other, 7)]), []);
    }
    assert_eq!(
        detector.observe(back + PATIENCE, [(other, 7)]),
        [(other, 7)]
    );
}

#[test]
fn many_looks_in_a_short_time_are_not_enough_nor_is_a_long_time_with_few() {
    let other: NodeId = new_id();
    let begin = Instant::now();
    let mut hasty = FailureDetector::new(PATIENCE);
    for look in 0..400 {
        let now = begin + Duration::from_millis(10) * look;
        assert_eq!(hasty.observe(now, [(other, 7)]), []);
    }
    let mut slow = FailureDetector::new(PATIENCE);
    for look in 0..4 {
        let now = begin + Duration::from_millis(2400) * look;
        assert_eq!(slow.observe(now, [(other, 7)]), []);
    }
}

proptest! {
    /// However the looks are spread: a node that beats at least every 2 s is never taken for dead.
    #[test]
    fn a_node_that_beats_is_never_dead(gaps in proptest::collection::vec(0_u64..20_000, 1..60)) {
        let other: NodeId = new_id();
        let mut detector = FailureDetector::new(PATIENCE);
        let begin = Instant::now();
        let mut at = 0;
        for gap in gaps {
            at += gap;
            let beat = (at / 2000) as i64;
            let found = detector.observe(begin + Duration::from_millis(at), [(other, beat)]);
            prop_assert_eq!(found, []);
        }
    }
}
