//! Ends a run before its judges have answered.

use std::collections::HashSet;

use actix::prelude::*;

use crate::domain::event::CancelReason;
use crate::domain::run::Input;

use super::EvaluationRun;

impl EvaluationRun {
    /// Ends the run. Judges that have not answered are reported with their usage so far.
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
