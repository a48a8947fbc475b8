//! Combines the verifier's verdicts and the judges' reports into one result.

use std::collections::BTreeMap;

use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::{Decision, Verdict};
use crate::figures;
use crate::figures::calibration::Calibration;
use crate::figures::panel::{self, Confusions};

/// The method by which a panel's result is computed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method<'a> {
    /// The configured weight of each judge, by name.
    pub weights: &'a BTreeMap<String, f64>,
    /// The way in which the scores are combined.
    pub strategy: AggregationStrategy,
    pub settings: &'a figures::Settings,
    /// Calibration fitted on the operator's own labels, if configured.
    pub calibration: Option<&'a Calibration>,
}

/// The conclusion of a panel.
#[derive(Debug)]
pub(crate) struct Conclusion {
    /// All figures; `None` if no judge gave a score.
    pub result: Option<AuditResult>,
    /// The panel's decision about each claim that the verifier decided.
    pub decisions: Vec<Decision>,
    /// The final verdicts, in the order of the claims.
    pub verdicts: Vec<Verdict>,
}

impl Method<'_> {
    /// Combines the verifier's verdicts and the judges' reports. `nothing` is the reason why there
    /// is nothing to check, if so.
    pub(crate) fn conclude(
        &self,
        verdicts: Vec<Verdict>,
        reports: &[JudgeReport],
        nothing: Option<&str>,
    ) -> Conclusion {
        // The judges' confusion matrices, counted from the operator's labels of claims.
        let unlabelled = Confusions::new();
        let known = self.calibration.map(|fitted| &fitted.confusions);
        let known = known.unwrap_or(&unlabelled);
        // Sorted, so that sums are the same to the last bit whatever the order of the answers.
        let mut reports = reports.to_vec();
        reports.sort_by(|one, other| one.judge_name.cmp(&other.judge_name));
        let reports = reports.as_slice();
        let decisions = panel::decide(&verdicts, reports, self.weights, known);
        let verdicts = panel::decided(verdicts, &decisions);
        let input = figures::Input {
            verdicts: &verdicts,
            reports,
            weights: self.weights,
            strategy: self.strategy,
        };
        let mut result = match nothing {
            Some(why) => Some(figures::nothing_to_check(&input, why)),
            None => figures::summarise(&input, self.settings),
        };
        if let (Some(result), Some(calibration)) = (&mut result, self.calibration) {
            calibration.apply(result, reports);
        }
        Conclusion {
            result,
            decisions,
            verdicts,
        }
    }
}

#[cfg(test)]
#[path = "tests/conclusion.rs"]
mod tests;
