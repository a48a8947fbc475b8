use futures_util::future::poll_immediate;

use super::*;
use crate::store::new_id;

#[tokio::test(start_paused = true)]
async fn a_node_that_shows_no_sign_of_life_begins_nothing_until_it_does() {
    let node = OwnNode::new(new_id(), None);
    let at_once = || async { poll_immediate(node.in_touch()).await.is_some() };
    assert!(at_once().await, "on a file there are no others");
    node.has_beaten(Instant::now());
    tokio::time::advance(OUT_OF_TOUCH - Duration::from_millis(1)).await;
    assert!(at_once().await);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(!at_once().await);
    let waiting = tokio::spawn({
        let node = node.clone();
        async move { node.in_touch().await }
    });
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!waiting.is_finished());
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
