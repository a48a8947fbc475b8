//! Compares the scores of the language models with those of the offline judges: an injection in a
//! text can influence the former, but not the latter.

use super::{Answer, Case};
use super::{nli, offline};
use crate::domain::injection::OfflineComparison;
use crate::domain::report::{JudgeReport, JudgeStatus};

/// Difference of scores, in points, from which a gap counts as large: more than one level of a
/// model's rating.
pub(crate) const LARGE: f64 = 30.0;

/// Returns the comparison of one run, or `None` if no language model completed or no offline judge
/// has an opinion. If the panel has no offline judges, they are run on the case, which is
/// expensive.
pub(crate) fn comparison(
    reports: &[JudgeReport],
    case: impl FnOnce() -> Case,
) -> Option<OfflineComparison> {
    let scores = |offline: bool| -> Vec<f64> {
        reports
            .iter()
            .filter(|report| report.status == JudgeStatus::Completed)
            .filter(|report| offline::KINDS.contains(&report.kind.as_str()) == offline)
            // Excludes neural judges, which are neither language models nor among the offline
            // judges that are compared.
            .filter(|report| ![nli::KIND, nli::SPANS].contains(&report.kind.as_str()))
            .filter_map(|report| report.score)
            .collect()
    };
    let model_mean = mean(scores(false))?;
    let panel = scores(true);
    let run_for_comparison = panel.is_empty();
    let offline = if run_for_comparison {
        offline::answers(&case())
            .into_iter()
            .filter_map(|answer| match answer {
                Answer::Scored(assessment) => Some(assessment.score),
                Answer::Abstained(_) => None,
            })
            .collect()
    } else {
        panel
    };
    let offline_judges = offline.len();
    let offline_mean = mean(offline)?;
    let gap = model_mean - offline_mean;
    let large = gap.abs() >= LARGE;
    Some(OfflineComparison {
        offline_mean,
        model_mean,
        gap,
        large,
        offline_judges,
        run_for_comparison,
        note: large.then(|| note(gap)),
    })
}

fn mean(scores: Vec<f64>) -> Option<f64> {
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
}

fn note(gap: f64) -> String {
    let (direction, reading) = if gap > 0.0 {
        (
            "above",
            "the texts may have talked to the models, or they see a support that rules over words do not",
        )
    } else {
        (
            "below",
            "the texts may have talked to the models, or they see a fault that rules over words do not",
        )
    };
    format!(
        "The language models score {:.0} points {direction} the offline judges, which can't be talked to: {reading}.",
        gap.abs()
    )
}

#[cfg(test)]
#[path = "tests/comparison.rs"]
mod tests;
