//! Every setting: its default, its check, and where it came from.
//!
//! `main`, `cli` and `app` import this module and hand plain values on; nothing below them knows
//! it. It is the only place that reads the environment. All problems are found in one pass and
//! reported together, each with the place that set the value.
//!
//! A setting is declared once, in `sections`, `judge` or `money`; `declare` says what follows from that.
//!
//! Deliberately not here: what a setting does. A limit is enforced where it applies, a judge is
//! built in `judges`, a database URL is understood by `store`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::figures;

mod address;
mod check;
mod check_judges;
mod check_models;
mod check_money;
mod checkers;
mod declare;
mod file;
mod judge;
mod keys;
mod load;
mod money;
mod overlay;
mod print;
mod problem;
mod provider;
mod rubric;
mod secret;
mod sections;
mod suggest;
#[cfg(test)]
mod tests;

pub(crate) use address::Cidr;
pub(crate) use check_models::TOKENIZER_FILE;
pub(crate) use judge::{JudgeKind, JudgeSettings, MaxTokensField, Structured};
pub(crate) use keys::KeyMaterial;
pub(crate) use load::Sources;
pub(crate) use money::{Budgets, PriceSettings};
pub(crate) use problem::Problems;
pub(crate) use provider::Provider;
pub(crate) use sections::{
    Auth, BusKind, Calibration, Database, Fleet, Injection, Limits, Neural, Registration,
    Retention, Runs, Server, Telemetry,
};

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
    /// Puts flags over environment over file over defaults and checks the whole.
    ///
    /// # Errors
    /// Every problem that was found, in the order of the sources and then of the sections.
    pub(crate) fn load(sources: &Sources) -> Result<Self, Problems> {
        load::load(sources)
    }

    /// What is allowed and probably not meant, a sentence each: to be said at the start.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.foreign_variables.clone();
        warnings.extend(check_money::unbounded_cost(self));
        warnings
    }

    /// The effective configuration as a commented TOML file, without any secret: passwords in the
    /// database URL are masked, keys appear only by the name of their variable or file.
    pub(crate) fn to_toml(&self) -> String {
        print::to_toml(self)
    }

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

    fn faults_of_names(&self, names: &[String]) -> impl Iterator<Item = String> {
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
