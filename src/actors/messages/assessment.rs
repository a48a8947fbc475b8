//! Messages between a run and a judge: the request, and its single answer.

use std::sync::Arc;

use actix::{Message, Recipient};

use crate::domain::report::JudgeReport;
use crate::judges::report::lost;
use crate::judges::{Case, Profile};

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Assess {
    pub case: Arc<Case>,
    pub reply: Reply,
}

/// A judge has answered, or is lost.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Assessed {
    pub report: JudgeReport,
}

/// Cancels the judge's pending work.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Dismiss;

/// Sends one answer to the run. If it is dropped unused because the judge panicked or forgot to
/// answer, it reports the judge as lost, so that the run always gets an answer.
#[derive(Debug)]
pub(crate) struct Reply {
    to: Recipient<Assessed>,
    profile: Option<Profile>,
}

impl Reply {
    /// Creates the reply channel for the judge with this profile.
    pub(crate) fn new(to: Recipient<Assessed>, profile: Profile) -> Self {
        Self {
            to,
            profile: Some(profile),
        }
    }

    /// Sends the answer. It ignores the mailbox limit of the run, since an answer must not be lost
    /// and there is at most one.
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
