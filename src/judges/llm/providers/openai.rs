//! OpenAI's chat completions API, which many other servers implement too.

use std::borrow::Cow;

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

/// A model on one server.
pub(crate) struct OpenAi {
    endpoint: Endpoint,
    model: String,
    structured: Structured,
    max_completion_tokens: bool,
    temperature: Option<f64>,
    max_tokens: u32,
    /// Removes limits of lists from the schema: Azure's strict mode refuses them, OpenAI's own
    /// accepts them.
    unbounded: bool,
}

fn is_azure(settings: &Settings) -> bool {
    let header = settings.api_key_header.as_deref().unwrap_or_default();
    let url = reqwest::Url::parse(&settings.base_url);
    let host = url.as_ref().ok().and_then(reqwest::Url::host_str);
    header.eq_ignore_ascii_case("api-key")
        || host.is_some_and(|host| host.contains(".azure.") || host.ends_with(".azure-api.net"))
}

impl OpenAi {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            endpoint: Endpoint::new(settings, "/chat/completions", KeyHeader::Bearer),
            model: settings.model.clone(),
            structured: settings.structured,
            max_completion_tokens: settings.max_completion_tokens,
            temperature: settings.temperature,
            max_tokens: settings.max_tokens,
            unbounded: is_azure(settings),
        }
    }
}

#[derive(Serialize)]
struct ChatRequest<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_schema: Option<JsonSchema<'a>>,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'static str,
    strict: bool,
    /// Raw JSON, because servers write the fields in the schema's order, and a `Value` would sort
    /// them.
    schema: Cow<'a, RawValue>,
}

#[derive(Deserialize)]
struct ChatResponse {
    #[serde(default, deserialize_with = "lenient::readable")]
    choices: Vec<Choice>,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    usage: Option<TokenCounts>,
    /// Some servers report a failure in a response with a status of success.
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    message: Reply,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    finish_reason: Option<String>,
    /// OpenRouter reports an error during generation here.
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Default, Deserialize)]
struct Reply {
    #[serde(default, deserialize_with = "lenient::or_absent")]
    content: Option<Content>,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    refusal: Option<String>,
    /// The model's reasoning, if the server separates it from the answer; name used by vLLM and
    /// DeepSeek.
    #[serde(default, deserialize_with = "lenient::or_absent")]
    reasoning_content: Option<String>,
    /// The same under the name used by OpenRouter, Groq and newer versions of vLLM.
    #[serde(default, deserialize_with = "lenient::or_absent")]
    reasoning: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default, deserialize_with = "lenient::or_absent")]
    text: String,
}

#[derive(Default, Deserialize)]
struct TokenCounts {
    #[serde(default, deserialize_with = "lenient::count")]
    prompt_tokens: u64,
    #[serde(default, deserialize_with = "lenient::count")]
    completion_tokens: u64,
}

impl Provider for OpenAi {
    fn kind(&self) -> &'static str {
        "openai"
    }

    fn request(&self, client: &reqwest::Client, prompt: &Prompt) -> reqwest::RequestBuilder {
        let messages = messages::with_system(prompt);
        let (r#type, json_schema) = match self.structured {
            Structured::Schema => {
                let schema = JsonSchema {
                    name: "assessment",
                    strict: true,
                    schema: if self.unbounded {
                        Cow::Owned(dialect::unbounded(&prompt.schema))
                    } else {
                        Cow::Borrowed(&prompt.schema)
                    },
                };
                ("json_schema", Some(schema))
            }
            Structured::Json | Structured::Prompt => ("json_object", None),
        };
        let newer = self.max_completion_tokens;
        let request = ChatRequest {
            model: &self.model,
            messages,
            temperature: self.temperature,
            max_tokens: (!newer).then_some(self.max_tokens),
            max_completion_tokens: newer.then_some(self.max_tokens),
            response_format: (self.structured != Structured::Prompt).then_some(ResponseFormat {
                r#type,
                json_schema,
            }),
        };
        self.endpoint.post(client, &request)
    }

    fn secret(&self) -> Option<&SecretString> {
        self.endpoint.secret()
    }

    fn parse(&self, body: &str) -> Result<Completion, JudgeError> {
        let response: ChatResponse = serde_json::from_str(body).map_err(|error| {
            JudgeError::Malformed(format!(
                "not a chat completion: {}",
                excerpt(&error.to_string())
            ))
        })?;
        if let Some(error) = response.error.filter(|error| !error.is_null()) {
            let status = failure::disguised(&error);
            return Err(self.failure(status, &HeaderMap::new(), body));
        }
        let usage = response.usage.map(|counts| Usage {
            prompt_tokens: counts.prompt_tokens,
            completion_tokens: counts.completion_tokens,
            cost_usd: None,
        });
        let text = match response.choices.into_iter().next() {
            Some(choice) => self.written(choice),
            None => Err(JudgeError::Malformed("the reply holds no choice".into())),
        };
        Ok(Completion::counted(text, usage))
    }

    /// Classifies by the error codes of OpenAI, Azure, OpenRouter and Groq.
    fn failure(&self, status: StatusCode, headers: &HeaderMap, body: &str) -> JudgeError {
        let explained = failure::Explained::read(body);
        let reason = explained.reason.clone();
        let codes = [explained.word("code"), explained.word("type")];
        for code in codes.into_iter().flatten() {
            match code {
                // Accounts without credit, for which waiting does not help.
                "insufficient_quota" | "billing_not_active" | "billing_hard_limit_reached" => {
                    return JudgeError::Quota(reason);
                }
                // Azure's content filter, and OpenAI's for its reasoning models.
                "content_filter" | "content_policy_violation" | "invalid_prompt" => {
                    return JudgeError::Refused(reason);
                }
                // Groq: the model's output does not match the schema.
                "json_validate_failed" => return JudgeError::Malformed(reason),
                _ => {}
            }
        }
        let inner = explained.field("innererror").and_then(|e| e.get("code"));
        let moderated = explained
            .field("metadata")
            .is_some_and(|metadata| metadata.get("flagged_input").is_some());
        // Azure's other form of the same; and OpenRouter's, whose status is otherwise that of an
        // invalid key.
        if inner.and_then(Value::as_str) == Some("ResponsibleAIPolicyViolation") || moderated {
            return JudgeError::Refused(reason);
        }
        failure::failure(status, failure::retry_after(headers), body)
    }
}

impl OpenAi {
    fn written(&self, choice: Choice) -> Result<String, JudgeError> {
        if let Some(error) = choice.error.filter(|error| !error.is_null()) {
            let status = failure::disguised(&error);
            let body = json!({ "error": error }).to_string();
            return Err(self.failure(status, &HeaderMap::new(), &body));
        }
        let refusal = choice.message.refusal;
        if let Some(refusal) = refusal.filter(|text| !text.trim().is_empty()) {
            return Err(JudgeError::Refused(excerpt(&refusal)));
        }
        match choice.finish_reason.as_deref() {
            Some("content_filter") => {
                let reason = "the provider's content filter stopped the reply";
                return Err(JudgeError::Refused(reason.into()));
            }
            Some("length") => {
                return Err(JudgeError::Truncated {
                    max_tokens: self.max_tokens,
                });
            }
            _ => {}
        }
        let text = match choice.message.content {
            Some(Content::Text(text)) => text,
            Some(Content::Parts(parts)) => parts.into_iter().map(|part| part.text).collect(),
            None => String::new(),
        };
        let thoughts = choice.message.reasoning_content;
        let thoughts = thoughts.or(choice.message.reasoning).unwrap_or_default();
        reply::answer_in(text, thoughts)
    }
}

#[cfg(test)]
#[path = "tests/openai.rs"]
mod tests;
