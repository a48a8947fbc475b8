//! A judge that was called, and its report if the run ends before it answers.

use actix::Addr;
use tokio::time::Instant;

use crate::domain::report::JudgeReport;
use crate::judges::budget::RunBudget;
use crate::judges::{Profile, report::cancelled};

use crate::actors::judge::JudgeActor;

pub(super) struct PendingJudge {
    pub(super) actor: Addr<JudgeActor>,
    pub(super) profile: Profile,
    pub(super) since: Instant,
}

impl PendingJudge {
    pub(super) fn cancelled(&self, run_budget: &RunBudget) -> JudgeReport {
        let usage = run_budget.close(&self.profile.name);
        cancelled(&self.profile, usage, self.since.elapsed())
    }
}
