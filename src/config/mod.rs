//! All settings: defaults, sources and checks.
//!
//! `main`, `cli` and `app` import this module and hand plain values on; nothing below them knows
//! it. It is the only place that reads the environment. All problems are found in one pass and
//! reported together, each with the place that set the value.
//!
//! A setting is declared once, in `sections`, `judge` or `money`; `declare` lists what is generated
//! from that.
//!
//! Deliberately not here: the effect of a setting. A limit is enforced where it applies, a judge is
//! built in `judges`, a database URL is parsed by `store`.

mod address;
mod bus;
mod check;
mod check_fleet;
mod check_judges;
mod check_models;
mod check_money;
mod check_server;
mod checkers;
mod declare;
mod effective;
mod file;
mod judge;
mod judge_key;
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

pub(crate) use address::Cidr;
pub(crate) use bus::{BusKind, NatsAddress, NatsUser};
pub(crate) use check_models::TOKENIZER_FILE;
pub(crate) use effective::Config;
pub(crate) use judge::{JudgeKind, JudgeSettings, MaxTokensField, Structured};
pub(crate) use keys::KeyMaterial;
pub(crate) use load::Sources;
pub(crate) use money::{Budgets, PriceSettings};
pub(crate) use provider::Provider;
pub(crate) use sections::{Fleet, Limits, Registration, Runs, Server, Telemetry};

#[cfg(test)]
mod tests;
