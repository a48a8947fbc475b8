//! Calls the judges of a panel without a server or a database, as `benchmark` does.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::computing::{Cores, Task, Unfinished};
use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::{Probabilities, Verdict};
use crate::figures;
use crate::figures::calibration::Calibration;
use crate::judges::Case;
pub(crate) use crate::judges::Estimate;
use crate::judges::injection::AllowedPhrases;
use crate::judges::report::assessed;
use crate::judges::table::JudgeTable;
use crate::neural::Encoder;

use super::conclusion::{Conclusion, Method};
use super::material::prepare;

#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The text that the candidate is verified against.
    pub source: String,
    pub candidate: String,
    pub question: Option<String>,
}

/// The result of a panel for one source and candidate.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Opinion {
    /// All figures; `None` if no judge gave a score.
    pub result: Option<AuditResult>,
    /// The final verdicts, in the order of the claims.
    pub verdicts: Vec<Verdict>,
    /// The probabilities of the verifier alone for the same claims.
    pub verifier: Vec<Probabilities>,
    /// The reports of the judges, in the order of [`Panel::names`].
    pub reports: Vec<JudgeReport>,
}

impl Opinion {
    /// The probability that the source supports the whole candidate; `None` without a
    /// claim or a score.
    pub(crate) fn probability(&self) -> Option<f64> {
        let faithfulness = self.result.as_ref()?.faithfulness.as_ref()?;
        Some(faithfulness.probability)
    }
}

/// A set of judges, called in the same way as by a run.
pub(crate) struct Panel {
    table: JudgeTable,
    names: Vec<String>,
    weights: BTreeMap<String, f64>,
    shared: Shared,
    calibration: Option<Calibration>,
}

/// Services that a panel shares with the rest of the process.
pub(crate) struct Shared {
    pub figures: figures::Settings,
    /// Limits the threads that compute heavy texts.
    pub cores: Cores,
    /// The embedded model; `None` if it is switched off.
    pub encoder: Option<Arc<Encoder>>,
    /// Phrases that the operator has declared harmless for the injection check.
    pub allowed_phrases: Arc<AllowedPhrases>,
}

impl Panel {
    /// Creates a panel of all judges of a table.
    pub(crate) fn new(table: JudgeTable, shared: Shared) -> Self {
        Self {
            names: table.profiles().map(|judge| judge.name.clone()).collect(),
            weights: table.weights(),
            table,
            shared,
            calibration: None,
        }
    }

    /// Uses the calibration, unless it was fitted on other judges.
    pub(crate) fn calibrated(self, calibration: Option<Calibration>) -> Self {
        let mut names = self.names.clone();
        names.sort();
        Self {
            calibration: calibration.filter(|made| made.judges == names),
            ..self
        }
    }

    /// The probability below which a candidate is flagged.
    pub(crate) fn threshold(&self) -> f64 {
        let calibration = self.calibration.as_ref();
        calibration.map_or(figures::THRESHOLD, |made| made.map.threshold)
    }

    /// The names of the judges, in the order of the configuration.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns true if no judge sends the texts to another machine.
    pub(crate) fn offline(&self) -> bool {
        self.table.profiles().all(|judge| judge.offline)
    }

    /// Estimates the usage of each judge; `None` for judges whose calls are free.
    ///
    /// # Errors
    /// The texts could not be processed.
    pub(crate) async fn estimate(
        &self,
        texts: Question,
    ) -> Result<Vec<Option<Estimate>>, Unfinished> {
        let case = self.case(texts).await?.0;
        Ok(self
            .table
            .iter()
            .map(|judge| judge.estimate(&case))
            .collect())
    }

    /// Calls every judge about one source and candidate.
    ///
    /// # Errors
    /// The texts could not be processed.
    pub(crate) async fn ask(&self, texts: Question) -> Result<Opinion, Unfinished> {
        let (case, verdicts) = self.case(texts).await?;
        let asking = self
            .table
            .iter()
            .map(|judge| assessed(judge, Arc::clone(&case)));
        let reports: Vec<JudgeReport> = join_all(asking).await;
        let verifier = verdicts.iter().map(|verdict| verdict.probability).collect();
        let method = Method {
            weights: &self.weights,
            strategy: AggregationStrategy::default(),
            settings: &self.shared.figures,
            calibration: self.calibration.as_ref(),
        };
        let Conclusion {
            result, verdicts, ..
        } = method.conclude(verdicts, &reports, None);
        Ok(Opinion {
            result,
            verifier,
            verdicts,
            reports,
        })
    }

    async fn case(&self, texts: Question) -> Result<(Arc<Case>, Vec<Verdict>), Unfinished> {
        let Shared {
            cores,
            encoder,
            allowed_phrases,
            ..
        } = &self.shared;
        let (encoder, allowed) = (encoder.clone(), Arc::clone(allowed_phrases));
        let read = move || {
            let case = prepare(
                (texts.source, Vec::new()),
                texts.candidate,
                texts.question,
                Vec::new(),
                None,
                (encoder, allowed),
            );
            let verdicts = (0..case.claims().len())
                .map(|at| case.compared.verdict(at))
                .collect();
            (Arc::new(case), verdicts)
        };
        cores.compute(&Task::default(), read).await
    }
}
