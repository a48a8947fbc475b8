//! Asks judges once, without a server and without a database: what `judges check` shows.

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

/// Asks each configured judge of these names, all at once, and all judges where none is named. The
/// reports come in the configuration's order.
///
/// # Errors
/// A judge can't be had.
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

/// What is to be seen is one call: whether it works, how long it takes, what it costs.
fn once(judge: &JudgeSettings) -> JudgeSettings {
    JudgeSettings {
        max_attempts: 1,
        repeats: 1,
        cache_ttl_s: 0,
        hedge_after_ms: 0,
        ..judge.clone()
    }
}
