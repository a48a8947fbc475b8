//! Stamps results with the panel that they are from.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::panel::{PanelStamp, StampedJudge};
use crate::domain::report::JudgeReport;
use crate::judges::Profile;

/// Hexadecimal digits of a fingerprint.
const DIGITS: usize = 32;

/// What a fingerprint is made of.
#[derive(Serialize)]
struct Stamped<'a> {
    release: &'a str,
    neural: bool,
    judges: &'a [StampedJudge],
    calibration: Option<&'a str>,
}

/// A judge as its report tells.
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

/// A judge that was not asked.
pub(crate) fn of_profile(profile: &Profile) -> StampedJudge {
    StampedJudge {
        name: profile.name.clone(),
        kind: profile.kind.clone(),
        model: profile.model.clone(),
        answered_by: None,
        rubric: None,
    }
}

/// The stamp of these judges.
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
    // Names and numbers, which can always be written.
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
