//! What is configured of one language-model judge.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::buckets::Buckets;
use super::cache::Answers;
use super::others::Others;
use super::price::Price;
use super::prompt::rubric::Rubric;
use crate::computing::Cores;

/// How a provider is made to answer with JSON of the wanted shape.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Structured {
    /// By a JSON Schema that it enforces.
    #[default]
    Schema,
    /// As JSON of any shape; the prompt says which.
    Json,
    /// By the prompt alone.
    Prompt,
}

/// One configured language-model judge.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Unique among the configured judges.
    pub name: String,
    /// Where the provider's API begins, such as `https://api.openai.com/v1`; may hold a query.
    pub base_url: String,
    /// The provider's name for the model.
    pub model: String,
    /// None for a local server.
    pub api_key: Option<SecretString>,
    /// The header that carries the key alone; none: as the provider's documentation says.
    pub api_key_header: Option<String>,
    /// Further headers of every request.
    pub headers: Vec<(String, String)>,
    /// How the shape of the answer is asked for.
    pub structured: Structured,
    /// Where OpenAI's newer models want `max_completion_tokens`.
    pub max_completion_tokens: bool,
    /// Sent unless none; models that reason take none.
    pub temperature: Option<f64>,
    /// How long one attempt may take, from connecting to the last byte.
    pub timeout: Duration,
    /// Calls at most until one succeeds, at least one.
    pub max_attempts: u32,
    /// Calls at the same time over all runs, at least one.
    pub max_concurrency: usize,
    /// Who shares them.
    pub others: Others,
    /// Weight in `weighted_average`.
    pub weight: f64,
    /// Longest reply, in tokens.
    pub max_tokens: u32,
    /// How often one case is judged, at least once.
    pub repeats: u32,
    /// What it is told to check, and how to rate.
    pub rubric: Rubric,
    /// What the model's tokens cost, where that is known.
    pub price: Option<Price>,
    /// How long an answer serves for the same question again; zero asks anew.
    pub cache_ttl: Duration,
    /// Whether repeated opinions may come from there too.
    pub cache_repeats: bool,
    /// Where such answers are kept.
    pub answers: Answers,
    /// Where its prompts are made and its replies read.
    pub cores: Cores,
    /// What the provider takes a minute, shared by its judges.
    pub buckets: Arc<Buckets>,
    /// Failures in a row after which the provider is left alone; 0 means never.
    pub circuit_failures: u32,
    pub circuit_open: Duration,
    /// After how long without an answer a second request is sent.
    pub hedge_after: Option<Duration>,
}

impl Settings {
    /// The settings of a judge that leaves everything else at its default.
    pub(crate) fn new(name: &str, base_url: &str, model: &str) -> Self {
        Self {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            model: model.to_owned(),
            api_key: None,
            api_key_header: None,
            headers: Vec::new(),
            structured: Structured::default(),
            max_completion_tokens: false,
            temperature: Some(0.0),
            timeout: Duration::from_secs(60),
            max_attempts: 3,
            max_concurrency: 8,
            others: Others::default(),
            weight: 1.0,
            max_tokens: 2048,
            repeats: 1,
            rubric: Rubric::default(),
            price: None,
            cache_ttl: Duration::ZERO,
            cache_repeats: false,
            answers: Answers::default(),
            cores: Cores::of_machine(),
            buckets: Arc::default(),
            circuit_failures: 5,
            circuit_open: Duration::from_secs(30),
            hedge_after: None,
        }
    }
}
