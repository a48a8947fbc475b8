//! The interface of a provider: builds a request from a prompt, and parses the response into a
//! completion or an error.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;

use super::failure;
use crate::domain::report::Usage;
use crate::judges::JudgeError;
use crate::judges::llm::prompt::Prompt;

/// The wire format of one provider.
pub(crate) trait Provider: Send + Sync {
    /// Returns the kind under which judges of this provider are configured.
    fn kind(&self) -> &'static str;

    /// Builds the request for a reply to `prompt`.
    fn request(&self, client: &reqwest::Client, prompt: &Prompt) -> reqwest::RequestBuilder;

    /// Returns the key, which must never be shown even if the provider echoes it.
    fn secret(&self) -> Option<&SecretString>;

    /// Parses the body of a response with a status of success.
    fn parse(&self, body: &str) -> Result<Completion, JudgeError>;

    /// Classifies any other response.
    fn failure(&self, status: StatusCode, headers: &HeaderMap, body: &str) -> JudgeError {
        failure::failure(status, failure::retry_after(headers), body)
    }
}

/// The model's output, or the reason why there is none; either may have been charged.
#[derive(Debug, Clone)]
pub(crate) struct Completion {
    pub(crate) text: Result<String, JudgeError>,
    pub(crate) usage: Option<Usage>,
    /// True if the provider reported no usage, and `usage` is an estimate.
    pub(crate) estimated: bool,
    /// The model that answered, as the provider names it.
    pub(crate) model: Option<String>,
}

impl Completion {
    /// Creates the completion of a response whose usage is the provider's own count.
    pub(super) const fn counted(text: Result<String, JudgeError>, usage: Option<Usage>) -> Self {
        Self {
            text,
            usage,
            estimated: false,
            model: None,
        }
    }
}

/// Maximum length of a model's name, in characters, because a provider may send anything.
const MODEL_CHARS: usize = 200;

/// Returns the name of the model that answered, if the body has it in the field of OpenAI,
/// Anthropic and Ollama or in that of Gemini.
pub(crate) fn answered_by(body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        #[serde(default)]
        model: Option<serde_json::Value>,
        #[serde(default, rename = "modelVersion")]
        model_version: Option<serde_json::Value>,
    }
    let named: Named = serde_json::from_str(body).ok()?;
    let name = [named.model, named.model_version].into_iter().flatten();
    let name = name
        .filter_map(|value| value.as_str().map(str::to_owned))
        .next();
    let name: String = name?.trim().chars().take(MODEL_CHARS).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
#[path = "tests/provider.rs"]
mod tests;
