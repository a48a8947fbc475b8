//! Actors one by one: a probe stands for the neighbour, a real store for the database.

mod gaps;
mod recovery;
mod registry;
mod relaunch;
mod room;
mod run;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::{Semaphore, mpsc};

use crate::computing::Cores;
use crate::domain::ids::{RunId, SessionId, UserId};
use crate::judges::budget::Ledger;
use crate::judges::table::JudgeTable;
use crate::judges::{Answer, Assessing, Assessment, Case, Judge, Outcome, Profile};
use crate::metrics;
use crate::store::testing::{TestStore, sqlite};
use crate::store::{self, new_id};
use crate::telemetry::meters::Meters;

use super::census::Census;
use super::run::Facilities;

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Takes messages of one kind and hands them to the test.
struct Probe<M: Message<Result = ()> + Unpin + Send + 'static>(mpsc::UnboundedSender<M>);

impl<M: Message<Result = ()> + Unpin + Send + 'static> Actor for Probe<M> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Where a test wants a full mailbox, it bounds the bytes.
        ctx.set_mailbox_capacity(4096);
    }
}

impl<M: Message<Result = ()> + Unpin + Send + 'static> Handler<M> for Probe<M> {
    type Result = ();

    fn handle(&mut self, message: M, _: &mut Self::Context) {
        let _ = self.0.send(message);
    }
}

/// Waits until it is so.
async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("it did not become so in time");
}

/// What a probe has taken.
struct Taken<M>(mpsc::UnboundedReceiver<M>);

impl<M> Taken<M> {
    async fn next(&mut self) -> M {
        let next = tokio::time::timeout(PATIENCE, self.0.recv()).await;
        next.expect("nothing came in time")
            .expect("the probe is gone")
    }
}

fn probe<M: Message<Result = ()> + Unpin + Send + 'static>() -> (Recipient<M>, Taken<M>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Probe(sender).start().recipient(), Taken(receiver))
}

/// A store with one user, and what runs share.
struct Scene {
    store: TestStore,
    facilities: Facilities,
    owner: UserId,
}

impl Scene {
    async fn new(judges: Vec<Arc<dyn Judge>>) -> Self {
        Self::on(sqlite(), judges).await
    }

    async fn on(store: TestStore, judges: Vec<Arc<dyn Judge>>) -> Self {
        let owner = store.account("ada").await.id;
        let facilities = Facilities {
            store: store.clone(),
            journal: store.journal(),
            judges: JudgeTable::new(judges),
            slots: Arc::new(Semaphore::new(4)),
            cores: Cores::new(2),
            ledger: Ledger::default(),
            new_user_for: chrono::TimeDelta::zero(),
            metrics: metrics::Settings::default(),
            calibration: None,
            encoder: None,
            allowed_phrases: Arc::default(),
            retrieval_chars: 1000,
            census: Census::default(),
            meters: Arc::new(Meters::new().unwrap()),
        };
        Self {
            store,
            facilities,
            owner,
        }
    }

    async fn evaluation(&self) -> SessionId {
        self.store.evaluation(self.owner, 0).await
    }

    /// Stores the start of a run, as the service does before it launches one.
    async fn begin(&self, session: SessionId) -> RunId {
        let (owner, id) = (self.owner, new_id());
        let new = store::runs::NewRun {
            id,
            client_request_id: None,
            started_at: chrono::Utc::now(),
        };
        self.store
            .write(move |db| store::runs::begin(db, owner, session, &new))
            .await
            .unwrap();
        id
    }

    /// The stored log.
    async fn log(&self, session: SessionId) -> Vec<(i64, String)> {
        let rows = self
            .store
            .read(move |db| store::journal::read(db, session, 0, 500, 1 << 20))
            .await;
        rows.unwrap()
            .into_iter()
            .map(|(seq, frame)| (seq, frame.to_string()))
            .collect()
    }
}

/// What a scripted judge does.
#[derive(Clone, Copy)]
enum Conduct {
    Score,
    Hang,
    Panic,
}

/// A judge that does what the test wants, and counts how often it is asked and how often a question of
/// its is dropped unanswered.
struct Scripted {
    profile: Profile,
    conduct: Conduct,
    asked: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

struct CountDrop(Arc<AtomicUsize>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Scripted {
    fn new(name: &str, conduct: Conduct) -> Arc<Self> {
        let profile = Profile {
            name: name.into(),
            kind: "scripted".into(),
            model: "scripted/1".into(),
            offline: true,
            weight: 1.0,
        };
        Arc::new(Self {
            profile,
            conduct,
            asked: Arc::default(),
            dropped: Arc::default(),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Until it is asked. The last event before that comes earlier, since the case is made in between.
    async fn is_asked(&self) {
        let asked = async {
            while self.asked() == 0 {
                tokio::task::yield_now().await;
            }
        };
        let asked = tokio::time::timeout(PATIENCE, asked).await;
        asked.expect("the judge was not asked in time");
    }
}

impl Judge for Scripted {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn assess(&self, _: Arc<Case>) -> Assessing {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (conduct, dropped) = (self.conduct, CountDrop(Arc::clone(&self.dropped)));
        Box::pin(async move {
            let _dropped = dropped;
            match conduct {
                Conduct::Score => {}
                Conduct::Hang => std::future::pending().await,
                Conduct::Panic => panic!("the judge was told to panic"),
            }
            let assessment = Assessment {
                score: 70.0,
                confidence: 0.7,
                reasoning: "scripted".into(),
                issues: Vec::new(),
                claim_labels: Vec::new(),
            };
            Outcome::of(1, Ok(Answer::Scored(assessment)))
        })
    }
}
