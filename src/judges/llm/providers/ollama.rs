//! Ollama's native chat API, <https://docs.ollama.com/api/chat>. Unlike its `/v1` API it lets the
//! caller set the size of the context.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::endpoint::{Endpoint, KeyHeader};
use super::messages::{self, Message};
use super::provider::{Completion, Provider};
use crate::domain::report::Usage;
use crate::judges::JudgeError;
use crate::judges::llm::excerpt::excerpt;
use crate::judges::llm::prompt::Prompt;
use crate::judges::llm::settings::{Settings, Structured};
use crate::judges::llm::{lenient, reply};

/// Ollama's own default, in tokens; a smaller context saves nothing.
const LEAST_CONTEXT: u64 = 4096;

/// Tokens reserved for the chat template around the texts.
const TEMPLATE_TOKENS: u64 = 256;

/// A model on an Ollama server.
pub(crate) struct Ollama {
    endpoint: Endpoint,
    model: String,
    structured: Structured,
    temperature: Option<f64>,
    max_tokens: u32,
}

impl Ollama {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            endpoint: Endpoint::new(settings, "/api/chat", KeyHeader::Bearer),
            model: settings.model.clone(),
            structured: settings.structured,
            temperature: settings.temperature,
            max_tokens: settings.max_tokens,
        }
    }

    /// Returns the size of the context for prompt and answer, since Ollama silently truncates what
    /// does not fit. Assumes at most one token for two bytes, about twice the actual number in most
    /// texts. Rounded to powers of two, because every new size makes Ollama reload the model.
    fn num_ctx(&self, messages: &[Message<'_>]) -> u64 {
        let bytes: usize = messages.iter().map(|message| message.content.len()).sum();
        let prompt = bytes as u64 / 2 + TEMPLATE_TOKENS;
        (prompt + u64::from(self.max_tokens))
            .next_power_of_two()
            .max(LEAST_CONTEXT)
    }
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    /// Asks for an error instead of silent truncation; supported from 0.12.6 on, and ignored by
    /// older versions.
    truncate: bool,
    shift: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
    options: Options,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Format<'a> {
    Schema(&'a RawValue),
    Json(&'static str),
}

#[derive(Serialize)]
struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    num_predict: u32,
    num_ctx: u64,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default, deserialize_with = "lenient::or_absent")]
    message: Option<Reply>,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    done: bool,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    done_reason: Option<String>,
    #[serde(default, deserialize_with = "lenient::count")]
    prompt_eval_count: u64,
    #[serde(default, deserialize_with = "lenient::count")]
    eval_count: u64,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default, deserialize_with = "lenient::or_absent")]
    content: String,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    thinking: String,
}

impl Provider for Ollama {
    fn kind(&self) -> &'static str {
        "ollama"
    }

    fn request(&self, client: &reqwest::Client, prompt: &Prompt) -> reqwest::RequestBuilder {
        let messages = messages::with_system(prompt);
        let num_ctx = self.num_ctx(&messages);
        let request = Request {
            model: &self.model,
            messages,
            stream: false,
            truncate: false,
            shift: false,
            format: match self.structured {
                Structured::Schema => Some(Format::Schema(&prompt.schema)),
                Structured::Json => Some(Format::Json("json")),
                Structured::Prompt => None,
            },
            options: Options {
                temperature: self.temperature,
                num_predict: self.max_tokens,
                num_ctx,
            },
        };
        self.endpoint.post(client, &request)
    }

    fn secret(&self) -> Option<&SecretString> {
        self.endpoint.secret()
    }

    fn parse(&self, body: &str) -> Result<Completion, JudgeError> {
        let response: Response = serde_json::from_str(body).map_err(|error| {
            let error = excerpt(&error.to_string());
            JudgeError::Malformed(format!("not a chat reply: {error}"))
        })?;
        if response.error.is_some_and(|error| !error.is_null()) {
            return Err(self.failure(StatusCode::BAD_GATEWAY, &HeaderMap::new(), body));
        }
        let (prompt_tokens, completion_tokens) = (response.prompt_eval_count, response.eval_count);
        let usage = (prompt_tokens > 0 || completion_tokens > 0).then_some(Usage {
            prompt_tokens,
            completion_tokens,
            cost_usd: None,
        });
        let text = match response.message {
            _ if response.done_reason.as_deref() == Some("length") => Err(JudgeError::Truncated {
                max_tokens: self.max_tokens,
            }),
            None => Err(JudgeError::Malformed("the reply holds no message".into())),
            Some(_) if !response.done => {
                Err(JudgeError::Malformed("the reply is not finished".into()))
            }
            Some(message) => reply::answer_in(message.content, message.thinking),
        };
        Ok(Completion::counted(text, usage))
    }
}

#[cfg(test)]
#[path = "tests/ollama.rs"]
mod tests;
