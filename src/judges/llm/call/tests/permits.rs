use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use crate::judges::Waiting;
use crate::judges::llm::shared_counters::{Allowance, ProviderCounters};

struct Nodes(Arc<AtomicUsize>);

impl ProviderCounters for Nodes {
    fn part_of(&self, whole: usize) -> usize {
        (whole / self.0.load(Ordering::SeqCst)).max(1)
    }

    fn take(&self, _: Vec<Allowance>) -> Waiting<Option<Duration>> {
        Box::pin(async { None })
    }

    fn give_back(&self, _: Vec<Allowance>) {}

    fn in_touch(&self) -> Waiting<()> {
        Box::pin(async {})
    }

    fn is_in_touch(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_process_has_its_part_and_all_when_the_others_are_gone() {
    let nodes = Arc::new(AtomicUsize::new(1));
    let counters = SharedCounters::default();
    let permits = Permits::new(6, counters.clone());
    let all: Vec<_> = (0..6).map(|_| permits.try_acquire().unwrap()).collect();
    assert!(permits.try_acquire().is_none(), "one process has all");
    counters.set(Nodes(Arc::clone(&nodes)));
    nodes.store(3, Ordering::SeqCst);
    drop(all);
    let two: Vec<_> = (0..2).map(|_| permits.try_acquire().unwrap()).collect();
    assert!(permits.try_acquire().is_none(), "a third of six");
    drop(two);
    nodes.store(1, Ordering::SeqCst);
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(permits.acquire().await.unwrap());
    }
    assert!(permits.try_acquire().is_none());
    // More processes than there are permits: each has one.
    nodes.store(9, Ordering::SeqCst);
    drop(all);
    let _one = permits.acquire().await.unwrap();
    assert!(permits.try_acquire().is_none());
}
