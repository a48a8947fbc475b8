//! Language-model judges: a prompt, a call, a strict reading of the reply.
//!
//! `engine` is the same for every provider; a `Provider` knows one wire format, and a new one is
//! a new file beside `openai`. `app` builds judges here, `actors` sees them as [`Judge`].
//! Deliberately not here: tasks that outlive the returned future (dropping it drops the request),
//! fallback to another model, and any score that the model did not give: what can't be read is
//! a [`JudgeError`].

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;

use crate::computing::Cores;
use crate::domain::report::Usage;
use crate::tls::{self, Authority};

use super::{Judge, JudgeError};

mod anthropic;
mod buckets;
mod cache;
mod circuit;
mod dialect;
mod endpoint;
mod engine;
mod excerpt;
mod fuzzy;
mod gemini;
mod lenient;
mod limits;
mod ollama;
mod openai;
mod price;
mod prompt;
mod quote;
mod repeats;
mod reply;
pub mod rubric;
mod schema;
mod second_look;
mod suspicion;
mod transport;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod network;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unusable_tests;

pub use buckets::Buckets;
pub use cache::Answers;
pub use price::Price;

use engine::LlmJudge;
use limits::Backoff;
use prompt::Prompt;
use rubric::Rubric;

/// How a provider is made to answer with JSON of the wanted shape.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Structured {
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
pub struct Settings {
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
    /// For how long.
    pub circuit_open: Duration,
    /// After how long without an answer a second request is sent.
    pub hedge_after: Option<Duration>,
}

impl Settings {
    /// The settings of a judge that leaves everything else at its default.
    pub fn new(name: &str, base_url: &str, model: &str) -> Self {
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

/// The HTTP client of judges; a cheap handle.
pub type Client = reqwest::Client;

/// The client that all judges share: no redirects (a key must not follow one), and a bound on
/// connecting, so that a dead address is told from a slow model.
/// Beside the system's certificate authorities it trusts these.
///
/// # Errors
/// The TLS library refuses its own defaults, or the environment names a proxy that can't be.
pub fn client(beside: &[Authority]) -> Result<reqwest::Client> {
    Ok(client_builder(beside)?.build()?)
}

fn client_builder(beside: &[Authority]) -> Result<reqwest::ClientBuilder> {
    let builder = tls::client_builder(beside)?
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // One layer of retries, and that is `limits`.
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("judge-auditor/", env!("CARGO_PKG_VERSION")));
    Ok(builder)
}

/// A judge on any server that speaks OpenAI's chat completions: OpenAI, Azure, vLLM, llama.cpp,
/// LM Studio, OpenRouter, Groq.
pub fn openai(settings: Settings, client: reqwest::Client) -> Arc<dyn Judge> {
    let provider = Box::new(openai::OpenAi::new(&settings));
    judge(settings, provider, client)
}

/// A judge on Anthropic's Messages API.
pub fn anthropic(settings: Settings, client: reqwest::Client) -> Arc<dyn Judge> {
    let provider = Box::new(anthropic::Anthropic::new(&settings));
    judge(settings, provider, client)
}

/// A judge on Google's Gemini API.
pub fn gemini(settings: Settings, client: reqwest::Client) -> Arc<dyn Judge> {
    let provider = Box::new(gemini::Gemini::new(&settings));
    judge(settings, provider, client)
}

/// A judge on Ollama's own interface.
pub fn ollama(settings: Settings, client: reqwest::Client) -> Arc<dyn Judge> {
    let provider = Box::new(ollama::Ollama::new(&settings));
    judge(settings, provider, client)
}

fn judge(
    settings: Settings,
    provider: Box<dyn Provider>,
    client: reqwest::Client,
) -> Arc<dyn Judge> {
    Arc::new(LlmJudge::new(settings, provider, client, Backoff::DEFAULT))
}

/// One provider's wire format.
trait Provider: Send + Sync {
    /// The kind under which judges of this provider are configured.
    fn kind(&self) -> &'static str;

    /// The request that asks for a reply to `prompt`.
    fn request(&self, client: &reqwest::Client, prompt: &Prompt) -> reqwest::RequestBuilder;

    /// What must never be shown, should the provider echo it.
    fn secret(&self) -> Option<&SecretString>;

    /// Reads the body of a response with a status of success.
    fn parse(&self, body: &str) -> Result<Completion, JudgeError>;

    /// Reads the body of any other response.
    fn failure(&self, status: StatusCode, headers: &HeaderMap, body: &str) -> JudgeError {
        transport::failure(status, transport::retry_after(headers), body)
    }
}

/// What a model wrote, or why it did not; either may have been paid for.
#[derive(Debug, Clone)]
struct Completion {
    text: Result<String, JudgeError>,
    usage: Option<Usage>,
    /// True where the provider counted nothing, and `usage` is ours.
    estimated: bool,
}
