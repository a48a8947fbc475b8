use futures_util::future::poll_immediate;

use super::*;
use crate::store::new_id;

#[tokio::test]
async fn a_node_that_shows_no_sign_of_life_begins_nothing_until_it_does() {
    let node = OwnNode::new(new_id(), None);
    let is_in_touch = || async { poll_immediate(node.in_touch()).await.is_some() };
    assert!(is_in_touch().await, "on a file there are no others");
    node.has_beaten(Instant::now());
    assert!(is_in_touch().await);
    node.has_beaten(Instant::now().checked_sub(OUT_OF_TOUCH).unwrap());
    assert!(!is_in_touch().await);
    let waiting = tokio::spawn({
        let node = node.clone();
        async move { node.in_touch().await }
    });
    while node.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    node.has_beaten(Instant::now());
    waiting.await.unwrap();
}

#[test]
fn news_are_relied_on_once_the_others_have_seen_this_node() {
    let node = OwnNode::new(new_id(), None);
    let beats = |well: &[bool]| {
        well.iter()
            .map(|well| node.hears(*well))
            .collect::<Vec<_>>()
    };
    assert!(!node.hears_well());
    assert_eq!(
        beats(&[true, true, true, true]),
        [false, false, true, false]
    );
    assert!(node.hears_well());
    assert_eq!(beats(&[false, false, true]), [true, false, false]);
    assert!(!node.hears_well());
}
