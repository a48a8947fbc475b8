//! Language-model judges: a prompt, a call, and strict parsing of the reply.
//!
//! In reading order: `prompt` builds prompts, `providers` implements the wire formats, `call` sends
//! requests, `reply` parses replies, and `guard` handles texts that address the judge. `app` builds
//! judges here, `actors` sees them as [`Judge`]. Deliberately not here: tasks that outlive the
//! returned future (dropping it drops the request), fallback to another model, and any score that
//! the model did not give: an unreadable reply is a [`JudgeError`](super::JudgeError).

use std::sync::Arc;

use super::Judge;

mod buckets;
mod cache;
mod call;
mod client;
mod excerpt;
mod guard;
mod lenient;
mod models;
mod price;
mod prompt;
mod providers;
mod reply;
mod settings;
mod shared_counters;

#[cfg(test)]
mod tests;

pub(crate) use buckets::Buckets;
pub(crate) use cache::Answers;
pub(crate) use client::{Client, client};
pub(crate) use models::{Listing, likest, offered};
pub(crate) use price::Price;
pub(crate) use prompt::rubric;
pub(crate) use settings::{Settings, Structured};
pub(crate) use shared_counters::{Allowance, ProviderCounters, SharedCounters};

use call::{Backoff, LlmJudge};
use providers::{Anthropic, Gemini, Ollama, OpenAi, Provider};

/// Builds a judge on any server with OpenAI's chat completions API: OpenAI, Azure, vLLM, llama.cpp,
/// LM Studio, OpenRouter, Groq.
pub(crate) fn openai(settings: Settings, client: Client) -> Arc<dyn Judge> {
    let provider = Box::new(OpenAi::new(&settings));
    judge(settings, provider, client)
}

/// Builds a judge on Anthropic's Messages API.
pub(crate) fn anthropic(settings: Settings, client: Client) -> Arc<dyn Judge> {
    let provider = Box::new(Anthropic::new(&settings));
    judge(settings, provider, client)
}

/// Builds a judge on Google's Gemini API.
pub(crate) fn gemini(settings: Settings, client: Client) -> Arc<dyn Judge> {
    let provider = Box::new(Gemini::new(&settings));
    judge(settings, provider, client)
}

/// Builds a judge on Ollama's native API.
pub(crate) fn ollama(settings: Settings, client: Client) -> Arc<dyn Judge> {
    let provider = Box::new(Ollama::new(&settings));
    judge(settings, provider, client)
}

fn judge(settings: Settings, provider: Box<dyn Provider>, client: Client) -> Arc<dyn Judge> {
    Arc::new(LlmJudge::new(settings, provider, client, Backoff::DEFAULT))
}
