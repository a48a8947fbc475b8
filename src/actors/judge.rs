//! A judge at work for one run: asks, measures, answers exactly once.

use std::sync::Arc;

use actix::prelude::*;
use tracing::{Instrument, Span};

use crate::domain::report::JudgeReport;
use crate::judges::report::{assessed, lost};
use crate::judges::{Judge, Profile};

use super::messages::{Assess, Assessed, Dismiss};

/// The way of one answer back to the run. If it is dropped unused (the judge panicked, or forgot),
/// it reports the judge as lost: the run always hears something.
#[derive(Debug)]
pub struct Reply {
    to: Recipient<Assessed>,
    profile: Option<Profile>,
}

impl Reply {
    /// An answer for the judge of that profile.
    pub fn new(to: Recipient<Assessed>, profile: Profile) -> Self {
        Self {
            to,
            profile: Some(profile),
        }
    }

    /// Answers. Not bounded by the run's mailbox, since an answer must not be lost and there is at
    /// most one.
    pub fn send(mut self, report: JudgeReport) {
        self.profile = None;
        self.to.do_send(Assessed { report });
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(profile) = self.profile.take() {
            self.to.do_send(Assessed {
                report: lost(&profile),
            });
        }
    }
}

/// One judge of one run.
pub struct JudgeActor {
    judge: Arc<dyn Judge>,
    span: Span,
}

impl JudgeActor {
    /// The actor for this judge; what it logs stands in the span.
    pub fn new(judge: Arc<dyn Judge>, span: Span) -> Self {
        Self { judge, span }
    }
}

impl Actor for JudgeActor {
    type Context = Context<Self>;
}

impl Handler<Assess> for JudgeActor {
    type Result = ();

    fn handle(&mut self, Assess { case, reply }: Assess, ctx: &mut Self::Context) {
        let judge = Arc::clone(&self.judge);
        let work = async move { reply.send(assessed(judge.as_ref(), case).await) };
        let work = work.instrument(self.span.clone());
        ctx.spawn(work.into_actor(self).map(|(), _, ctx| ctx.stop()));
    }
}

impl Handler<Dismiss> for JudgeActor {
    type Result = ();

    fn handle(&mut self, _: Dismiss, ctx: &mut Self::Context) {
        // Drops the future, and with it the request that it waits for.
        ctx.stop();
    }
}
