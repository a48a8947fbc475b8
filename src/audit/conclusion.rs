//! From what the verifier and the judges say to one result.

use std::collections::BTreeMap;

use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::{Decision, Verdict};
use crate::figures;
use crate::figures::calibration::Calibration;
use crate::figures::panel::{self, Confusions};

/// How a panel's result is computed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method<'a> {
    /// Judge name to configured weight.
    pub weights: &'a BTreeMap<String, f64>,
    /// How the scores become one.
    pub strategy: AggregationStrategy,
    /// How the figures are computed.
    pub settings: &'a figures::Settings,
    /// An operator's own labels, fitted.
    pub calibration: Option<&'a Calibration>,
}

/// What a panel concludes.
#[derive(Debug)]
pub(crate) struct Conclusion {
    /// All figures; none where no judge gave a score.
    pub result: Option<AuditResult>,
    /// What the judges made of each claim that the verifier decided.
    pub decisions: Vec<Decision>,
    /// The final verdicts, in the claims' order.
    pub verdicts: Vec<Verdict>,
}

impl Method<'_> {
    /// Concludes from the verifier's verdicts and the judges' reports; `nothing` is why there is nothing to
    /// check, where there is nothing.
    pub(crate) fn conclude(
        &self,
        verdicts: Vec<Verdict>,
        reports: &[JudgeReport],
        nothing: Option<&str>,
    ) -> Conclusion {
        // How right each judge is, by the operator's own labels of claims.
        let unlabelled = Confusions::new();
        let known = self.calibration.map(|fitted| &fitted.confusions);
        let known = known.unwrap_or(&unlabelled);
        // Sums are the same to the last bit, in whatever order the judges answered.
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
