use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::store::new_id;

#[test]
fn who_may_be_taken_for_dead_leaves_what_is_started_to_others() {
    let node = OwnNode::new(new_id(), None);
    let placement = Placement::new(node.clone(), Arc::new(Semaphore::new(4)));
    assert!(matches!(placement.take(), Placed::Here), "it is alone");
    node.set_others(1);
    node.heartbeat_written(Instant::now());
    assert!(matches!(placement.take(), Placed::AtOnce(_)));
    let long_ago = Instant::now().checked_sub(Duration::from_secs(6));
    node.heartbeat_written(long_ago.unwrap());
    assert!(matches!(placement.take(), Placed::Nobody));
    node.heartbeat_written(Instant::now());
    assert!(matches!(placement.take(), Placed::AtOnce(_)));
}
