//! The judges of a run that were asked, and what is reported of them when nobody waits any longer.

use std::collections::HashSet;

use actix::prelude::*;
use tokio::time::Instant;

use crate::domain::event::CancelReason;
use crate::domain::report::JudgeReport;
use crate::domain::run::Input;
use crate::judges::budget::RunBudget;
use crate::judges::{Profile, report::cancelled};

use super::EvaluationRun;
use crate::actors::judge::JudgeActor;

/// A judge that was asked.
pub(super) struct Asked {
    pub(super) actor: Addr<JudgeActor>,
    pub(super) profile: Profile,
    pub(super) since: Instant,
}

impl Asked {
    fn cancelled(&self, run_budget: &RunBudget) -> JudgeReport {
        let tab = run_budget.close(&self.profile.name);
        cancelled(&self.profile, tab, self.since.elapsed())
    }
}

impl EvaluationRun {
    /// Ends the run. The judges that have not answered are reported, with what they used up to now.
    pub(super) fn cancel(&mut self, reason: CancelReason, ctx: &mut Context<Self>) {
        let Some(work) = &self.work else { return };
        if work.state.ended() {
            return;
        }
        let reports = work.state.reports().iter();
        let heard: HashSet<&str> = reports.map(|report| report.judge_name.as_str()).collect();
        let under_way = self
            .judges
            .iter()
            .filter(|judge| !heard.contains(judge.profile.name.as_str()))
            .map(|judge| judge.cancelled(&work.run_budget))
            .collect();
        self.advance(Input::Cancel(reason, under_way), ctx);
    }
}
