//! What a provider is to the rest: a request out of a prompt, a completion or an error out of what came back.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;

use super::failure;
use crate::domain::report::Usage;
use crate::judges::JudgeError;
use crate::judges::llm::prompt::Prompt;

/// One provider's wire format.
pub(crate) trait Provider: Send + Sync {
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
        failure::failure(status, failure::retry_after(headers), body)
    }
}

/// What a model wrote, or why it did not; either may have been paid for.
#[derive(Debug, Clone)]
pub(crate) struct Completion {
    pub(crate) text: Result<String, JudgeError>,
    pub(crate) usage: Option<Usage>,
    /// True where the provider counted nothing, and `usage` is ours.
    pub(crate) estimated: bool,
    /// The model that has answered, as the provider names it.
    pub(crate) model: Option<String>,
}

/// Characters of a model's name that are kept: the provider may write anything.
const MODEL_CHARS: usize = 200;

/// The name of the model that has answered, where the body of a reply says it: OpenAI's, Anthropic's and Ollama's
/// place for it, and Gemini's.
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
