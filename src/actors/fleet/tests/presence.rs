use super::*;
use crate::store::testing;

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

async fn becomes(presence: &Presence, what: Counted, elsewhere: usize) {
    let begin = Instant::now();
    while presence.elsewhere(what).await != elsewhere {
        assert!(begin.elapsed() < PATIENCE, "not {elsewhere}");
    }
}

/// A database that does not answer must not keep people from a server that does: their own node counts them, so that
/// each node lets in as many as are allowed at most. Whoever comes later is counted with all again.
#[tokio::test]
async fn who_can_not_be_told_of_others_in_time_counts_those_here_alone() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let ada = store.account("ada").await;
    let what = Counted::Connections(ada.id);
    let [(one, _), (other, _)] = [store.node().await, store.node().await].map(|id| {
        let node = OwnNode::new(id, None);
        node.set_others(1);
        (Presence::start(&store, &node), node)
    });
    let there = [other.enter(what), other.enter(what)];
    becomes(&one, what, 2).await;

    let held = "DO $$ BEGIN LOCK TABLE fleet_presence IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(5); END $$";
    let asking = async {
        loop {
            let begin = Instant::now();
            if one.elsewhere(what).await == 0 {
                return begin.elapsed();
            }
        }
    };
    let ((), took) = tokio::join!(store.sql(held), timeout(PATIENCE, asking));
    let took = took.expect("it is always told");
    let late = ANSWER_WITHIN + Duration::from_secs(2);
    assert!((ANSWER_WITHIN..late).contains(&took), "{took:?}");
    becomes(&one, what, 2).await;
    drop(there);
    becomes(&one, what, 0).await;
}
