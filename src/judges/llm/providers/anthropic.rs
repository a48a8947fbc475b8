//! Anthropic's Messages API, <https://docs.anthropic.com/en/api/messages>.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::dialect;
use super::endpoint::{Endpoint, KeyHeader};
use super::failure;
use super::messages::{self, Message};
use super::provider::{Completion, Provider};
use crate::domain::report::Usage;
use crate::judges::JudgeError;
use crate::judges::llm::excerpt::excerpt;
use crate::judges::llm::prompt::Prompt;
use crate::judges::llm::settings::{Settings, Structured};
use crate::judges::llm::{lenient, reply};

/// Name of the only tool; its input is the reply.
const TOOL: &str = "assessment";

/// A model on Anthropic's API.
pub(crate) struct Anthropic {
    endpoint: Endpoint,
    model: String,
    structured: Structured,
    temperature: Option<f64>,
    max_tokens: u32,
}

impl Anthropic {
    pub(crate) fn new(settings: &Settings) -> Self {
        let key = KeyHeader::Named("x-api-key");
        Self {
            endpoint: Endpoint::new(settings, "/v1/messages", key)
                .header("anthropic-version", "2023-06-01"),
            model: settings.model.clone(),
            structured: settings.structured,
            temperature: settings.temperature,
            max_tokens: settings.max_tokens,
        }
    }
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    /// Tools and rubric are the same for every case, so that the provider can cache them as a
    /// prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<[Tool; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    system: [Value; 1],
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    description: &'static str,
    input_schema: Box<RawValue>,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default, deserialize_with = "lenient::readable")]
    content: Vec<Block>,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    stop_reason: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    usage: Option<TokenCounts>,
    /// Gateways may report a failure in a response with a status of success.
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(default, deserialize_with = "lenient::or_absent")]
    r#type: String,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    text: String,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    thinking: String,
    /// Raw JSON, since a `Value` would reorder the fields of the model's output.
    #[serde(default)]
    input: Option<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
struct TokenCounts {
    #[serde(default, deserialize_with = "lenient::count")]
    input_tokens: u64,
    #[serde(default, deserialize_with = "lenient::count")]
    output_tokens: u64,
    // These two are null if caching is off.
    #[serde(default, deserialize_with = "lenient::count")]
    cache_creation_input_tokens: u64,
    #[serde(default, deserialize_with = "lenient::count")]
    cache_read_input_tokens: u64,
}

impl Provider for Anthropic {
    fn kind(&self) -> &'static str {
        "anthropic"
    }

    fn request(&self, client: &reqwest::Client, prompt: &Prompt) -> reqwest::RequestBuilder {
        // A repaired reply is sent as text even if it was a tool call: a `tool_use` block would need
        // the provider's id and a `tool_result`, while text turns are always accepted.
        let messages = messages::without_system(prompt);
        let forced = self.structured == Structured::Schema;
        let request = Request {
            model: &self.model,
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            tools: forced.then(|| {
                [Tool {
                    name: TOOL,
                    description: "Takes the assessment.",
                    // Tools precede the rubric in the cached prefix, so they must not vary between
                    // cases.
                    input_schema: dialect::unbounded(&prompt.schema),
                }]
            }),
            tool_choice: forced.then(|| json!({"type": "tool", "name": TOOL})),
            system: [json!({
                "type": "text",
                "text": prompt.system,
                "cache_control": {"type": "ephemeral"},
            })],
            messages,
        };
        self.endpoint.post(client, &request)
    }

    fn secret(&self) -> Option<&SecretString> {
        self.endpoint.secret()
    }

    fn parse(&self, body: &str) -> Result<Completion, JudgeError> {
        let response: Response = serde_json::from_str(body).map_err(|error| {
            JudgeError::Malformed(format!("not a message: {}", excerpt(&error.to_string())))
        })?;
        if response.error.is_some_and(|error| !error.is_null()) {
            return Err(self.failure(StatusCode::BAD_GATEWAY, &HeaderMap::new(), body));
        }
        let usage = response.usage.map(|counts| Usage {
            prompt_tokens: counts
                .input_tokens
                .saturating_add(counts.cache_creation_input_tokens)
                .saturating_add(counts.cache_read_input_tokens),
            completion_tokens: counts.output_tokens,
            cost_usd: None,
        });
        let reason = response.stop_reason.as_deref();
        let text = self.written(reason, response.content);
        Ok(Completion::counted(text, usage))
    }

    /// Classifies by the type of the error, <https://docs.anthropic.com/en/api/errors>, because
    /// gateways change statuses.
    fn failure(&self, status: StatusCode, headers: &HeaderMap, body: &str) -> JudgeError {
        let explained = failure::Explained::read(body);
        let reason = explained.reason.clone();
        let code = status.as_u16();
        let retry_after = failure::retry_after(headers);
        match explained.word("type") {
            Some("authentication_error" | "permission_error") => JudgeError::Auth {
                status: code,
                reason,
            },
            Some("billing_error") => JudgeError::Quota(reason),
            // An account without credit is reported as an invalid request.
            Some("invalid_request_error") if reason.contains("credit balance is too low") => {
                JudgeError::Quota(reason)
            }
            Some("invalid_request_error") if reason.contains("content filtering policy") => {
                JudgeError::Refused(reason)
            }
            Some("rate_limit_error") => JudgeError::RateLimited {
                status: code,
                retry_after,
            },
            Some("overloaded_error" | "api_error" | "timeout_error") => JudgeError::Overloaded {
                status: code,
                reason,
                retry_after,
            },
            _ => failure::failure(status, retry_after, body),
        }
    }
}

impl Anthropic {
    fn written(&self, reason: Option<&str>, content: Vec<Block>) -> Result<String, JudgeError> {
        // Thinking blocks have another type and are skipped.
        let text: String = content
            .iter()
            .filter(|block| block.r#type == "text")
            .map(|block| block.text.as_str())
            .collect();
        match reason {
            Some("refusal") if text.trim().is_empty() => {
                return Err(JudgeError::Refused("it gave no reason".into()));
            }
            Some("refusal") => return Err(JudgeError::Refused(excerpt(&text))),
            Some("max_tokens") => {
                return Err(JudgeError::Truncated {
                    max_tokens: self.max_tokens,
                });
            }
            Some("model_context_window_exceeded") => {
                let what = "the texts fill the model's context window";
                return Err(JudgeError::Malformed(what.into()));
            }
            _ => {}
        }
        let thoughts: String = content
            .iter()
            .map(|block| block.thinking.as_str())
            .collect();
        let called = content
            .into_iter()
            .filter(|block| block.r#type == "tool_use")
            .find_map(|block| block.input);
        let answer = called.map_or(text, |input| input.get().to_owned());
        reply::answer_in(answer, thoughts)
    }
}

#[cfg(test)]
#[path = "tests/anthropic.rs"]
mod tests;
