//! Stamps results with the panel of judges that made them.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::panel::{PanelStamp, StampedJudge};
use crate::domain::report::JudgeReport;
use crate::judges::Profile;

/// Length of a fingerprint in hexadecimal digits, which is 128 bits.
const DIGITS: usize = 32;

/// The fields that a fingerprint is a digest of; their order is part of it.
#[derive(Serialize)]
struct Stamped<'a> {
    release: &'a str,
    neural: bool,
    judges: &'a [StampedJudge],
    calibration: Option<&'a str>,
}

pub(crate) fn of_report(report: &JudgeReport) -> StampedJudge {
    let details = report.details.as_ref();
    let prompt = details.and_then(|details| details.prompt.as_ref());
    StampedJudge {
        name: report.judge_name.clone(),
        kind: report.kind.clone(),
        model: report.model.clone(),
        answered_by: details.and_then(|details| details.answered_by.clone()),
        rubric: prompt.map(|prompt| prompt.version.clone()),
    }
}

/// Stamps a judge without a report: the model that would have answered is unknown.
pub(crate) fn of_profile(profile: &Profile) -> StampedJudge {
    StampedJudge {
        name: profile.name.clone(),
        kind: profile.kind.clone(),
        model: profile.model.clone(),
        answered_by: None,
        rubric: None,
    }
}

/// Creates the stamp of these judges; their order does not matter.
pub(crate) fn of_judges(
    mut judges: Vec<StampedJudge>,
    neural: bool,
    calibration: Option<&str>,
) -> PanelStamp {
    judges.sort();
    judges.dedup();
    let release = env!("CARGO_PKG_VERSION");
    let stamped = Stamped {
        release,
        neural,
        judges: &judges,
        calibration,
    };
    // Strings and booleans can always be serialized.
    let bytes = serde_json::to_vec(&stamped).unwrap_or_default();
    let mut fingerprint = format!("{:x}", Sha256::digest(bytes));
    fingerprint.truncate(DIGITS);
    PanelStamp {
        fingerprint,
        release: release.to_owned(),
        neural,
        judges,
        calibration: calibration.map(str::to_owned),
    }
}

#[cfg(test)]
#[path = "tests/stamp.rs"]
mod tests;
