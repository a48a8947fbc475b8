//! A run: applies inputs to the state machine, stores the resulting events, then publishes them.
//!
//! The order is always the same. An input is applied to `RunState`; its events are encoded once,
//! with the next sequence numbers; events and changes are committed together; only then are the
//! frames published. While a commit is running, further steps are collected and committed together
//! next. The work of each stage is in `stages`.

mod cancel;
mod grants;
mod pending_judge;
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
use crate::computing::{Cores, FairPermit, FairSemaphore, Stop};
use crate::domain::event::{CancelReason, ErrorType};
use crate::domain::ids::{RunId, SessionId, UserId};
use crate::domain::report::Usage;
use crate::domain::run::{Change, Effect, Ending, Input, Step};
use crate::figures;
use crate::judges::budget::{Amount, Granted, KeyPayer, Ledger, Payer, RunBudget};
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

use grants::DayGrants;
use pending_judge::PendingJudge;
use storage::{commit, load};
use work::Work;

/// Maximum number of restarts of a run whose actor was lost. After that it ends with an error,
/// since the same fault would occur forever.
pub(super) const MAX_LOST: u32 = 3;

/// Services that all runs of the process share.
#[derive(Clone)]
pub(crate) struct Facilities {
    pub store: Store,
    /// The only writer of the event log.
    pub journal: Journal,
    /// Reads events that other nodes have stored; `None` on SQLite, where there are no other nodes.
    pub tail: Option<Tail>,
    pub bus: Arc<dyn Bus>,
    pub node: OwnNode,
    /// The runs that have an actor, kept to find those that have none.
    pub worked_on: WorkedOn,
    /// Publishes the number of connections and members to the other nodes.
    pub presence: Presence,
    pub judges: JudgeTable,
    /// One permit for each run that may work at the same time.
    pub slots: Arc<Semaphore>,
    /// Decides between this node and the others before a slot is taken.
    pub placement: Placement,
    /// Additional permits for runs with long texts.
    pub long_texts: LongTexts,
    /// Limits the threads that compute heavy texts.
    pub cores: Cores,
    /// The budgets that calls of judges are reserved from.
    pub ledger: Ledger,
    /// Age up to which an account counts as new.
    pub new_user_for: TimeDelta,
    pub figures: figures::Settings,
    /// Calibration fitted on the operator's own labels, if configured.
    pub calibration: Option<Arc<figures::calibration::Calibration>>,
    /// The embedded model; `None` if it is switched off.
    pub encoder: Option<Arc<Encoder>>,
    /// Phrases that the operator has declared harmless for the injection check.
    pub allowed_phrases: Arc<AllowedPhrases>,
    /// Maximum length of the retrieved part of the source, in characters.
    pub retrieval_chars: usize,
    pub live_counts: LiveCounts,
    pub metrics: Arc<Metrics>,
}

/// Limits runs with long texts. The data computed from a text, kept until its run ends, takes about
/// a hundred times the text's bytes, so a limit on the number of runs alone would not bound memory.
#[derive(Debug, Clone)]
pub(crate) struct LongTexts {
    /// Total size of a run's texts above which they count as long, in bytes.
    pub over: usize,
    /// Shared fairly between users, so that nobody waits for all long texts of another user.
    pub permits: FairSemaphore,
}

impl LongTexts {
    /// Default threshold of [`Self::over`]: 64 KiB.
    pub(crate) const OVER: usize = 64 << 10;

    /// Creates `permits`, of which one user may hold half.
    pub(crate) fn new(permits: usize) -> Self {
        Self {
            over: Self::OVER,
            permits: FairSemaphore::new(permits, permits.div_ceil(2)),
        }
    }
}

pub(crate) struct EvaluationRun {
    session: SessionId,
    id: RunId,
    /// The fence of the ownership that it works under.
    fence: i64,
    lost: u32,
    facilities: Facilities,
    room: Recipient<Publish>,
    ended: Recipient<RunEnded>,
    work: Option<Work>,
    judges: Vec<PendingJudge>,
    permit: Option<OwnedSemaphorePermit>,
    /// The permit for long texts, if its texts are long.
    long_permit: Option<FairPermit>,
    admitted: bool,
    /// Counts the run as queued while it waits for a worker slot.
    queued: Option<GaugeGuard>,
    /// A loading permit, held until the run is loaded.
    loading: Option<OwnedSemaphorePermit>,
    /// Stops computations on other threads whose result is no longer needed.
    halted: Stop,
    committing: bool,
    /// The cancellation that was requested, possibly before the run was loaded.
    aborted: Option<CancelReason>,
    told: bool,
    /// The database has rejected data that had to be stored.
    refused: bool,
    /// The tracing span of all log lines about the run.
    span: Span,
    _counted: GaugeGuard,
    _at_work: AtWork,
}

impl EvaluationRun {
    /// Creates a run that loads itself when it starts; `lost` is the number of actors of it
    /// that were lost before.
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
            long_permit: None,
            admitted: false,
            queued: None,
            loading: None,
            halted: Stop::default(),
            committing: false,
            aborted: None,
            told: false,
            refused: false,
            // A span of level error, so that no level filter removes it.
            span: tracing::error_span!("run", %session, run = %id),
            _counted: counted,
            _at_work: at_work,
        }
    }

    /// Applies one input: updates the state, stores the events, carries out the effects.
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

    /// Stops all work in progress; decided events are still stored. The worker slot is
    /// released only when the actor is dropped, so that runs do not end faster than the
    /// database can store them.
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
                    self.report_end(RunOutcome::Ended(ending.status));
                }
                self.flush(ctx);
            }
            Err(AppendError::Gone) => {
                self.report_end(RunOutcome::Released);
                ctx.stop();
            }
            Err(AppendError::Fenced) => {
                self.facilities.metrics.fenced.inc();
                tracing::info!("another node has the run: it stops here");
                self.report_end(RunOutcome::Released);
                ctx.stop();
            }
            Err(error @ AppendError::Conflict) => {
                tracing::error!(%error, "somebody else writes this log: the run stops");
                self.report_end(RunOutcome::Released);
                ctx.stop();
            }
            Err(error) => {
                tracing::error!(%error, "the database refuses what has to be kept");
                // A cancellation is requested again from the actor that resumes the run. If the
                // database even rejects the error event, the run is lost too.
                if self.aborted.is_some() || self.refused {
                    return ctx.stop();
                }
                self.refused = true;
                // The rejected events were never published. The run ends with an error
                // instead, even if it had completed meanwhile: resuming it would call judges
                // again whose reports are rejected.
                work.rewind();
                work.state.reopen();
                let message = "the database refused what had to be kept".to_owned();
                self.advance(Input::Broken(ErrorType::StorageError, message), ctx);
            }
        }
    }

    fn report_end(&mut self, outcome: RunOutcome) {
        if !self.told {
            self.told = true;
            self.ended.do_send(RunEnded {
                run: self.id,
                fence: self.fence,
                outcome,
            });
        }
    }

    /// Starts the work once the run has its permits. Further calls have no effect.
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

    /// Returns the user whose permit for long texts the run still needs; `None` if it needs none.
    fn waits_for_long_permit(&self) -> Option<UserId> {
        let work = self.work.as_ref()?;
        let is_long = work.material.bytes() > self.facilities.long_texts.over;
        (is_long && self.long_permit.is_none()).then_some(work.user)
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

    /// Creates the budget for the run's calls. The usage of earlier calls is read
    /// from their stored reports.
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
            key: loaded.today_of_key.as_ref().map(|today| KeyPayer {
                key: today.key,
                limit: today.budget.into(),
                of_day: of(&today.used),
            }),
            // Where there are grants, the database counts them whenever it hands out more.
            granted: Granted::default(),
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
                    of_key: days
                        .of_key
                        .map(|(key, budget)| (key, grants::limit(budget.limit))),
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
                // The run has ended, was deleted, or belongs to another node: nothing to resume.
                Ok(_) => {
                    run.report_end(RunOutcome::Released);
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
        self.report_end(RunOutcome::Lost);
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
        // The room has sent this message, so that it needs no report.
        self.told = true;
        ctx.stop();
    }
}

impl Handler<Admit> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, Admit { permits }: Admit, ctx: &mut Self::Context) {
        if self.work.is_none() {
            self.loading = permits.loading;
        }
        if let Some(slot) = permits.slot
            && self.permit.is_none()
            && !self.halted.is_raised()
        {
            self.permit = Some(slot);
            // A run that is not loaded yet requests its slot later; long texts still
            // wait for their permit.
            if self.work.is_some() && self.waits_for_long_permit().is_none() {
                self.admit(None, ctx);
            }
        }
    }
}

impl Handler<Assessed> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, Assessed { report }: Assessed, ctx: &mut Self::Context) {
        // The answer is no longer needed; most likely the judge was dismissed while it was working.
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
