//! The stages of a run, computed off the actor's thread: claim extraction, retrieval,
//! verification, judging, and aggregation.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use chrono::Utc;
use tokio::time::Instant;
use tracing::Instrument;

use crate::audit::citations::{self, Texts};
use crate::audit::claims::{claims_of, non_claims_of, nothing_because};
use crate::audit::conclusion::{Conclusion, Method};
use crate::audit::material::Material;
use crate::audit::retrieval::{Wanted, gather};
use crate::computing::{Task, Unfinished};
use crate::domain::citation::CitationFindings;
use crate::domain::claim::Claim;
use crate::domain::ids::ClaimId;
use crate::domain::run::{Effect, Input};
use crate::domain::verdict::Verdict;
use crate::evidence::passages;
use crate::judges::comparison::comparison;
use crate::judges::{Case, JudgeError, Outcome, Profile, injection, report::report};

use super::EvaluationRun;
use super::pending_judge::PendingJudge;
use crate::actors::judge::JudgeActor;
use crate::actors::messages::{Assess, Reply};

/// Time after which a computation lets others use its core.
const SLICE: Duration = Duration::from_millis(50);

/// A claim was verified.
#[derive(Message)]
#[rtype(result = "()")]
struct Decided(Box<Verdict>);

/// The number of claims for which a collection was searched so far.
#[derive(Message)]
#[rtype(result = "()")]
struct Searched(usize);

impl EvaluationRun {
    /// Carries out one effect; its outcome returns as an input.
    pub(super) fn carry_out(&mut self, effect: Effect, ctx: &mut Context<Self>) {
        match effect {
            Effect::Admit => self.await_permits(ctx),
            Effect::ExtractClaims => self.extract(ctx),
            Effect::Retrieve => self.retrieve(ctx),
            Effect::Verify(claims) => self.verify(&claims, ctx),
            Effect::Ask(names) => self.ask(names, ctx),
            Effect::Aggregate => self.aggregate(ctx),
            Effect::End => {}
        }
    }

    /// Waits for a permit for long texts before a worker slot, so that waiting runs with long texts
    /// take no slot from short ones.
    fn await_permits(&mut self, ctx: &mut Context<Self>) {
        let Some(user) = self.waits_for_long_permit() else {
            return self.await_slot(ctx);
        };
        self.queued = Some(self.facilities.live_counts.queued.enter());
        let permits = self.facilities.long_texts.permits.clone();
        let permit = async move { permits.acquire(Some(user)).await };
        ctx.spawn(permit.into_actor(self).map(|permit, run, ctx| {
            run.long_permit = Some(permit);
            run.await_slot(ctx);
        }));
    }

    fn await_slot(&mut self, ctx: &mut Context<Self>) {
        if self.permit.is_some() {
            return self.admit(None, ctx);
        }
        let slots = Arc::clone(&self.facilities.slots);
        self.queued = Some(self.facilities.live_counts.queued.enter());
        ctx.spawn(
            slots
                .acquire_owned()
                .into_actor(self)
                .map(|permit, run, ctx| match permit {
                    Ok(permit) => run.admit(Some(permit), ctx),
                    // The semaphore is never closed.
                    Err(error) => run.broken(error.to_string(), ctx),
                }),
        );
    }

    fn extract(&mut self, ctx: &mut Context<Self>) {
        let Some(work) = &self.work else { return };
        let candidate = Arc::clone(work.material.candidate());
        self.compute(
            ctx,
            move || claims_of(&candidate),
            |claims, run, ctx| match claims {
                Ok(claims) => run.advance(Input::ClaimsExtracted(claims), ctx),
                Err(why) => run.broken(format!("the claims could not be extracted: {why}"), ctx),
            },
        );
    }

    /// Searches the collection, if one is configured, then selects the passages for the judges.
    fn retrieve(&mut self, ctx: &mut Context<Self>) {
        let Some(work) = &self.work else { return };
        let Some(collection) = work.config.collection_id else {
            return self.select(None, ctx);
        };
        let wanted = Wanted {
            user: work.user,
            collection,
            claims: work.state.claims().to_vec(),
            question: work.material.question().cloned(),
        };
        let (store, cores) = (self.facilities.store.clone(), self.facilities.cores.clone());
        let (run, task) = (ctx.address(), self.task());
        let gathering = async move {
            let searched = |done| run.do_send(Searched(done));
            gather(&store, (&cores, &task), wanted, searched).await
        };
        ctx.spawn(
            gathering
                .instrument(self.span.clone())
                .into_actor(self)
                .map(|gathered, run, ctx| match (gathered, &mut run.work) {
                    (Ok(found), Some(work)) => {
                        let from_collection = found.len();
                        work.material = Arc::new(work.material.with(found));
                        run.select(Some(from_collection), ctx);
                    }
                    (Err(why), _) => run.advance(Input::RetrievalFailed(why), ctx),
                    (Ok(_), None) => {}
                }),
        );
    }

    fn select(&mut self, from_collection: Option<usize>, ctx: &mut Context<Self>) {
        let Some(work) = &self.work else { return };
        let (material, claims) = (Arc::clone(&work.material), work.state.claims().to_vec());
        let max_chars = self.facilities.retrieval_chars;
        self.compute(
            ctx,
            move || {
                let question = material.question().map(AsRef::as_ref);
                let chosen = passages::select(material.index(), &claims, question, max_chars);
                (chosen, material.index().text().chars().count())
            },
            move |chosen, run, ctx| match chosen {
                Ok((passages, of)) => {
                    let kept = passages
                        .iter()
                        .map(|passage| passage.text.chars().count())
                        .sum();
                    if let Some(work) = &mut run.work {
                        work.passages = Some(passages);
                    }
                    run.advance(
                        Input::Retrieved {
                            from_collection,
                            kept,
                            of,
                        },
                        ctx,
                    );
                }
                Err(why) => run.advance(Input::RetrievalFailed(why), ctx),
            },
        );
    }

    /// Verifies the open claims one by one and reports each result at once. A long candidate gives
    /// its core back after each time slice, so that short runs can pass it.
    fn verify(&mut self, open: &[Claim], ctx: &mut Context<Self>) {
        let Some(work) = &self.work else { return };
        let claims: Arc<[Claim]> = work.state.claims().into();
        let open: Arc<[usize]> = open.iter().map(|claim| claim.index).collect();
        let material = Arc::clone(&work.material);
        let (cores, task, run) = (self.facilities.cores.clone(), self.task(), ctx.address());
        let deciding = async move {
            let mut next = 0;
            while next < open.len() {
                let (material, claims, open) = (
                    Arc::clone(&material),
                    Arc::clone(&claims),
                    Arc::clone(&open),
                );
                let run = run.clone();
                let slice = move || {
                    let began = Instant::now();
                    let compared = material.compared(&claims);
                    while next < open.len() && began.elapsed() < SLICE {
                        let verdict = compared.verdict(open[next]);
                        run.do_send(Decided(Box::new(verdict)));
                        next += 1;
                    }
                    next
                };
                next = cores.compute(&task, slice).await?;
            }
            Ok(())
        };
        ctx.spawn(deciding.instrument(self.span.clone()).into_actor(self).map(
            |outcome: Result<(), Unfinished>, run, ctx| {
                if let Err(why) = outcome {
                    run.advance(Input::VerificationFailed(why.to_string()), ctx);
                }
            },
        ));
    }

    /// Builds the case once, then calls all judges at the same time.
    fn ask(&mut self, names: Vec<String>, ctx: &mut Context<Self>) {
        let Some(work) = &self.work else { return };
        let material = Arc::clone(&work.material);
        let (claims, passages) = (work.state.claims().to_vec(), work.passages.clone());
        let (user, run_budget) = (Some(work.user), work.run_budget.clone());
        self.compute(
            ctx,
            move || {
                Arc::new(Case {
                    user,
                    run_budget,
                    ..material.case(&claims, passages)
                })
            },
            move |case, run, ctx| match case {
                Ok(case) => {
                    // A node that may be about to be declared dead must wait: its successor would
                    // make the same calls.
                    let node = run.facilities.node.clone();
                    let in_touch = async move { node.in_touch().await };
                    ctx.spawn(in_touch.into_actor(run).map(move |(), run, ctx| {
                        // The run may have ended meanwhile.
                        if run.halted.is_raised() {
                            return;
                        }
                        for name in names {
                            run.ask_one(&name, &case, ctx);
                        }
                    }));
                }
                Err(why) => run.broken(format!("the source could not be indexed: {why}"), ctx),
            },
        );
    }

    fn ask_one(&mut self, name: &str, case: &Arc<Case>, ctx: &mut Context<Self>) {
        let Some(judge) = self.facilities.judges.get(name) else {
            let report = not_configured(name);
            return self.advance(Input::JudgeAnswered(Box::new(report)), ctx);
        };
        let reply = Reply::new(ctx.address().recipient(), judge.profile().clone());
        let profile = judge.profile().clone();
        let span = tracing::error_span!(parent: &self.span, "judge", judge = name);
        let actor = JudgeActor::new(Arc::clone(judge), span).start();
        actor.do_send(Assess {
            case: Arc::clone(case),
            reply,
        });
        self.judges.push(PendingJudge {
            actor,
            profile,
            since: Instant::now(),
        });
    }

    fn aggregate(&mut self, ctx: &mut Context<Self>) {
        let Some(work) = &self.work else { return };
        let (verdicts, reports) = (
            work.state.verdicts().to_vec(),
            work.state.reports().to_vec(),
        );
        let strategy = work.config.aggregation_strategy;
        let (weights, settings) = (self.facilities.judges.weights(), self.facilities.figures);
        let calibration = self.facilities.calibration.clone();
        let started_at = work.started_at;
        let material = Arc::clone(&work.material);
        let (claims, passages) = (work.state.claims().to_vec(), work.passages.clone());
        self.compute(
            ctx,
            move || {
                let method = Method {
                    weights: &weights,
                    strategy,
                    settings: &settings,
                    calibration: calibration.as_deref(),
                };
                let non_claims = non_claims_of(material.candidate());
                let nothing = claims.is_empty().then(|| nothing_because(&non_claims));
                let decided = verdicts.clone();
                let Conclusion {
                    result, decisions, ..
                } = method.conclude(verdicts, &reports, nothing);
                let result = result.map(|mut result| {
                    result.citations = cited(&material, &claims, &decided);
                    result.non_claims = non_claims;
                    result.injection = injection::findings(material.signs(), material.index());
                    result.offline_comparison =
                        comparison(&reports, || material.case(&claims, passages));
                    Box::new(result)
                });
                (result, decisions)
            },
            move |computed, run, ctx| match computed {
                Ok((result, decisions)) => {
                    let elapsed = (Utc::now() - started_at).num_milliseconds();
                    let processing_time_ms = elapsed.try_into().unwrap_or(0);
                    run.advance(
                        Input::Aggregated {
                            result,
                            decisions,
                            processing_time_ms,
                        },
                        ctx,
                    );
                }
                Err(why) => run.broken(format!("the figures could not be computed: {why}"), ctx),
            },
        );
    }

    fn broken(&mut self, message: String, ctx: &mut Context<Self>) {
        self.advance(
            Input::Broken(crate::domain::event::ErrorType::Internal, message),
            ctx,
        );
    }

    /// Runs `work` on a computation thread, within the limit of the process, and `then` on this
    /// actor. A panic in `work` is returned as an error, so that it ends at most this run.
    fn compute<T: Send + 'static>(
        &self,
        ctx: &mut Context<Self>,
        work: impl FnOnce() -> T + Send + 'static,
        then: impl FnOnce(Result<T, String>, &mut Self, &mut Context<Self>) + 'static,
    ) {
        let (cores, task) = (self.facilities.cores.clone(), self.task());
        let done = async move { cores.compute(&task, work).await };
        let then = |done: Result<T, Unfinished>, run: &mut Self, ctx: &mut Context<Self>| {
            then(done.map_err(|why| why.to_string()), run, ctx);
        };
        let done = done.instrument(self.span.clone());
        ctx.spawn(done.into_actor(self).map(then));
    }

    /// The owner of the run's computations, which are stopped together with it.
    fn task(&self) -> Task {
        Task {
            user: self.work.as_ref().map(|work| work.user),
            stop: self.halted.clone(),
        }
    }
}

/// Returns the citations of the output, or `None` if not every claim has a verdict.
fn cited(material: &Material, claims: &[Claim], verdicts: &[Verdict]) -> Option<CitationFindings> {
    // The verdicts may be in any order, and are incomplete if the verification failed.
    let by_claim: HashMap<ClaimId, &Verdict> = verdicts
        .iter()
        .map(|verdict| (verdict.claim.id, verdict))
        .collect();
    let verdicts: Option<Vec<Verdict>> = claims
        .iter()
        .map(|claim| by_claim.get(&claim.id).copied().cloned())
        .collect();
    citations::findings(&Texts {
        source: material.source(),
        sources: material.sources(),
        candidate: material.candidate(),
        claims: material.compared(claims).read(),
        verdicts: &verdicts.unwrap_or_default(),
        index: material.index(),
        encoder: material.encoder(),
    })
}

fn not_configured(name: &str) -> crate::domain::report::JudgeReport {
    let profile = Profile {
        name: name.to_owned(),
        kind: "unknown".into(),
        model: "unknown".into(),
        offline: false,
        weight: 1.0,
    };
    let error = JudgeError::Internal("it is no longer configured on this server".into());
    report(&profile, Outcome::of(0, Err(error)), Duration::ZERO)
}

impl Handler<Searched> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, Searched(done): Searched, ctx: &mut Self::Context) {
        self.advance(Input::Searched(done), ctx);
    }
}

impl Handler<Decided> for EvaluationRun {
    type Result = ();

    fn handle(&mut self, Decided(verdict): Decided, ctx: &mut Self::Context) {
        self.advance(Input::ClaimDecided(verdict), ctx);
    }
}
