//! The wire formats of providers, one file each.
//!
//! A provider builds a request from a prompt, and parses the response into a completion or an
//! error. It sends nothing and decides nothing; a new provider is a new file beside `openai`, its
//! constructor in `judges/llm/mod.rs`, and its kind in `config/judge.rs`.

mod anthropic;
mod dialect;
mod endpoint;
mod failure;
mod gemini;
mod messages;
mod ollama;
mod openai;
mod provider;

pub(crate) use anthropic::Anthropic;
pub(crate) use endpoint::{Endpoint, KeyHeader};
pub(crate) use gemini::Gemini;
pub(crate) use ollama::Ollama;
pub(crate) use openai::OpenAi;
pub(crate) use provider::{Completion, Provider, answered_by};
