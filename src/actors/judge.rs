//! A judge working for one run: it calls the judge, measures the time, and answers exactly once.

use std::sync::Arc;

use actix::prelude::*;
use tracing::{Instrument, Span};

use crate::judges::Judge;
use crate::judges::report::assessed;

use super::messages::{Assess, Dismiss};

/// One judge of one run.
pub(crate) struct JudgeActor {
    judge: Arc<dyn Judge>,
    span: Span,
}

impl JudgeActor {
    /// Creates the actor; its log lines belong to the span.
    pub(crate) fn new(judge: Arc<dyn Judge>, span: Span) -> Self {
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
        // Drops the future and with it the pending request.
        ctx.stop();
    }
}
