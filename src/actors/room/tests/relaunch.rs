//! A run whose actor is lost, by a panic or because the database refuses what it has to keep, at each
//! stage: it is taken up again, and what was asked of it is not forgotten.

use std::sync::mpsc;

use futures_util::future::poll_immediate;

use crate::actors::messages::{Cancel, Launch, RoomIdle, Settle};
use crate::actors::room::{Room, RoomSettings};
use crate::actors::testing::*;
use crate::computing::Task;
use crate::domain::event::{CancelReason, Cancelled, ErrorType, EventBody};
use crate::domain::run::Status;

/// Each stage, and how many computations are done before the run stands in it.
const STAGES: [(&str, usize); 6] = [
    ("queued", 0),
    ("claim_extraction", 0),
    ("retrieval", 1),
    ("verification", 2),
    ("judging", 3),
    ("aggregation", 4),
];

/// No wait for an event is longer: each step of a run takes several threads in turn, which a busy machine
/// lets wait.
const LONGEST: Duration = Duration::from_secs(120);

/// Makes a run's actor panic.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
struct Break;

impl Handler<Break> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, _: Break, _: &mut Self::Context) {
        panic!("the run was told to panic");
    }
}

impl Handler<Break> for Room {
    type Result = ();

    fn handle(&mut self, _: Break, _: &mut Self::Context) {
        let live = self.run.as_ref().expect("no run to break");
        live.actor.do_send(Break);
    }
}

/// Has the only core until it is dropped.
struct Held(#[expect(dead_code, reason = "its drop lets the thread go on")] mpsc::Sender<()>);

/// Takes the core, or queues for it behind who waits already.
async fn hold(scene: &Scene) -> Held {
    let (end, ended) = mpsc::channel::<()>();
    let cores = scene.facilities.cores.clone();
    let mut holding = Box::pin(async move {
        let task = Task::of(new_id());
        let _ = cores.compute(&task, move || ended.recv()).await;
    });
    // Now it has its place in the queue.
    assert!(poll_immediate(&mut holding).await.is_none());
    actix::spawn(holding);
    Held(end)
}

/// A room with a run that does one step at a time.
struct Slow {
    scene: Scene,
    judge: Arc<Scripted>,
    session: SessionId,
    run: RunId,
    room: Addr<Room>,
    held: Option<Held>,
    _idle: Taken<RoomIdle>,
}

impl Slow {
    /// Whose run stands in a stage. The journal refuses an event with `refused` in it once.
    async fn at((stage, steps): (&'static str, usize), refused: Option<&'static str>) -> Self {
        let judge = Scripted::new("a", Conduct::Score);
        let mut scene = Scene::new(vec![Arc::clone(&judge) as Arc<dyn Judge>]).await;
        scene.facilities.cores = Cores::one_at_a_time();
        if stage == "queued" {
            scene.facilities.slots = Arc::new(Semaphore::new(0));
        }
        if let Some(mark) = refused {
            scene.facilities.journal = scene.store.journal_refusing(mark, 1);
        }
        let session = new_id();
        let text = "The ferry leaves at nine.";
        let new = store::evaluations::NewEvaluation {
            id: session,
            user_id: scene.owner,
            source_text: text.into(),
            sources: Vec::new(),
            candidate_output: text.into(),
            search_terms: store::evaluations::SearchTerms::default(),
            question: None,
            config: EvaluationConfig {
                judges: vec!["a".into()],
                enable_retrieval: true,
                collection_id: None,
                aggregation_strategy: AggregationStrategy::Mean,
                deadline_ms: 60_000,
                quorum: 1,
            },
            epoch: "epoch".into(),
            created_at: chrono::Utc::now(),
        };
        let create = move |db: &mut store::Db| store::evaluations::create(db, &new, None);
        scene.store.write(create).await.unwrap();
        let run = scene.begin(session).await;
        let (registry, idle) = probe();
        let settings = RoomSettings { replay_events: 10 };
        let (owner, facilities) = (scene.owner, scene.facilities.clone());
        let held = hold(&scene).await;
        let room = Room::new(session, owner, settings, facilities, registry).start();
        let mut slow = Self {
            scene,
            judge,
            session,
            run,
            room,
            held: Some(held),
            _idle: idle,
        };
        let launch = Launch {
            session,
            owner,
            run,
            fence: 1,
        };
        slow.room.send(launch).await.unwrap();
        for step in 0..steps {
            // Extraction is the first stage with a computation, whatever the run is to reach.
            slow.stands_in(STAGES[step + 1].0).await;
            slow.step().await;
        }
        if refused.is_none_or(|mark| !mark.contains(stage)) {
            slow.stands_in(stage).await;
        }
        slow
    }

    /// Lets the run do one computation.
    async fn step(&mut self) {
        let next = hold(&self.scene).await;
        self.held = Some(next);
    }

    async fn log(&self) -> Vec<Event> {
        let log = self.scene.log(self.session).await;
        let event = |(_, frame): (i64, String)| serde_json::from_str(&frame).unwrap();
        log.into_iter().map(event).collect()
    }

    async fn until(&self, what: &str, is_so: impl Fn(&[Event]) -> bool) -> Vec<Event> {
        let waiting = async {
            loop {
                let log = self.log().await;
                if is_so(&log) {
                    return log;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(LONGEST, waiting).await;
        waited.unwrap_or_else(|_| panic!("{what} did not come"))
    }

    async fn stands_in(&self, stage: &str) {
        let of = |event: &Event| match &event.body {
            EventBody::EvaluationProgress(progress) => {
                serde_json::to_value(progress.stage).unwrap() == stage
            }
            _ => false,
        };
        self.until(stage, |log| log.iter().any(of)).await;
    }

    /// Lets the run go on to its end, and gives its last event.
    async fn end(&mut self) -> EventBody {
        self.held = None;
        self.scene.facilities.slots.add_permits(1);
        let ended = |log: &[Event]| log.last().is_some_and(|last| last.body.is_terminal());
        let log = self.until("the end", ended).await;
        let seqs: Vec<i64> = log.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
        let ends = log.iter().filter(|event| event.body.is_terminal());
        assert_eq!(ends.count(), 1);
        log.into_iter().last().unwrap().body
    }

    fn cancel(&self) -> Cancel {
        Cancel {
            session: self.session,
            owner: self.scene.owner,
            reason: CancelReason::User,
        }
    }

    async fn status(&self) -> Status {
        let (owner, session) = (self.scene.owner, self.session);
        let read = move |db: &mut store::Db| store::evaluations::position(db, owner, session);
        self.scene.store.read(read).await.unwrap().unwrap().status
    }

    fn lost(&self) -> usize {
        let lines = self.scene.facilities.metrics.text().unwrap();
        let line = lines
            .lines()
            .find_map(|line| line.strip_prefix("auditor_runs_lost_total "));
        line.unwrap().parse().unwrap()
    }
}

fn cancelled_by(reason: CancelReason) -> impl Fn(&EventBody) -> bool {
    move |last| matches!(last, EventBody::EvaluationCancelled(Cancelled { reason: why }) if *why == reason)
}

#[actix::test]
async fn a_cancel_is_kept_where_the_run_panics_before_it_is_stored() {
    for stage in STAGES {
        let mut slow = Slow::at(stage, None).await;
        slow.room.do_send(Break);
        let answer = slow.room.send(slow.cancel()).await.unwrap();
        assert_eq!(answer, Ok(slow.run), "{stage:?}");
        let last = slow.end().await;
        assert!(
            cancelled_by(CancelReason::User)(&last),
            "{stage:?}: {last:?}"
        );
        assert_eq!(slow.status().await, Status::Cancelled);
        assert_eq!(slow.lost(), 1, "{stage:?}");
        let paid = usize::from(stage.0 == "aggregation");
        assert_eq!(slow.judge.asked(), paid, "{stage:?}: nobody is asked again");
    }
}

#[actix::test]
async fn a_cancel_is_kept_where_the_database_refuses_it_at_first() {
    for stage in STAGES {
        let mut slow = Slow::at(stage, Some("\"evaluation_cancelled\"")).await;
        let answer = slow.room.send(slow.cancel()).await.unwrap();
        assert_eq!(answer, Ok(slow.run), "{stage:?}");
        let last = slow.end().await;
        assert!(
            cancelled_by(CancelReason::User)(&last),
            "{stage:?}: {last:?}"
        );
        assert_eq!(slow.status().await, Status::Cancelled);
        assert_eq!(slow.lost(), 1, "{stage:?}");
        let paid = usize::from(stage.0 == "aggregation");
        assert_eq!(slow.judge.asked(), paid, "{stage:?}: nobody is asked again");
    }
}

#[actix::test]
async fn who_waits_for_the_end_before_a_deletion_gets_it_where_the_run_panics() {
    let mut slow = Slow::at(STAGES[4], None).await;
    slow.room.do_send(Break);
    let settle = Settle {
        session: slow.session,
        reason: CancelReason::Deleted,
    };
    let settled = tokio::time::timeout(LONGEST, slow.room.send(settle)).await;
    settled.expect("nobody tells that it is over").unwrap();
    let last = slow.end().await;
    assert!(cancelled_by(CancelReason::Deleted)(&last), "{last:?}");
}

#[actix::test]
async fn a_run_that_panics_goes_on_where_it_stood() {
    for stage in STAGES {
        let mut slow = Slow::at(stage, None).await;
        slow.room.do_send(Break);
        let last = slow.end().await;
        assert!(
            matches!(last, EventBody::EvaluationComplete(_)),
            "{stage:?}: {last:?}"
        );
        assert_eq!((slow.lost(), slow.judge.asked()), (1, 1), "{stage:?}");
    }
}

#[actix::test]
async fn a_run_whose_step_the_database_refuses_says_so() {
    const STEPS: [&str; 5] = [
        "\"stage\":\"claim_extraction\"",
        "\"stage\":\"retrieval\"",
        "\"stage\":\"verification\"",
        "\"stage\":\"judging\"",
        "\"stage\":\"aggregation\"",
    ];
    for (stage, refused) in STAGES[1..].iter().zip(STEPS) {
        let mut slow = Slow::at(*stage, Some(refused)).await;
        let last = slow.end().await;
        assert!(
            matches!(&last, EventBody::EvaluationError(error)
                if error.fatal && error.error_type == ErrorType::StorageError),
            "{stage:?}: {last:?}"
        );
        assert_eq!(slow.status().await, Status::Failed);
        assert_eq!(slow.lost(), 0, "{stage:?}");
    }
}
