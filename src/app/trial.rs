//! Calls judges once, without a server or a database, for `judges check`.

use std::sync::Arc;

use anyhow::Result;
use futures_util::future::join_all;

use super::judges::{encoder, judge_table};
use crate::computing::Cores;
use crate::config::{Config, JudgeSettings};
use crate::domain::report::JudgeReport;
use crate::judges::llm;
use crate::judges::report::assessed;
use crate::judges::sample::sample;

/// Calls each configured judge of these names, or all judges without names, at the same time. The
/// reports have the order of the configuration.
///
/// # Errors
/// A judge cannot be set up.
pub(crate) async fn try_judges(config: &Config, names: &[String]) -> Result<Vec<JudgeReport>> {
    let asked = |judge: &&JudgeSettings| names.is_empty() || names.contains(&judge.name);
    let config = Config {
        judges: config.judges.iter().filter(asked).map(once).collect(),
        ..config.clone()
    };
    let table = judge_table(&config, &Cores::of_machine(), &llm::Others::default())?;
    let case = Arc::new(sample(encoder(&config).as_ref()));
    let asking = config.judges.iter().filter_map(|judge| {
        let judge = Arc::clone(table.get(&judge.name)?);
        let case = Arc::clone(&case);
        Some(async move { assessed(judge.as_ref(), case).await })
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
