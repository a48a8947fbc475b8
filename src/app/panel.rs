//! Asks the panel without a server and without a database: what `benchmark` measures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::judges::judge_table;
use crate::actors::material::prepare;
use crate::config::{Config, JudgeSettings};
use crate::domain::claim::Span;
use crate::domain::report::JudgeReport;
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::Label;
use crate::evidence;
use crate::judges::report::report;
use crate::judges::table::JudgeTable;
use crate::judges::{Case, Estimate};
use crate::metrics;
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
    /// None where no judge gave a score.
    pub hallucination_score: Option<f64>,
    /// Each judge's score, in the order of [`Panel::names`].
    pub scores: Vec<Option<f64>>,
    /// The verifier's labels.
    pub labels: Vec<Label>,
    /// What the judges flagged, where it can be pinned down.
    pub flagged: Vec<Span>,
    /// Judges that failed.
    pub failed: usize,
}

/// Some judges, asked as a run asks them.
pub struct Panel {
    table: JudgeTable,
    names: Vec<String>,
    weights: BTreeMap<String, f64>,
    settings: metrics::Settings,
    cores: Arc<Semaphore>,
    encoder: Option<Arc<Encoder>>,
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
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = Arc::new(Semaphore::new(cores));
        let table = judge_table(&config, &cores)?;
        Ok(Self {
            names: table.profiles().map(|judge| judge.name.clone()).collect(),
            weights: table.weights(),
            settings: config.metrics,
            table,
            cores,
            encoder: super::encoder(&config),
        })
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
        let input = metrics::Input {
            verdicts: &verdicts,
            reports: &reports,
            weights: &self.weights,
            strategy: AggregationStrategy::default(),
        };
        let result = metrics::summarise(&input, &self.settings);
        Ok(Opinion {
            hallucination_score: result.and_then(|result| result.hallucination_score),
            scores: reports.iter().map(|report| report.score).collect(),
            labels: verdicts.iter().map(|verdict| verdict.label).collect(),
            flagged: reports
                .iter()
                .flat_map(|report| &report.flagged_issues)
                .filter_map(|issue| issue.span)
                .collect(),
            failed: reports
                .iter()
                .filter(|report| report.status.is_failure())
                .count(),
        })
    }

    async fn case(
        &self,
        texts: Question,
    ) -> Result<(Arc<Case>, Vec<crate::domain::verdict::Verdict>)> {
        let permit = Arc::clone(&self.cores).acquire_owned().await?;
        let encoder = self.encoder.clone();
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let case = prepare(
                texts.source,
                texts.candidate,
                texts.question,
                Vec::new(),
                None,
                encoder,
            );
            let verdicts = (0..case.claims.len())
                .map(|at| evidence::decide(&case.index, &case.claims, at))
                .collect();
            (Arc::new(case), verdicts)
        });
        Ok(read.await?)
    }
}
