//! A run: feeds the state machine, stores what it says, then shows it.
//!
//! The order is always the same. An input is applied to [`RunState`]; its events are encoded once,
//! with the sequence numbers that follow the last ones; events and facts are committed together; only
//! then are the frames published. While a commit is under way, further steps queue up and share the
//! next one. What the stages do is in `stages`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::prelude::*;
use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::event::{CancelReason, ErrorType, EventBody};
use crate::domain::ids::{RunId, SessionId};
use crate::domain::run::{Effect, Ending, Fact, Input, Plan, Progressed, RunState, Status, Step};
use crate::domain::settings::EvaluationConfig;
use crate::evidence::passages::Passage;
use crate::judges::table::JudgeTable;
use crate::metrics;
use crate::protocol::event::{Place, encode};
use crate::store::journal::{Append, AppendError, Journal, StoredEvent};
use crate::store::runs::LoadedRun;
use crate::store::{self, Store, StoreError};

use super::census::{Census, Presence};
use super::judge::JudgeActor;
use super::messages::{Abort, Assessed, Dismiss, Frame, Publish, RunEnded};
use super::stages::Material;

/// First and longest wait before the database is asked again.
const RETRY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// What every run of the process shares.
#[derive(Clone)]
pub struct Facilities {
    /// Where everything is kept.
    pub store: Store,
    /// The log's one writer.
    pub journal: Journal,
    /// The configured judges.
    pub judges: JudgeTable,
    /// Runs at work at once.
    pub slots: Arc<Semaphore>,
    /// Computations at once, so that heavy texts do not take every thread.
    pub cores: Arc<Semaphore>,
    /// How figures are computed.
    pub metrics: metrics::Settings,
    /// How much of the source retrieval keeps, in characters.
    pub retrieval_chars: usize,
    /// Who is there.
    pub census: Census,
}

/// What is encoded and not yet stored.
#[derive(Default)]
struct Pending {
    events: Vec<StoredEvent>,
    facts: Vec<Fact>,
    progress: Option<f64>,
}

/// A loaded run.
pub(super) struct Work {
    pub(super) state: RunState,
    pub(super) material: Arc<Material>,
    pub(super) config: EvaluationConfig,
    pub(super) started_at: DateTime<Utc>,
    pub(super) passages: Option<Vec<Passage>>,
    epoch: String,
    /// The last event that is stored.
    stored: i64,
    /// The last event that is encoded.
    encoded: i64,
    pending: Pending,
}

/// One run.
pub struct EvaluationRun {
    pub(super) session: SessionId,
    pub(super) id: RunId,
    pub(super) facilities: Facilities,
    room: Recipient<Publish>,
    ended: Recipient<RunEnded>,
    pub(super) work: Option<Work>,
    pub(super) judges: Vec<Addr<JudgeActor>>,
    pub(super) permit: Option<OwnedSemaphorePermit>,
    /// Tells computations on other threads that nobody wants their outcome any more.
    pub(super) halted: Arc<AtomicBool>,
    committing: bool,
    /// An abort that came before the run was loaded.
    aborted: Option<CancelReason>,
    told: bool,
    _presence: Presence,
}

impl EvaluationRun {
    /// A run that loads itself when it starts.
    pub fn new(
        session: SessionId,
        id: RunId,
        facilities: Facilities,
        room: Recipient<Publish>,
        ended: Recipient<RunEnded>,
    ) -> Self {
        let presence = facilities.census.runs.enter();
        Self {
            session,
            id,
            facilities,
            room,
            ended,
            work: None,
            judges: Vec::new(),
            permit: None,
            halted: Arc::default(),
            committing: false,
            aborted: None,
            told: false,
            _presence: presence,
        }
    }

    /// Takes one input: state, storage, effects.
    pub(super) fn advance(&mut self, input: Input, ctx: &mut Context<Self>) {
        let Some(work) = &mut self.work else { return };
        let Step {
            events,
            facts,
            effects,
        } = work.state.apply(input);
        if let Err(error) = work.queue(self.session, self.id, &events, facts) {
            tracing::error!(run = %self.id, %error, "an event can't be encoded: the run stops");
            return ctx.stop();
        }
        for effect in effects {
            match effect {
                Effect::End => self.halt(),
                effect => self.carry_out(effect, ctx),
            }
        }
        self.flush(ctx);
    }

    /// Ends all work in progress; what was decided stays to be stored.
    fn halt(&mut self) {
        self.halted.store(true, Ordering::Relaxed);
        for judge in self.judges.drain(..) {
            judge.do_send(Dismiss);
        }
        self.permit = None;
    }

    fn flush(&mut self, ctx: &mut Context<Self>) {
        let Some(work) = &mut self.work else { return };
        if self.committing {
            return;
        }
        if work.pending.events.is_empty() && work.pending.facts.is_empty() {
            if work.state.ended() {
                ctx.stop();
            }
            return;
        }
        self.committing = true;
        let append = Arc::new(work.take(self.session, self.id));
        let journal = self.facilities.journal.clone();
        let store = commit(journal, Arc::clone(&append)).into_actor(self);
        ctx.spawn(store.map(move |outcome, run, ctx| run.committed(&append, outcome, ctx)));
    }

    fn committed(
        &mut self,
        append: &Append,
        outcome: Result<(), AppendError>,
        ctx: &mut Context<Self>,
    ) {
        self.committing = false;
        let Some(work) = &mut self.work else { return };
        match outcome {
            Ok(()) => {
                work.stored = append.base + append.events.len() as i64;
                let frames = append.events.iter().map(|event| Frame {
                    seq: event.seq,
                    text: event.frame.clone(),
                });
                self.room.do_send(Publish {
                    frames: frames.collect(),
                });
                if let Some(ending) = ending(&append.facts) {
                    self.tell(Some(ending.status));
                }
                self.flush(ctx);
            }
            Err(AppendError::Gone) => ctx.stop(),
            Err(error @ AppendError::Conflict) => {
                tracing::error!(run = %self.id, %error, "somebody else writes this log: the run stops");
                ctx.stop();
            }
            Err(error) => {
                tracing::error!(run = %self.id, %error, "the database refuses what has to be kept");
                if ending(&append.facts).is_some() {
                    return ctx.stop();
                }
                // What was refused was never shown; the run says why it ends instead.
                work.encoded = work.stored;
                work.pending = Pending::default();
                let message = "the database refused what had to be kept".to_owned();
                self.advance(Input::Broken(ErrorType::StorageError, message), ctx);
            }
        }
    }

    fn tell(&mut self, status: Option<Status>) {
        if !self.told {
            self.told = true;
            self.ended.do_send(RunEnded {
                run: self.id,
                status,
            });
        }
    }

    fn begin(&mut self, loaded: LoadedRun, ctx: &mut Context<Self>) {
        let deadline = Duration::from_millis(loaded.config.deadline_ms);
        let spent = (Utc::now() - loaded.started_at)
            .to_std()
            .unwrap_or_default();
        self.work = Some(Work::new(loaded));
        ctx.run_later(deadline.saturating_sub(spent), |run, ctx| {
            run.advance(Input::Cancel(CancelReason::Deadline), ctx);
        });
        if let Some(reason) = self.aborted {
            return self.advance(Input::Cancel(reason), ctx);
        }
        self.advance(Input::Launched, ctx);
    }
}

impl Work {
    fn new(loaded: LoadedRun) -> Self {
        let plan = Plan {
            judges: loaded.config.judges.clone(),
            retrieval: loaded.config.enable_retrieval,
        };
        let past = Progressed {
            claims: loaded.claims,
            verdicts: loaded.verdicts,
            reports: loaded.reports,
            progress: loaded.progress,
        };
        Self {
            state: RunState::resume(plan, past),
            material: Arc::new(Material::new(
                loaded.source_text,
                loaded.candidate_output,
                loaded.question,
            )),
            config: loaded.config,
            started_at: loaded.started_at,
            passages: None,
            epoch: loaded.epoch,
            stored: loaded.last_seq,
            encoded: loaded.last_seq,
            pending: Pending::default(),
        }
    }

    fn queue(
        &mut self,
        session_id: SessionId,
        run_id: RunId,
        events: &[EventBody],
        facts: Vec<Fact>,
    ) -> Result<(), serde_json::Error> {
        let ts = Utc::now();
        for body in events {
            let seq = self.encoded + 1;
            let place = Place {
                session_id,
                run_id,
                epoch: &self.epoch,
                seq,
                ts,
            };
            let frame = encode(&place, body)?;
            self.encoded = seq;
            self.pending.events.push(StoredEvent {
                seq,
                kind: body.name(),
                ts,
                frame,
            });
            if let EventBody::EvaluationProgress(progress) = body {
                self.pending.progress = Some(progress.progress);
            }
        }
        self.pending.facts.extend(facts);
        Ok(())
    }

    fn take(&mut self, session_id: SessionId, run_id: RunId) -> Append {
        let Pending {
            events,
            facts,
            progress,
        } = std::mem::take(&mut self.pending);
        Append {
            session_id,
            run_id,
            epoch: self.epoch.clone(),
            base: self.stored,
            progress,
            events,
            facts,
            now: Utc::now(),
        }
    }
}

fn ending(facts: &[Fact]) -> Option<&Ending> {
    facts.iter().find_map(|fact| match fact {
        Fact::Ended(ending) => Some(&**ending),
        Fact::Claims(_) | Fact::Verdict(_) | Fact::Report(_) => None,
    })
}

/// Appends, and waits for a database that is away: the run goes on when it is back.
async fn commit(journal: Journal, append: Arc<Append>) -> Result<(), AppendError> {
    let (mut wait, longest) = RETRY;
    loop {
        match journal.append(Append::clone(&append)).await {
            Err(AppendError::Unavailable(reason)) => {
                tracing::warn!(run = %append.run_id, %reason, "the journal waits for the database");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(longest);
            }
            outcome => return outcome,
        }
    }
}

/// Loads a run, and waits for a database that is away.
async fn load(
    store: Store,
    session: SessionId,
    run: RunId,
) -> Result<Option<LoadedRun>, StoreError> {
    let (mut wait, longest) = RETRY;
    loop {
        match store
            .read(move |db| store::runs::load(db, session, run))
            .await
        {
            Err(StoreError::Unavailable(reason)) => {
                tracing::warn!(%run, %reason, "the run waits for the database");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(longest);
            }
            outcome => return outcome,
        }
    }
}

impl Actor for EvaluationRun {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let loading = load(self.facilities.store.clone(), self.session, self.id);
        ctx.spawn(
            loading
                .into_actor(self)
                .map(|loaded, run, ctx| match loaded {
                    Ok(Some(loaded)) if !loaded.ended => run.begin(loaded, ctx),
                    Ok(_) => ctx.stop(),
                    Err(error) => {
                        tracing::error!(run = %run.id, %error, "the run can't be read");
                        ctx.stop();
                    }
                }),
        );
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.halt();
        self.tell(None);
    }
}

impl Handler<Abort> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, Abort { reason }: Abort, ctx: &mut Self::Context) {
        if self.work.is_none() {
            self.aborted = Some(reason);
        }
        self.advance(Input::Cancel(reason), ctx);
    }
}

impl Handler<Assessed> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, Assessed { report }: Assessed, ctx: &mut Self::Context) {
        self.advance(Input::JudgeAnswered(Box::new(report)), ctx);
    }
}
