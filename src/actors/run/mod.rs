//! A run: feeds the state machine, stores what it says, then shows it.
//!
//! The order is always the same. An input is applied to `RunState`; its events are encoded once,
//! with the sequence numbers that follow the last ones; events and changes are committed together; only
//! then are the frames published. While a commit is under way, further steps queue up and share the
//! next one. What the stages do is in `stages`.

mod asked;
mod cancel;
mod grants;
mod stages;
mod storage;
#[cfg(test)]
mod tests;
pub(crate) mod waiting;
mod work;

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use chrono::{TimeDelta, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::{Instrument, Span};

use crate::bus::Bus;
use crate::computing::{Cores, Place, Places, Stop};
use crate::domain::event::{CancelReason, ErrorType};
use crate::domain::ids::{RunId, SessionId, UserId};
use crate::domain::report::Usage;
use crate::domain::run::{Change, Effect, Ending, Input, Step};
use crate::figures;
use crate::judges::budget::{Amount, Ledger, Payer, RunBudget};
use crate::judges::injection::AllowedPhrases;
use crate::judges::table::JudgeTable;
use crate::neural::Encoder;
use crate::store::Store;
use crate::store::fleet::claims::POISON;
use crate::store::fleet::grants::Claimant;
use crate::store::fleet::tail::Tail;
use crate::store::journal::{Append, AppendError, Journal};
use crate::store::runs::LoadedRun;
use crate::store::usage::DayUsage;
use crate::telemetry::metrics::Metrics;

use super::fleet::OwnNode;
use super::fleet::left_behind::{AtWork, WorkedOn};
use super::fleet::placement::Placement;
use super::fleet::presence::Presence;
use super::live_counts::{GaugeGuard, LiveCounts};
use super::messages::{
    Abort, Admit, Assessed, Dismiss, Frame, Publish, Release, RunEnded, RunOutcome,
};

use asked::Asked;
use grants::DayGrants;
use storage::{commit, load};
use work::Work;

/// How often a run is taken up again after its actor was lost; then it ends with an error, since what
/// broke it would break it for ever.
pub(super) const MAX_LOST: u32 = 3;

/// What every run of the process shares.
#[derive(Clone)]
pub(crate) struct Facilities {
    /// Where everything is kept.
    pub store: Store,
    /// The log's one writer.
    pub journal: Journal,
    /// Where rooms hear of what other nodes write; none where there can be no other.
    pub tail: Option<Tail>,
    /// The way to other nodes.
    pub bus: Arc<dyn Bus>,
    /// This process among those that share the database.
    pub node: OwnNode,
    /// Which runs have an actor.
    pub worked_on: WorkedOn,
    /// What it tells the others of who is here.
    pub presence: Presence,
    pub judges: JudgeTable,
    /// Runs at work at once.
    pub slots: Arc<Semaphore>,
    /// The same, among those of the other nodes.
    pub placement: Placement,
    /// Places at work that runs of long texts need besides.
    pub long_texts: LongTexts,
    /// Where heavy texts are computed on, so that they do not take every thread.
    pub cores: Cores,
    /// Where runs get the money for their calls.
    pub ledger: Ledger,
    /// For how long after its making an account is new.
    pub new_user_for: TimeDelta,
    /// How figures are computed.
    pub figures: figures::Settings,
    /// Labels of the operator's own, fitted.
    pub calibration: Option<Arc<figures::calibration::Calibration>>,
    /// The model in the binary, where it is used.
    pub encoder: Option<Arc<Encoder>>,
    /// What an operator knows to be no attack.
    pub allowed_phrases: Arc<AllowedPhrases>,
    /// How much of the source retrieval keeps, in characters.
    pub retrieval_chars: usize,
    /// Live counts of connections, rooms and runs.
    pub live_counts: LiveCounts,
    pub metrics: Arc<Metrics>,
}

/// Runs of long texts at work: what is made of a text, and kept until its run ends, takes a hundred times the
/// text's bytes, so a number of runs alone bounds no memory.
#[derive(Debug, Clone)]
pub(crate) struct LongTexts {
    /// Texts of more bytes together are long.
    pub over: usize,
    /// Shared by users, so that nobody waits for all long texts of somebody else.
    pub places: Places,
}

impl LongTexts {
    /// What one run has of them, beyond which its texts are long: 64 KiB.
    pub(crate) const OVER: usize = 64 << 10;

    /// So many places, of which one user has half at most.
    pub(crate) fn new(places: usize) -> Self {
        Self {
            over: Self::OVER,
            places: Places::new(places, places.div_ceil(2)),
        }
    }
}

pub(crate) struct EvaluationRun {
    session: SessionId,
    id: RunId,
    /// Which of the session's owners it works for.
    fence: i64,
    lost: u32,
    facilities: Facilities,
    room: Recipient<Publish>,
    ended: Recipient<RunEnded>,
    work: Option<Work>,
    judges: Vec<Asked>,
    permit: Option<OwnedSemaphorePermit>,
    /// Where its texts are long.
    long_place: Option<Place>,
    admitted: bool,
    /// While it waits for a place at work.
    queued: Option<GaugeGuard>,
    /// Held until the run is loaded.
    loading: Option<OwnedSemaphorePermit>,
    /// Tells computations on other threads that nobody wants their outcome any more.
    halted: Stop,
    committing: bool,
    /// What was asked of it, be it before the run was loaded.
    aborted: Option<CancelReason>,
    told: bool,
    /// The database refused what had to be kept.
    refused: bool,
    /// What is logged about the run stands in it.
    span: Span,
    _counted: GaugeGuard,
    _at_work: AtWork,
}

impl EvaluationRun {
    /// A run that loads itself when it starts; its actor was `lost` so many times before.
    pub(crate) fn new(
        session: SessionId,
        (id, fence): (RunId, i64),
        lost: u32,
        facilities: Facilities,
        room: Recipient<Publish>,
        ended: Recipient<RunEnded>,
    ) -> Self {
        let counted = facilities.live_counts.runs.enter();
        let at_work = facilities.worked_on.enter(session, fence);
        Self {
            session,
            id,
            fence,
            lost,
            facilities,
            room,
            ended,
            work: None,
            judges: Vec::new(),
            permit: None,
            long_place: None,
            admitted: false,
            queued: None,
            loading: None,
            halted: Stop::default(),
            committing: false,
            aborted: None,
            told: false,
            refused: false,
            // At the level of errors, so that no filter of levels takes it away.
            span: tracing::error_span!("run", %session, run = %id),
            _counted: counted,
            _at_work: at_work,
        }
    }

    /// Takes one input: state, storage, effects.
    fn advance(&mut self, input: Input, ctx: &mut Context<Self>) {
        let _entered = self.span.clone().entered();
        let Some(work) = &mut self.work else { return };
        let Step {
            events,
            changes,
            effects,
        } = work.state.apply(input);
        if let Err(error) = work.queue(self.session, self.id, &events, changes) {
            tracing::error!(%error, "an event can't be encoded: the run stops");
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

    /// Ends all work in progress; what was decided stays to be stored. The place at work is given back
    /// only with the actor: runs must not end faster than the database can take it.
    fn halt(&mut self) {
        self.halted.raise();
        for judge in self.judges.drain(..) {
            judge.actor.do_send(Dismiss);
        }
    }

    fn flush(&mut self, ctx: &mut Context<Self>) {
        let Some(work) = &mut self.work else { return };
        if self.committing {
            return;
        }
        if work.is_idle() {
            if work.state.ended() {
                ctx.stop();
            }
            return;
        }
        self.committing = true;
        let append = Arc::new(work.take(self.session, self.id, self.fence));
        let journal = self.facilities.journal.clone();
        let store = commit(journal, Arc::clone(&append)).instrument(self.span.clone());
        ctx.spawn(
            store
                .into_actor(self)
                .map(move |outcome, run, ctx| run.committed(&append, outcome, ctx)),
        );
    }

    fn committed(
        &mut self,
        append: &Append,
        outcome: Result<(), AppendError>,
        ctx: &mut Context<Self>,
    ) {
        self.committing = false;
        let _entered = self.span.clone().entered();
        let Some(work) = &mut self.work else { return };
        match outcome {
            Ok(()) => {
                work.stored(append);
                let frames = append.events.iter().map(|event| Frame {
                    seq: event.seq,
                    text: event.frame.clone(),
                });
                self.room.do_send(Publish {
                    frames: frames.collect(),
                });
                if let Some(ending) = ending(&append.changes) {
                    self.facilities
                        .metrics
                        .runs_ended
                        .count(ending.status.as_str());
                    self.tell(RunOutcome::Ended(ending.status));
                }
                self.flush(ctx);
            }
            Err(AppendError::Gone) => {
                self.tell(RunOutcome::Released);
                ctx.stop();
            }
            Err(AppendError::Fenced) => {
                self.facilities.metrics.fenced.inc();
                tracing::info!("another node has the run: it stops here");
                self.tell(RunOutcome::Released);
                ctx.stop();
            }
            Err(error @ AppendError::Conflict) => {
                tracing::error!(%error, "somebody else writes this log: the run stops");
                self.tell(RunOutcome::Released);
                ctx.stop();
            }
            Err(error) => {
                tracing::error!(%error, "the database refuses what has to be kept");
                // A cancel is asked again of whoever takes the run up. Where the database refuses even to be
                // told of its refusal, the run is lost too.
                if self.aborted.is_some() || self.refused {
                    return ctx.stop();
                }
                self.refused = true;
                // What was refused was never shown; the run says why it ends instead, even if it came to an
                // end meanwhile: to take it up again would ask judges again whose reports are refused.
                work.rewind();
                work.state.reopen();
                let message = "the database refused what had to be kept".to_owned();
                self.advance(Input::Broken(ErrorType::StorageError, message), ctx);
            }
        }
    }

    fn tell(&mut self, outcome: RunOutcome) {
        if !self.told {
            self.told = true;
            self.ended.do_send(RunEnded {
                run: self.id,
                fence: self.fence,
                outcome,
            });
        }
    }

    /// The run's turn has come; one is enough.
    fn admit(&mut self, slot: Option<OwnedSemaphorePermit>, ctx: &mut Context<Self>) {
        self.queued = None;
        if self.admitted || self.halted.is_raised() {
            return;
        }
        if self.permit.is_none() {
            self.permit = slot;
        }
        self.admitted = true;
        self.advance(Input::Admitted, ctx);
    }

    /// Whose run it is, where its texts are long and it has no place for them yet.
    fn waits_for_long_place(&self) -> Option<UserId> {
        let work = self.work.as_ref()?;
        let is_long = work.material.bytes() > self.facilities.long_texts.over;
        (is_long && self.long_place.is_none()).then_some(work.user)
    }

    fn time_is_over(&mut self, ctx: &mut Context<Self>) {
        self.aborted.get_or_insert(CancelReason::Deadline);
        self.cancel(CancelReason::Deadline, ctx);
    }

    fn begin(&mut self, loaded: LoadedRun, ctx: &mut Context<Self>) {
        self.loading = None;
        let deadline = Duration::from_millis(loaded.config.deadline_ms);
        let spent = (Utc::now() - loaded.started_at)
            .to_std()
            .unwrap_or_default();
        let run_budget = self.run_budget(&loaded);
        let (stop, orphaned) = (loaded.stop, loaded.orphaned);
        self.work = Some(Work::new(
            loaded,
            run_budget,
            self.facilities.encoder.clone(),
            Arc::clone(&self.facilities.allowed_phrases),
        ));
        if let Some(reason) = self.aborted.or(stop) {
            self.aborted = Some(reason);
            return self.cancel(reason, ctx);
        }
        if spent >= deadline {
            return self.time_is_over(ctx);
        }
        ctx.run_later(deadline.saturating_sub(spent), Self::time_is_over);
        if self.lost >= MAX_LOST || orphaned >= POISON {
            let message = "the run broke again and again; the log has the details".to_owned();
            return self.advance(Input::Broken(ErrorType::Internal, message), ctx);
        }
        self.advance(Input::Launched, ctx);
    }

    /// What its calls are paid from: what earlier ones have used is stored with their reports.
    fn run_budget(&self, loaded: &LoadedRun) -> RunBudget {
        let facilities = &self.facilities;
        let of_run = loaded.reports.iter().filter_map(|report| report.usage);
        let of_run = of_run.reduce(Usage::plus).unwrap_or_default();
        let of = |day: &DayUsage| Amount {
            tokens: day.prompt_tokens.saturating_add(day.completion_tokens),
            usd: day.cost_usd,
        };
        let payer = Payer {
            user: loaded.user_id,
            is_new: Utc::now() - loaded.user_created_at < facilities.new_user_for,
            day: &loaded.today.day,
            of_run: of_run.into(),
            of_user_day: of(&loaded.today),
            of_day: of(&loaded.today_of_all),
        };
        if !facilities.store.is_shared() {
            return facilities.ledger.run_budget(&payer);
        }
        facilities.ledger.granted_budget(&payer, |days| {
            Box::new(DayGrants {
                store: facilities.store.clone(),
                claimant: Claimant {
                    user: loaded.user_id,
                    session: self.session,
                    run: self.id,
                    fence: self.fence,
                    day: loaded.today.day.clone(),
                    of_user: grants::limit(days.of_user.limit),
                    of_all: grants::limit(days.of_all.limit),
                },
                days,
            })
        })
    }
}

fn ending(changes: &[Change]) -> Option<&Ending> {
    changes.iter().find_map(|change| match change {
        Change::Ended(ending) => Some(&**ending),
        Change::Claims(_) | Change::Verdict(_) | Change::Report(_) | Change::Decisions(_) => None,
    })
}

impl Actor for EvaluationRun {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let loading = load(self.facilities.store.clone(), self.session, self.id);
        ctx.spawn(loading.instrument(self.span.clone()).into_actor(self).map(
            |loaded, run, ctx| match loaded {
                Ok(Some(loaded)) if !loaded.ended && loaded.fence == run.fence => {
                    run.begin(loaded, ctx);
                }
                // It has ended, is deleted, or is another node's: nothing to take up again.
                Ok(_) => {
                    run.tell(RunOutcome::Released);
                    ctx.stop();
                }
                Err(error) => {
                    tracing::error!(run = %run.id, %error, "the run can't be read");
                    ctx.stop();
                }
            },
        ));
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.halt();
        self.tell(RunOutcome::Lost);
    }
}

impl Handler<Abort> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, Abort { reason }: Abort, ctx: &mut Self::Context) {
        self.aborted.get_or_insert(reason);
        self.cancel(reason, ctx);
    }
}

impl Handler<Release> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, _: Release, ctx: &mut Self::Context) {
        // The room knows.
        self.told = true;
        ctx.stop();
    }
}

impl Handler<Admit> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, Admit { turn }: Admit, ctx: &mut Self::Context) {
        if self.work.is_none() {
            self.loading = turn.loading;
        }
        if let Some(slot) = turn.slot
            && self.permit.is_none()
            && !self.halted.is_raised()
        {
            self.permit = Some(slot);
            // What is not loaded yet asks for its turn when it is; long texts still wait for their place.
            if self.work.is_some() && self.waits_for_long_place().is_none() {
                self.admit(None, ctx);
            }
        }
    }
}

impl Handler<Assessed> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, Assessed { report }: Assessed, ctx: &mut Self::Context) {
        // Nobody wants the answer any more: most likely the judge was dismissed in the middle of it.
        if self.halted.is_raised() {
            return;
        }
        let took = Duration::from_millis(report.response_time_ms);
        self.facilities.metrics.judged(
            &report.judge_name,
            &report.kind,
            report.status.as_str(),
            took,
        );
        self.advance(Input::JudgeAnswered(Box::new(report)), ctx);
    }
}
