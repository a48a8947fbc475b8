//! Gemini's `generateContent`, <https://ai.google.dev/api/generate-content>.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::dialect;
use super::endpoint::{Endpoint, KeyHeader};
use super::failure;
use super::provider::{Completion, Provider};
use crate::domain::report::Usage;
use crate::judges::JudgeError;
use crate::judges::llm::excerpt::excerpt;
use crate::judges::llm::prompt::Prompt;
use crate::judges::llm::settings::{Settings, Structured};
use crate::judges::llm::{lenient, reply};

/// A model on Gemini's API.
pub(crate) struct Gemini {
    endpoint: Endpoint,
    structured: Structured,
    temperature: Option<f64>,
    max_tokens: u32,
}

impl Gemini {
    pub(crate) fn new(settings: &Settings) -> Self {
        // The name of a tuned model includes its collection.
        let model = match settings.model.contains('/') {
            true => settings.model.clone(),
            false => format!("models/{}", settings.model),
        };
        let path = format!("/v1beta/{model}:generateContent");
        // The key is not put into the query (`?key=`), since addresses end up in logs.
        let key = KeyHeader::Named("x-goog-api-key");
        Self {
            endpoint: Endpoint::new(settings, &path, key),
            structured: settings.structured,
            temperature: settings.temperature,
            max_tokens: settings.max_tokens,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    system_instruction: Content<'a>,
    contents: Vec<Content<'a>>,
    generation_config: GenerationConfig,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: [Text<'a>; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    /// `responseJsonSchema` is not used, because models before 2.5 do not keep its order.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_schema: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default, deserialize_with = "lenient::readable")]
    candidates: Vec<Candidate>,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    prompt_feedback: Option<Feedback>,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    usage_metadata: Option<TokenCounts>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    #[serde(default, deserialize_with = "lenient::or_absent")]
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    #[serde(default, deserialize_with = "lenient::or_absent")]
    content: Option<Parts>,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Parts {
    #[serde(default, deserialize_with = "lenient::readable")]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default, deserialize_with = "lenient::or_absent")]
    text: String,
    #[serde(default, deserialize_with = "lenient::or_absent")]
    thought: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenCounts {
    #[serde(default, deserialize_with = "lenient::count")]
    prompt_token_count: u64,
    #[serde(default, deserialize_with = "lenient::count")]
    candidates_token_count: u64,
    /// Charged like the rest of the reply, but not included in its count.
    #[serde(default, deserialize_with = "lenient::count")]
    thoughts_token_count: u64,
}

fn turn<'a>(role: Option<&'static str>, text: &'a str) -> Content<'a> {
    Content {
        role,
        parts: [Text { text }],
    }
}

impl Provider for Gemini {
    fn kind(&self) -> &'static str {
        "gemini"
    }

    fn request(&self, client: &reqwest::Client, prompt: &Prompt) -> reqwest::RequestBuilder {
        let mut contents = vec![turn(Some("user"), &prompt.user)];
        if let Some(repair) = &prompt.repair {
            contents.push(turn(Some("model"), &repair.reply));
            contents.push(turn(Some("user"), &repair.complaint));
        }
        let request = Request {
            system_instruction: turn(None, &prompt.system),
            contents,
            generation_config: GenerationConfig {
                temperature: self.temperature,
                max_output_tokens: self.max_tokens,
                response_mime_type: (self.structured != Structured::Prompt)
                    .then_some("application/json"),
                response_schema: (self.structured == Structured::Schema)
                    .then(|| dialect::gemini(&prompt.schema)),
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
            JudgeError::Malformed(format!("not generated content: {error}"))
        })?;
        if let Some(error) = response.error.filter(|error| !error.is_null()) {
            let status = failure::disguised(&error);
            return Err(self.failure(status, &HeaderMap::new(), body));
        }
        let usage = response.usage_metadata.map(|counts| Usage {
            prompt_tokens: counts.prompt_token_count,
            completion_tokens: counts
                .candidates_token_count
                .saturating_add(counts.thoughts_token_count),
            cost_usd: None,
        });
        let blocked = response.prompt_feedback.and_then(|told| told.block_reason);
        let text = match (blocked, response.candidates.into_iter().next()) {
            (Some(reason), _) => Err(JudgeError::Refused(format!(
                "the provider blocked the texts ({})",
                excerpt(&reason)
            ))),
            (None, Some(candidate)) => self.written(candidate),
            (None, None) => Err(JudgeError::Malformed("the reply holds no candidate".into())),
        };
        Ok(Completion::counted(text, usage))
    }

    /// Classifies by `error.details`, as Google's APIs fill it.
    fn failure(&self, status: StatusCode, headers: &HeaderMap, body: &str) -> JudgeError {
        let explained = failure::Explained::read(body);
        let details = Details::of(&explained);
        let reason = explained.reason.clone();
        let code = status.as_u16();
        // A wrong key is reported as an invalid request.
        if details.wrong_key {
            return JudgeError::Auth {
                status: code,
                reason,
            };
        }
        // An exhausted daily quota is not worth waiting for, whatever `retryDelay` says.
        if status == StatusCode::TOO_MANY_REQUESTS && details.daily {
            return JudgeError::Quota(reason);
        }
        let retry_after = failure::retry_after(headers).or(details.retry_after);
        failure::failure(status, retry_after, body)
    }
}

impl Gemini {
    fn written(&self, candidate: Candidate) -> Result<String, JudgeError> {
        match candidate.finish_reason.as_deref() {
            Some(
                reason @ ("SAFETY" | "RECITATION" | "PROHIBITED_CONTENT" | "BLOCKLIST" | "SPII"
                | "LANGUAGE"),
            ) => {
                return Err(JudgeError::Refused(format!(
                    "the provider stopped the reply ({reason})"
                )));
            }
            Some("MAX_TOKENS") => {
                return Err(JudgeError::Truncated {
                    max_tokens: self.max_tokens,
                });
            }
            _ => {}
        }
        let parts = candidate.content.map(|content| content.parts);
        let (mut text, mut thoughts) = (String::new(), String::new());
        for part in parts.unwrap_or_default() {
            let of = if part.thought {
                &mut thoughts
            } else {
                &mut text
            };
            of.push_str(&part.text);
        }
        reply::answer_in(text, thoughts)
    }
}

/// The relevant details of an error.
#[derive(Debug, Default)]
struct Details {
    retry_after: Option<Duration>,
    daily: bool,
    wrong_key: bool,
}

impl Details {
    fn of(explained: &failure::Explained) -> Self {
        let mut told = Self::default();
        let details = explained.field("details").and_then(Value::as_array);
        for detail in details.into_iter().flatten() {
            let text = |key: &str| detail.get(key).and_then(Value::as_str);
            match text("@type").and_then(|kind| kind.rsplit('.').next()) {
                Some("RetryInfo") => told.retry_after = text("retryDelay").and_then(duration),
                Some("ErrorInfo") => told.wrong_key |= text("reason") == Some("API_KEY_INVALID"),
                Some("QuotaFailure") => {
                    let violations = detail.get("violations").and_then(Value::as_array);
                    told.daily |= violations.into_iter().flatten().any(|violation| {
                        let quota = violation.get("quotaId").and_then(Value::as_str);
                        quota.is_some_and(|quota| quota.contains("PerDay"))
                    });
                }
                _ => {}
            }
        }
        told
    }
}

/// Parses a duration in Protobuf's JSON form: `36s`, `1.5s`.
fn duration(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
#[path = "tests/gemini.rs"]
mod tests;
