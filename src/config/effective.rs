//! The effective configuration, after all sources have been merged.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::judge::{JudgeKind, JudgeSettings};
use super::money::{Budgets, PriceSettings};
use super::sections::{
    Auth, Calibration, Database, Fleet, Injection, Limits, Neural, Retention, Runs, Server,
    Telemetry,
};
use super::suggest;
use crate::figures;

/// The whole configuration. `Config::default()` lacks the data directory and the offline judges;
/// the program runs with the result of [`Config::load`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Config {
    /// The directory of the signing secret, and of the database unless its URL names another place.
    pub data_dir: PathBuf,
    pub server: Server,
    pub database: Database,
    pub fleet: Fleet,
    pub auth: Auth,
    pub limits: Limits,
    pub retention: Retention,
    pub runs: Runs,
    pub budgets: Budgets,
    pub telemetry: Telemetry,
    pub metrics: figures::Settings,
    pub neural: Neural,
    pub injection: Injection,
    pub calibration: Calibration,
    /// The offline judges, each replaced by an entry of `[[judges]]` with the same name, followed
    /// by the other entries.
    #[serde(skip)]
    pub judges: Vec<JudgeSettings>,
    #[serde(skip)]
    pub prices: Vec<PriceSettings>,
    /// A warning for each environment variable that is ignored, but whose name resembles one that
    /// is read.
    #[serde(skip)]
    pub(crate) foreign_variables: Vec<String>,
}

impl Config {
    /// Returns `database.url`, or if it is empty the URL of a SQLite file in the data directory.
    pub(crate) fn database_url(&self) -> String {
        if self.database.url.is_empty() {
            format!(
                "sqlite:{}",
                self.data_dir.join("judge-auditor.db").display()
            )
        } else {
            self.database.url.clone()
        }
    }

    /// Returns the price of a judge's model, if one is configured.
    pub(crate) fn price(&self, judge: &JudgeSettings) -> Option<&PriceSettings> {
        PriceSettings::find(&self.prices, judge.kind.as_str(), &judge.model)
    }

    pub(crate) fn judge(&self, name: &str) -> Option<&JudgeSettings> {
        self.judges.iter().find(|judge| judge.name == name)
    }

    /// Returns true for the name of the built-in model's judge while that model is disabled.
    pub(crate) fn is_switched_off(&self, name: &str) -> bool {
        !self.neural.enabled && name == JudgeKind::Neural.as_str()
    }

    /// Checks a list of judges' names.
    ///
    /// # Errors
    /// Returns a message for the first name that is unknown (with the most similar known one),
    /// disabled or repeated.
    pub(crate) fn know_judges(&self, names: &[String]) -> Result<(), String> {
        self.faults_of_names(names).next().map_or(Ok(()), Err)
    }

    pub(super) fn faults_of_names(&self, names: &[String]) -> impl Iterator<Item = String> {
        let known = move || self.judges.iter().map(|judge| judge.name.as_str());
        names.iter().enumerate().filter_map(move |(place, name)| {
            if names[..place].contains(name) {
                return Some(format!("the judge `{name}` is named twice"));
            }
            if self.is_switched_off(name) {
                return Some(format!(
                    "the judge `{name}` is switched off: set `enabled = true` under [neural], and leave --no-neural out"
                ));
            }
            if self.judge(name).is_some() {
                return None;
            }
            let meant = match suggest::nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}", known().collect::<Vec<_>>().join(", ")),
            };
            Some(format!("there is no judge `{name}`: {meant}"))
        })
    }
}
