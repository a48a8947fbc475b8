//! The settings of one language-model judge.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::buckets::Buckets;
use super::cache::Answers;
use super::price::Price;
use super::prompt::rubric::Rubric;
use super::shared_counters::SharedCounters;
use crate::computing::Cores;

/// The way in which a provider is made to answer with JSON of the required schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Structured {
    /// The provider enforces a JSON Schema.
    #[default]
    Schema,
    /// The provider enforces JSON; the prompt describes the schema.
    Json,
    /// Only the prompt asks for JSON.
    Prompt,
}

/// The settings of one language-model judge.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Unique among the configured judges.
    pub name: String,
    /// Base address of the provider's API, such as `https://api.openai.com/v1`; may have a query.
    pub base_url: String,
    /// The provider's name of the model.
    pub model: String,
    /// `None` for a server without authentication.
    pub api_key: Option<SecretString>,
    /// The header whose value is the key alone; `None` means the provider's documented header.
    pub api_key_header: Option<String>,
    /// Additional headers of every request.
    pub headers: Vec<(String, String)>,
    /// The way in which the answer's format is requested.
    pub structured: Structured,
    /// Sends `max_completion_tokens`, which newer models of OpenAI require.
    pub max_completion_tokens: bool,
    /// `None` sends no temperature, as reasoning models require.
    pub temperature: Option<f64>,
    /// Maximum time of one attempt, from connecting to the last byte.
    pub timeout: Duration,
    /// Maximum number of attempts for one reply; at least one.
    pub max_attempts: u32,
    /// Maximum number of concurrent calls over all runs; at least one.
    pub max_concurrency: usize,
    /// The processes that share this limit.
    pub counters: SharedCounters,
    /// Weight of the judge's score under the strategy `weighted_average`.
    pub weight: f64,
    /// Maximum length of a reply, in tokens.
    pub max_tokens: u32,
    /// Number of samples for each case; at least one.
    pub repeats: u32,
    /// The instructions on what to check and how to rate.
    pub rubric: Rubric,
    /// The price of the model's tokens, if it is known.
    pub price: Option<Price>,
    /// Maximum age of a cached answer that is used; zero disables the cache.
    pub cache_ttl: Duration,
    /// True if the cache is also used for several samples.
    pub cache_repeats: bool,
    /// The cache of answers.
    pub answers: Answers,
    /// The threads on which prompts are built and replies parsed.
    pub cores: Cores,
    /// The rate limits of the provider, which its judges share.
    pub buckets: Arc<Buckets>,
    /// Number of consecutive failures after which the circuit breaker opens; 0 means never.
    pub circuit_failures: u32,
    pub circuit_open: Duration,
    /// Time without an answer after which a second request is sent.
    pub hedge_after: Option<Duration>,
}

impl Settings {
    /// Returns settings with defaults for everything else.
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
            counters: SharedCounters::default(),
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
