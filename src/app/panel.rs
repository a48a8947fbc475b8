//! Asks the panel without a server and without a database: what `benchmark` measures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use futures_util::future::join_all;

use super::judges::judge_table;
use crate::actors::material::prepare;
use crate::computing::{Cores, Task};
use crate::config::{Config, JudgeSettings};
use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::{Probabilities, Verdict};
use crate::evidence;
use crate::judges::injection::AllowedPhrases;
use crate::judges::report::report;
use crate::judges::table::JudgeTable;
use crate::judges::{Case, Estimate};
use crate::metrics;
use crate::metrics::calibration::Calibration;
use crate::metrics::panel::{self, Confusions};
use crate::neural::Encoder;

/// Texts to judge.
#[derive(Debug, Clone)]
pub struct Question {
    /// What the output has to hold to.
    pub source: String,
    /// The model's output.
    pub candidate: String,
    /// What it answers.
    pub question: Option<String>,
}

/// What the panel makes of one pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
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
    pub fn probability(&self) -> Option<f64> {
        let faithfulness = self.result.as_ref()?.faithfulness.as_ref()?;
        Some(faithfulness.probability)
    }
}

/// Some judges, asked as a run asks them.
pub struct Panel {
    table: JudgeTable,
    names: Vec<String>,
    weights: BTreeMap<String, f64>,
    settings: metrics::Settings,
    cores: Cores,
    encoder: Option<Arc<Encoder>>,
    allowed: Arc<AllowedPhrases>,
    calibration: Option<Calibration>,
}

impl Panel {
    /// The judges of these names; the configuration's default panel where none is named.
    ///
    /// # Errors
    /// A judge can't be had.
    pub fn new(config: &Config, names: &[String]) -> Result<Self> {
        let names = if names.is_empty() {
            &config.runs.default_judges
        } else {
            names
        };
        let chosen = |judge: &&JudgeSettings| names.contains(&judge.name);
        let config = Config {
            judges: config.judges.iter().filter(chosen).cloned().collect(),
            ..config.clone()
        };
        let cores = Cores::of_machine();
        let table = judge_table(&config, &cores)?;
        Ok(Self {
            names: table.profiles().map(|judge| judge.name.clone()).collect(),
            weights: table.weights(),
            settings: config.metrics,
            table,
            cores,
            encoder: super::encoder(&config),
            allowed: Arc::new(AllowedPhrases::new(&config.injection.allowed_phrases)),
            calibration: None,
        })
    }

    /// The same, with the calibration that runs would use: none where none is configured, or where it was
    /// fitted on other judges.
    ///
    /// # Errors
    /// The calibration can't be read.
    pub fn calibrated(self, config: &Config) -> Result<Self> {
        let mut names = self.names.clone();
        names.sort();
        let calibration =
            super::configured_calibration(config)?.filter(|made| made.judges == names);
        Ok(Self {
            calibration,
            ..self
        })
    }

    /// The chance under which an output is flagged.
    pub fn threshold(&self) -> f64 {
        let calibration = self.calibration.as_ref();
        calibration.map_or(metrics::THRESHOLD, |made| made.map.threshold)
    }

    /// The judges, in the configuration's order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// True where no judge sends anything out.
    pub fn offline(&self) -> bool {
        self.table.profiles().all(|judge| judge.offline)
    }

    /// What asking the judges will take, by judge; none for those that nothing is paid for.
    ///
    /// # Errors
    /// Reading the texts failed.
    pub async fn estimate(&self, texts: Question) -> Result<Vec<Option<Estimate>>> {
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
    pub async fn ask(&self, texts: Question) -> Result<Opinion> {
        let (case, verdicts) = self.case(texts).await?;
        let asking = self.table.iter().map(|judge| {
            let assessing = judge.assess(Arc::clone(&case));
            let begin = Instant::now();
            async move { report(judge.profile(), assessing.await, begin.elapsed()) }
        });
        let reports: Vec<JudgeReport> = join_all(asking).await;
        let unlabelled = Confusions::new();
        let known = self.calibration.as_ref().map(|made| &made.confusions);
        let known = known.unwrap_or(&unlabelled);
        let decisions = panel::decide(&verdicts, &reports, &self.weights, known);
        let verifier = verdicts.iter().map(|verdict| verdict.probability).collect();
        let verdicts = panel::decided(verdicts, &decisions);
        let input = metrics::Input {
            verdicts: &verdicts,
            reports: &reports,
            weights: &self.weights,
            strategy: AggregationStrategy::default(),
        };
        let mut result = metrics::summarise(&input, &self.settings);
        if let (Some(result), Some(calibration)) = (&mut result, &self.calibration) {
            calibration.apply(result, &reports);
        }
        Ok(Opinion {
            result,
            verifier,
            verdicts,
            reports,
        })
    }

    async fn case(&self, texts: Question) -> Result<(Arc<Case>, Vec<Verdict>)> {
        let (encoder, allowed) = (self.encoder.clone(), Arc::clone(&self.allowed));
        let read = move || {
            let case = prepare(
                texts.source,
                texts.candidate,
                texts.question,
                Vec::new(),
                None,
                (encoder, allowed),
            );
            let verdicts = (0..case.claims.len())
                .map(|at| evidence::decide(&case.index, &case.claims, at))
                .collect();
            (Arc::new(case), verdicts)
        };
        Ok(self.cores.compute(&Task::default(), read).await?)
    }
}

#[cfg(test)]
#[path = "panel_tests.rs"]
mod tests;
