//! Asks the panel without a server and without a database: what `benchmark` measures.

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
    /// What the output has to hold to.
    pub source: String,
    pub candidate: String,
    pub question: Option<String>,
}

/// What the panel makes of one pair.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Opinion {
    /// All figures; none where no judge gave a score.
    pub result: Option<AuditResult>,
    /// The final verdicts, in the claims' order.
    pub verdicts: Vec<Verdict>,
    /// What the verifier alone makes of the same claims.
    pub verifier: Vec<Probabilities>,
    /// What each judge said, in the order of [`Panel::names`].
    pub reports: Vec<JudgeReport>,
}

impl Opinion {
    /// The chance that the source supports all of it; none without a claim, or without a score.
    pub(crate) fn probability(&self) -> Option<f64> {
        let faithfulness = self.result.as_ref()?.faithfulness.as_ref()?;
        Some(faithfulness.probability)
    }
}

/// Some judges, asked as a run asks them.
pub(crate) struct Panel {
    table: JudgeTable,
    names: Vec<String>,
    weights: BTreeMap<String, f64>,
    shared: Shared,
    calibration: Option<Calibration>,
}

/// What a panel shares with everything else of its process.
pub(crate) struct Shared {
    /// How figures are computed.
    pub figures: figures::Settings,
    /// Where heavy texts are computed on.
    pub cores: Cores,
    /// The model in the binary, where it is used.
    pub encoder: Option<Arc<Encoder>>,
    /// What an operator knows to be no attack.
    pub allowed_phrases: Arc<AllowedPhrases>,
}

impl Panel {
    /// The judges of a table.
    pub(crate) fn new(table: JudgeTable, shared: Shared) -> Self {
        Self {
            names: table.profiles().map(|judge| judge.name.clone()).collect(),
            weights: table.weights(),
            table,
            shared,
            calibration: None,
        }
    }

    /// The same, with a calibration; without one that was fitted on other judges.
    pub(crate) fn calibrated(self, calibration: Option<Calibration>) -> Self {
        let mut names = self.names.clone();
        names.sort();
        Self {
            calibration: calibration.filter(|made| made.judges == names),
            ..self
        }
    }

    /// The chance under which an output is flagged.
    pub(crate) fn threshold(&self) -> f64 {
        let calibration = self.calibration.as_ref();
        calibration.map_or(figures::THRESHOLD, |made| made.map.threshold)
    }

    /// The judges, in the configuration's order.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// True where no judge sends anything out.
    pub(crate) fn offline(&self) -> bool {
        self.table.profiles().all(|judge| judge.offline)
    }

    /// What asking the judges will take, by judge; none for those that nothing is paid for.
    ///
    /// # Errors
    /// Reading the texts failed.
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

    /// Asks every judge about one pair.
    ///
    /// # Errors
    /// Reading the texts failed.
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
                texts.source,
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
