//! Calls judges once, without a server or a database, for `judges check`.

use std::sync::Arc;

use anyhow::Result;
use futures_util::future::join_all;

use super::judges::{Offer, encoder, judge_table, offered_models};
use crate::computing::Cores;
use crate::config::{Config, JudgeSettings};
use crate::domain::report::{Failure, JudgeReport};
use crate::judges::llm;
use crate::judges::report::assessed;
use crate::judges::sample::sample;

/// The outcome of trying a judge.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tried {
    pub report: JudgeReport,
    /// The models of its provider, if it rejected the call permanently and lists its models.
    pub offer: Option<Offer>,
}

/// Calls the configured judges of these names concurrently, or all judges if no name is given. The
/// outcomes are in the configuration's order.
///
/// # Errors
/// A judge can't be set up.
pub(crate) async fn try_judges(config: &Config, names: &[String]) -> Result<Vec<Tried>> {
    let asked = |judge: &&JudgeSettings| names.is_empty() || names.contains(&judge.name);
    let config = Config {
        judges: config.judges.iter().filter(asked).map(once).collect(),
        ..config.clone()
    };
    let table = judge_table(
        &config,
        &Cores::of_machine(),
        &llm::SharedCounters::default(),
    )?;
    let case = Arc::new(sample(encoder(&config).as_ref()));
    let asking = config.judges.iter().filter_map(|settings| {
        let judge = Arc::clone(table.get(&settings.name)?);
        let case = Arc::clone(&case);
        Some(async move {
            let report = assessed(judge.as_ref(), case).await;
            // Only a rejection may be due to the name of the model.
            let offer = match report.failure {
                Some(Failure::Rejected) => offered_models(settings).await,
                _ => None,
            };
            // A provider without a list of models is no additional fault.
            let offer = offer.and_then(Result::ok);
            Tried { report, offer }
        })
    });
    Ok(join_all(asking).await)
}

/// Switches repetition, caching and retries off, so that the outcome, time and cost of a
/// single call are seen.
fn once(judge: &JudgeSettings) -> JudgeSettings {
    JudgeSettings {
        max_attempts: 1,
        repeats: 1,
        cache_ttl_s: 0,
        hedge_after_ms: 0,
        ..judge.clone()
    }
}
