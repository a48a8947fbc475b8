//! Builds a panel from the configuration that needs neither a server nor a database.

use std::sync::Arc;

use anyhow::Result;

use super::calibration;
use super::judges::{encoder, judge_table};
use crate::audit::guard::Guard;
use crate::audit::panel::{Panel, Shared};
use crate::computing::Cores;
use crate::config::{Config, JudgeSettings};
use crate::judges::injection::AllowedPhrases;
use crate::judges::llm;

/// Returns the judges of these names; without names the configuration's default panel.
///
/// # Errors
/// A judge cannot be set up.
pub(crate) fn panel(config: &Config, names: &[String]) -> Result<Panel> {
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
    let table = judge_table(&config, &cores, &llm::SharedCounters::default())?;
    let shared = Shared {
        figures: config.metrics,
        cores,
        encoder: encoder(&config),
        allowed_phrases: Arc::new(AllowedPhrases::new(&config.injection.allowed_phrases)),
    };
    Ok(Panel::new(table, shared))
}

/// Does the same, with the calibration that runs would use. There is none if none is configured or
/// if it was fitted on other judges.
///
/// # Errors
/// A judge or the calibration cannot be set up.
pub(crate) fn calibrated_panel(config: &Config, names: &[String]) -> Result<Panel> {
    Ok(panel(config, names)?.calibrated(calibration::configured(config)?))
}

/// Creates the guard for this process, with all configured judges and without a database.
///
/// # Errors
/// A judge or the calibration can't be set up.
pub(crate) fn guard(config: &Config) -> Result<Guard> {
    let cores = Cores::of_machine();
    Ok(Guard {
        judges: judge_table(config, &cores, &llm::SharedCounters::default())?,
        figures: config.metrics,
        calibration: calibration::configured(config)?.map(Arc::new),
        cores,
        encoder: encoder(config),
        allowed_phrases: Arc::new(AllowedPhrases::new(&config.injection.allowed_phrases)),
    })
}

#[cfg(test)]
#[path = "tests/panel.rs"]
mod tests;
