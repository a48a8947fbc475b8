use futures_util::future::poll_immediate;

use super::*;
use crate::store::fleet::nodes::Load;
use crate::store::new_id;
use crate::store::testing::at;

fn node(id: NodeId, at_work: i64, draining: bool) -> Node {
    Node {
        id,
        name: String::new(),
        release: String::new(),
        started_at: at(0),
        application_name: String::new(),
        beat: 0,
        places: 10,
        load: Load {
            at_work,
            connections: 0,
            draining,
            bus_deaf: false,
        },
        signing_key_id: String::new(),
        config_digest: String::new(),
    }
}

#[test]
fn the_parts_of_all_nodes_are_the_whole() {
    let ids: Vec<NodeId> = (0..3).map(|_| new_id()).collect();
    let nodes: Vec<Node> = ids.iter().map(|id| node(*id, 0, false)).collect();
    for whole in [3, 4, 5, 8, 100] {
        let parts = ids.iter().map(|id| {
            let own = OwnNode::new(*id, None);
            assert_eq!(own.part_of(whole), whole, "alone");
            own.set_nodes(&nodes);
            own.part_of(whole)
        });
        assert_eq!(parts.sum::<usize>(), whole);
    }
    let own = OwnNode::new(ids[2], None);
    own.set_nodes(&nodes);
    assert_eq!(own.part_of(1), 1, "a node with nothing could ask no judge");
}

#[test]
fn who_is_busier_than_the_others_leaves_a_run_to_them() {
    let (id, first, second) = (new_id(), new_id(), new_id());
    let own = OwnNode::new(id, None);
    assert!(own.is_not_busier(9, 10), "alone");
    own.set_nodes(&[
        node(id, 0, false),
        node(first, 2, false),
        node(second, 4, false),
    ]);
    assert!(own.is_not_busier(3, 10));
    assert!(!own.is_not_busier(4, 10));
    // One that is about to stop takes nothing.
    own.set_nodes(&[
        node(id, 0, false),
        node(first, 2, false),
        node(second, 4, true),
    ]);
    assert!(own.is_not_busier(2, 10) && !own.is_not_busier(3, 10));
    own.set_nodes(&[node(id, 0, false), node(second, 0, true)]);
    assert!(own.is_not_busier(9, 10), "nobody else takes any");
}

#[test]
fn nodes_that_are_set_up_otherwise_are_counted() {
    let id = new_id();
    let own = OwnNode::new(id, None);
    assert_eq!(own.counts(), [1, 1, 0]);
    let mut other = node(new_id(), 0, false);
    other.config_digest = "other".to_owned();
    let mut third = node(new_id(), 0, true);
    third.signing_key_id = "other".to_owned();
    own.set_nodes(&[node(id, 0, false), other, third, node(new_id(), 0, false)]);
    assert_eq!(own.counts(), [4, 3, 2]);
}

#[tokio::test]
async fn a_node_that_shows_no_sign_of_life_begins_nothing_until_it_does() {
    let node = OwnNode::new(new_id(), None);
    let is_in_touch = || async { poll_immediate(node.in_touch()).await.is_some() };
    assert!(is_in_touch().await, "on a file there are no others");
    node.heartbeat_written(Instant::now());
    assert!(is_in_touch().await);
    node.heartbeat_written(Instant::now().checked_sub(OUT_OF_TOUCH).unwrap());
    assert!(!is_in_touch().await);
    let waiting = tokio::spawn({
        let node = node.clone();
        async move { node.in_touch().await }
    });
    while node.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    node.heartbeat_written(Instant::now());
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

#[test]
fn a_clock_that_is_wrong_is_told_until_it_is_right() {
    let own = OwnNode::new(new_id(), None);
    for (before, is_off) in [
        (0.0, false),
        (-29.9, false),
        (30.0, true),
        (-31.0, true),
        (1.0, false),
    ] {
        own.set_clock_skew(before);
        assert_eq!(own.is_clock_wrong(), is_off, "{before}");
    }
}

#[test]
fn who_has_not_beaten_for_long_is_out_of_touch() {
    let own = OwnNode::new(new_id(), None);
    assert!(!own.is_out_of_touch(), "it need not beat");
    own.heartbeat_written(Instant::now());
    assert!(!own.is_out_of_touch());
    own.heartbeat_written(Instant::now() - OUT_OF_TOUCH);
    assert!(own.is_out_of_touch());
}
