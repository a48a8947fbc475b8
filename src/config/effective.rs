//! The whole configuration, as the program runs with it.

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

/// The whole configuration. `Config::default()` is the defaults before the data directory and the
/// offline judges are filled in; what a program runs with comes from [`Config::load`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Config {
    /// Where files are kept: the database unless its URL says otherwise, the signing secret.
    pub data_dir: PathBuf,
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[fleet]`
    pub fleet: Fleet,
    /// `[auth]`
    pub auth: Auth,
    /// `[limits]`
    pub limits: Limits,
    /// `[retention]`
    pub retention: Retention,
    /// `[runs]`
    pub runs: Runs,
    /// `[budgets]`
    pub budgets: Budgets,
    /// `[telemetry]`
    pub telemetry: Telemetry,
    /// `[metrics]`
    pub metrics: figures::Settings,
    /// `[neural]`
    pub neural: Neural,
    /// `[injection]`
    pub injection: Injection,
    /// `[calibration]`
    pub calibration: Calibration,
    /// `[[judges]]`: the offline judges first, then the file's own.
    #[serde(skip)]
    pub judges: Vec<JudgeSettings>,
    /// `[[prices]]`
    #[serde(skip)]
    pub prices: Vec<PriceSettings>,
    /// Variables that are not ours and look as if they were meant to be: what to say of each.
    #[serde(skip)]
    pub(crate) foreign_variables: Vec<String>,
}

impl Config {
    /// `[database] url`, or where it is empty a SQLite file in the data directory.
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

    /// What a judge's model costs, where that is known.
    pub(crate) fn price(&self, judge: &JudgeSettings) -> Option<&PriceSettings> {
        PriceSettings::find(&self.prices, judge.kind.as_str(), &judge.model)
    }

    /// The judge of that name.
    pub(crate) fn judge(&self, name: &str) -> Option<&JudgeSettings> {
        self.judges.iter().find(|judge| judge.name == name)
    }

    /// True for the judge that the model in the binary would be, where that is not used.
    pub(crate) fn is_switched_off(&self, name: &str) -> bool {
        !self.neural.enabled && name == JudgeKind::Neural.as_str()
    }

    /// What is wrong with a list of judges' names: one that is not known, with the one that was
    /// probably meant, or one that stands there twice.
    ///
    /// # Errors
    /// The first thing that is wrong.
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
