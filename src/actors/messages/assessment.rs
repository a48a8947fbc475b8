//! Between a run and a judge: the question, and the way of its one answer.

use std::sync::Arc;

use actix::{Message, Recipient};

use crate::domain::report::JudgeReport;
use crate::judges::report::lost;
use crate::judges::{Case, Profile};

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Assess {
    pub case: Arc<Case>,
    /// Where the answer goes.
    pub reply: Reply,
}

/// A judge was heard, or lost.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Assessed {
    /// What came of it.
    pub report: JudgeReport,
}

/// Drops whatever the judge is doing.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Dismiss;

/// The way of one answer back to the run. If it is dropped unused (the judge panicked, or forgot),
/// it reports the judge as lost: the run always hears something.
#[derive(Debug)]
pub(crate) struct Reply {
    to: Recipient<Assessed>,
    profile: Option<Profile>,
}

impl Reply {
    /// An answer for the judge of that profile.
    pub(crate) fn new(to: Recipient<Assessed>, profile: Profile) -> Self {
        Self {
            to,
            profile: Some(profile),
        }
    }

    /// Answers. Not bounded by the run's mailbox, since an answer must not be lost and there is at
    /// most one.
    pub(crate) fn send(mut self, report: JudgeReport) {
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
