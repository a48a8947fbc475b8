use tokio::time::timeout;

use super::*;
use crate::store::new_id;
use crate::store::testing::{self, TestStore};

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

struct Node {
    bus: PostgresBus,
    heard: mpsc::Receiver<Heard>,
    metrics: Arc<Metrics>,
}

impl Node {
    /// One that hears, and knows that it is not alone.
    async fn start(store: &TestStore) -> Self {
        let settings = StoreSettings {
            url: store.url.clone(),
            application_name: "bus".to_owned(),
            ..StoreSettings::default()
        };
        let (ears, heard) = mpsc::channel(64);
        let metrics = Arc::new(Metrics::new().unwrap());
        let bus = PostgresBus::start(settings, ears, Arc::clone(&metrics)).unwrap();
        let node = Self {
            bus,
            heard,
            metrics,
        };
        node.hears().await;
        node.bus.has_nodes(2);
        node
    }

    async fn hears(&self) {
        let hears = async {
            while self.bus.is_deaf() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, hears).await.expect("it stays deaf");
    }

    async fn next(&mut self) -> Heard {
        let next = timeout(PATIENCE, self.heard.recv()).await;
        next.expect("nothing was heard").unwrap()
    }
}

fn stored(session: SessionId, last_seq: i64) -> Signal {
    Signal::Stored {
        session,
        last_seq,
        events: None,
    }
}

#[tokio::test]
async fn nodes_hear_each_other_of_what_they_follow_and_not_themselves() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let (mut one, mut other) = (Node::start(&store).await, Node::start(&store).await);
    let (followed, ignored): (SessionId, SessionId) = (new_id(), new_id());
    other.bus.follow(followed);
    one.bus.follow(followed);
    for seq in 1..=50 {
        one.bus.tell(stored(ignored, seq));
        one.bus.tell(stored(followed, seq));
    }
    let mut last = 0;
    while last < 50 {
        match other.next().await {
            Heard::Told(Signal::Stored {
                session, last_seq, ..
            }) => {
                assert_eq!(session, followed);
                assert!(last_seq > last, "{last_seq} after {last}");
                last = last_seq;
            }
            heard => panic!("{heard:?}"),
        }
    }
    one.bus.tell(Signal::Due);
    assert_eq!(other.next().await, Heard::Told(Signal::Due));
    other.bus.tell(Signal::Due);
    assert_eq!(
        one.next().await,
        Heard::Told(Signal::Due),
        "the first thing"
    );
    assert_eq!(one.metrics.bus_told.of("stored").unwrap().get(), 100);

    // Alone, it says nothing.
    one.bus.has_nodes(1);
    one.bus.tell(stored(followed, 51));
    one.bus.has_nodes(2);
    one.bus.tell(stored(followed, 52));
    assert_eq!(other.next().await, Heard::Told(stored(followed, 52)));
}

#[tokio::test]
async fn a_bus_that_loses_its_connection_says_so_and_loses_nothing_that_is_told_meanwhile() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let mut one = Node::start(&store).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE application_name = 'bus' AND datname = current_database()";
    store.sql(cut).await;
    let cut_off = async {
        while !one.bus.is_deaf() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, cut_off)
        .await
        .expect("it notices nothing");
    one.bus.tell(Signal::Due);
    one.hears().await;
    assert_eq!(one.next().await, Heard::Missed);
    let mut other = Node::start(&store).await;
    let (session, user) = (new_id(), new_id());
    let stop = Signal::Stop {
        session,
        user,
        reason: crate::domain::event::CancelReason::User,
    };
    one.bus.tell(stop.clone());
    assert_eq!(other.next().await, Heard::Told(stop));
}

#[test]
fn what_waits_is_bounded_and_of_a_session_only_the_last_is_told() {
    let mut queue = Queue::default();
    let session = new_id();
    for seq in [3, 9, 5] {
        assert!(queue.put(stored(session, seq)));
    }
    let texts = queue.take();
    assert_eq!(signal::read(&texts[0]).0, [stored(session, 9)]);
    assert!(queue.is_empty());
    for _ in 0..QUEUE {
        assert!(queue.put(stored(new_id(), 1)) && queue.put(Signal::Due));
    }
    assert!(!queue.put(stored(new_id(), 1)) && !queue.put(Signal::Due));
    for text in queue.take() {
        assert!(text.len() <= LONGEST_NOTICE);
    }
}
