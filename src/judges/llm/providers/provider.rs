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
}
