//! The wire formats of providers, one file each.
//!
//! A provider makes the request out of a prompt, and reads what comes back: a completion, or the error that
//! its status and words mean. It sends nothing and decides nothing; a new provider is a new file beside `openai`,
//! its constructor in `judges/llm/mod.rs`, and its kind in `config/judge.rs`.

mod anthropic;
mod dialect;
mod endpoint;
mod failure;
mod gemini;
mod ollama;
mod openai;
mod provider;

pub(crate) use anthropic::Anthropic;
pub(crate) use gemini::Gemini;
pub(crate) use ollama::Ollama;
pub(crate) use openai::OpenAi;
pub(crate) use provider::{Completion, Provider, answered_by};
