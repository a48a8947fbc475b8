//! Support for tests of single actors: a probe takes the place of a neighbouring actor, and a
//! real store is used.

pub(super) use std::sync::Arc;
pub(super) use std::sync::atomic::{AtomicUsize, Ordering};
pub(super) use std::time::Duration;

pub(super) use actix::prelude::*;
pub(super) use tokio::sync::{Semaphore, mpsc};

pub(super) use crate::bus::Alone;
pub(super) use crate::computing::{Cores, FairSemaphore};
pub(super) use crate::domain::ids::{RunId, SessionId, UserId};
pub(super) use crate::figures;
pub(super) use crate::judges::budget::Ledger;
pub(super) use crate::judges::table::JudgeTable;
pub(super) use crate::judges::{Answer, Assessing, Assessment, Case, Judge, Outcome, Profile};
pub(super) use crate::store::testing::{TestStore, sqlite};
pub(super) use crate::store::{self, new_id};
pub(super) use crate::telemetry::metrics::Metrics;

pub(super) use super::fleet::OwnNode;
pub(super) use super::fleet::left_behind::WorkedOn;
pub(super) use super::fleet::placement::Placement;
pub(super) use super::fleet::presence::Presence;
pub(super) use super::live_counts::LiveCounts;
pub(super) use super::messages::{Publish, RunEnded};
pub(super) use super::run::{EvaluationRun, Facilities, LongTexts};
pub(super) use crate::domain::settings::{AggregationStrategy, EvaluationConfig};
pub(super) use crate::protocol::event::Event;

/// Upper limit for every wait in a test.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Receives messages of one type and passes them to the test.
pub(super) struct Probe<M: Message<Result = ()> + Unpin + Send + 'static>(mpsc::UnboundedSender<M>);

impl<M: Message<Result = ()> + Unpin + Send + 'static> Actor for Probe<M> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // A test that wants a full mailbox limits its bytes instead.
        ctx.set_mailbox_capacity(4096);
    }
}

impl<M: Message<Result = ()> + Unpin + Send + 'static> Handler<M> for Probe<M> {
    type Result = ();

    fn handle(&mut self, message: M, _: &mut Self::Context) {
        let _ = self.0.send(message);
    }
}

/// Waits until the condition holds, for at most [`PATIENCE`].
pub(super) async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("it did not become so in time");
}

/// The messages that a probe has received.
pub(super) struct Taken<M>(pub(super) mpsc::UnboundedReceiver<M>);

impl<M> Taken<M> {
    pub(super) async fn next(&mut self) -> M {
        let next = tokio::time::timeout(PATIENCE, self.0.recv()).await;
        next.expect("nothing came in time")
            .expect("the probe is gone")
    }
}

pub(super) fn probe<M: Message<Result = ()> + Unpin + Send + 'static>() -> (Recipient<M>, Taken<M>)
{
    let (sender, receiver) = mpsc::unbounded_channel();
    (Probe(sender).start().recipient(), Taken(receiver))
}

/// A store with one user, and the services that runs share.
pub(super) struct Scene {
    pub(super) store: TestStore,
    pub(super) facilities: Facilities,
    pub(super) owner: UserId,
}

impl Scene {
    pub(super) async fn new(judges: Vec<Arc<dyn Judge>>) -> Self {
        Self::on(sqlite(), judges).await
    }

    pub(super) async fn on(store: TestStore, judges: Vec<Arc<dyn Judge>>) -> Self {
        let owner = store.account("ada").await.id;
        let node = store.node().await;
        let (node, slots) = (OwnNode::new(node, None), Arc::new(Semaphore::new(4)));
        let facilities = Facilities {
            store: store.clone(),
            journal: store.journal(),
            tail: None,
            bus: Arc::new(Alone),
            node: node.clone(),
            worked_on: WorkedOn::default(),
            presence: Presence::default(),
            judges: JudgeTable::new(judges),
            placement: Placement::new(node, Arc::clone(&slots)),
            slots,
            long_texts: LongTexts::new(4),
            cores: Cores::new(2),
            ledger: Ledger::default(),
            new_user_for: chrono::TimeDelta::zero(),
            figures: figures::Settings::default(),
            calibration: None,
            encoder: None,
            allowed_phrases: Arc::default(),
            retrieval_chars: 1000,
            live_counts: LiveCounts::default(),
            metrics: Arc::new(Metrics::new().unwrap()),
        };
        Self {
            store,
            facilities,
            owner,
        }
    }

    pub(super) async fn evaluation(&self) -> SessionId {
        self.store.evaluation(self.owner, 0).await
    }

    /// Stores the start of a run, as `service` does before it launches the run.
    pub(super) async fn begin(&self, session: SessionId) -> RunId {
        let (owner, id) = (self.owner, new_id());
        let new = store::runs::NewRun {
            id,
            client_request_id: None,
            started_at: chrono::Utc::now(),
            node: Some(self.facilities.node.id()),
            api_key: None,
        };
        self.store
            .write(move |db| store::runs::begin(db, owner, session, &new))
            .await
            .unwrap();
        id
    }

    /// Removes the owner of the session's run, as after the death of its node.
    pub(super) async fn orphan(&self, session: SessionId) {
        let orphan = format!("UPDATE evaluation_sessions SET owner = NULL WHERE id = '{session}'");
        self.store.sql(&orphan).await;
    }

    pub(super) async fn log(&self, session: SessionId) -> Vec<(i64, String)> {
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

/// The behaviour of a scripted judge.
#[derive(Clone, Copy)]
pub(super) enum Conduct {
    Score,
    Hang,
    Panic,
}

/// A judge that behaves as the test wants. It counts its calls, and the calls
/// that are dropped unanswered.
pub(super) struct Scripted {
    pub(super) profile: Profile,
    conduct: Conduct,
    pub(super) asked: Arc<AtomicUsize>,
    pub(super) dropped: Arc<AtomicUsize>,
}

struct CountDrop(Arc<AtomicUsize>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Scripted {
    pub(super) fn new(name: &str, conduct: Conduct) -> Arc<Self> {
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

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Waits until the judge is called. The last event before that is published earlier, since the
    /// case is built in between.
    pub(super) async fn is_asked(&self) {
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

/// A run without a room, whose published events the test receives.
pub(super) struct Stage {
    pub(super) scene: Scene,
    pub(super) session: SessionId,
    pub(super) run: RunId,
    pub(super) actor: Addr<EvaluationRun>,
    pub(super) published: Taken<Publish>,
    pub(super) ended: Taken<RunEnded>,
}

impl Stage {
    pub(super) async fn open(judges: &[Arc<Scripted>], deadline_ms: u64) -> Self {
        let (scene, session, run) = Self::prepare(judges, deadline_ms).await;
        Self::enter(scene, session, run, 0)
    }

    /// Prepares a stored run that is not launched yet.
    pub(super) async fn prepare(
        judges: &[Arc<Scripted>],
        deadline_ms: u64,
    ) -> (Scene, SessionId, RunId) {
        let table = judges
            .iter()
            .map(|judge| Arc::clone(judge) as Arc<dyn Judge>)
            .collect();
        let scene = Scene::new(table).await;
        let config = EvaluationConfig {
            judges: judges
                .iter()
                .map(|judge| judge.profile.name.clone())
                .collect(),
            enable_retrieval: false,
            collection_id: None,
            aggregation_strategy: AggregationStrategy::Mean,
            deadline_ms,
            quorum: 1,
        };
        let session = new_id();
        let new = store::evaluations::NewEvaluation {
            id: session,
            user_id: scene.owner,
            source_text: "The ferry leaves at nine. It carries forty cars.".into(),
            sources: Vec::new(),
            candidate_output: "The ferry leaves at nine. It carries forty cars.".into(),
            search_terms: store::evaluations::SearchTerms::default(),
            question: None,
            config,
            epoch: "epoch".into(),
            created_at: chrono::Utc::now(),
        };
        let created = scene
            .store
            .write(move |db| store::evaluations::create(db, &new, None))
            .await;
        created.unwrap();
        let run = scene.begin(session).await;
        (scene, session, run)
    }

    pub(super) fn enter(scene: Scene, session: SessionId, run: RunId, lost: u32) -> Self {
        let (room, published) = probe();
        let (end, ended) = probe();
        let actor =
            EvaluationRun::new(session, (run, 1), lost, scene.facilities.clone(), room, end)
                .start();
        Self {
            scene,
            session,
            run,
            actor,
            published,
            ended,
        }
    }

    pub(super) async fn next(&mut self) -> Vec<Event> {
        let frames = self.published.next().await.frames;
        frames
            .iter()
            .map(|frame| serde_json::from_str(&frame.text).unwrap())
            .collect()
    }

    /// Returns all published events up to the end of the run.
    pub(super) async fn watch(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while !events
            .last()
            .is_some_and(|event: &Event| event.body.is_terminal())
        {
            events.extend(self.next().await);
        }
        events
    }
}
