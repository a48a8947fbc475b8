//! Language-model judges: a prompt, a call, a strict reading of the reply.
//!
//! `LlmJudge` is the same for every provider; a `Provider` knows one wire format, and a new one is
//! a new file beside `openai`. `app` builds judges here, `actors` sees them as [`Judge`].
//! Deliberately not here: tasks that outlive the returned future (dropping it drops the request), a
//! cache, fallback to another model, and any score that the model did not give: what can't be read is
//! a [`JudgeError`].

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::domain::report::Usage;

use super::{Answer, Assessing, Assessment, Case, Judge, JudgeError, Outcome, Profile};

mod excerpt;
mod limits;
mod openai;
mod prompt;
mod quote;
mod reply;
mod schema;
mod transport;

#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;

use limits::{Backoff, Limits};
use prompt::Prompt;

/// One configured language-model judge.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Unique among the configured judges.
    pub name: String,
    /// Where the provider's API begins, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The provider's name for the model.
    pub model: String,
    /// Sent as a bearer token; none for a local server.
    pub api_key: Option<SecretString>,
    /// How long one attempt may take, from connecting to the last byte.
    pub timeout: Duration,
    /// Calls at most, at least one.
    pub max_attempts: u32,
    /// Calls at the same time over all runs, at least one.
    pub max_concurrency: usize,
    /// Weight in `weighted_average`.
    pub weight: f64,
    /// Longest reply, in tokens.
    pub max_tokens: u32,
}

/// The client that all judges share: no redirects (a key must not follow one), and a bound on
/// connecting, so that a dead address is told from a slow model.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    client_builder().build()
}

fn client_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("judge-auditor/", env!("CARGO_PKG_VERSION")))
}

/// A judge on any server that speaks OpenAI's chat completions: OpenAI, vLLM, llama.cpp, Ollama's
/// `/v1`, LM Studio, OpenRouter.
pub fn openai(settings: Settings, client: reqwest::Client) -> Arc<dyn Judge> {
    let provider = openai::OpenAi::new(&settings);
    Arc::new(LlmJudge::new(settings, provider, client, Backoff::DEFAULT))
}

/// One provider's wire format.
trait Provider: Send + Sync + 'static {
    /// The kind under which judges of this provider are configured.
    const KIND: &'static str;

    /// The request that asks for a reply to `prompt`.
    fn request(&self, client: &reqwest::Client, prompt: &Prompt) -> reqwest::RequestBuilder;

    /// What must never be shown, should the provider echo it.
    fn secret(&self) -> Option<&SecretString>;

    /// Reads the body of a response with a status of success.
    fn parse(&self, body: &str) -> Result<Completion, JudgeError>;
}

/// What a model wrote.
#[derive(Debug, Clone, PartialEq)]
struct Completion {
    text: String,
    usage: Option<Usage>,
}

/// A judge that asks a model.
struct LlmJudge<P> {
    profile: Profile,
    engine: Arc<Engine<P>>,
}

/// What the futures of a judge share; they may outlive the judge.
struct Engine<P> {
    name: String,
    provider: P,
    client: reqwest::Client,
    limits: Limits,
}

impl<P: Provider> LlmJudge<P> {
    fn new(settings: Settings, provider: P, client: reqwest::Client, backoff: Backoff) -> Self {
        Self {
            engine: Arc::new(Engine {
                name: settings.name.clone(),
                provider,
                client,
                limits: Limits::new(
                    settings.max_concurrency,
                    settings.max_attempts,
                    settings.timeout,
                    backoff,
                ),
            }),
            profile: Profile {
                name: settings.name,
                kind: P::KIND.to_owned(),
                model: settings.model,
                offline: false,
                weight: settings.weight,
            },
        }
    }
}

impl<P: Provider> Judge for LlmJudge<P> {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn assess(&self, case: Arc<Case>) -> Assessing {
        let engine = Arc::clone(&self.engine);
        Box::pin(async move { engine.assess(case).await })
    }
}

/// Texts may be long: they are cut and searched on a thread that nobody else waits for.
async fn aside<T: Send + 'static>(
    case: &Arc<Case>,
    work: impl FnOnce(&Case) -> T + Send + 'static,
) -> Result<T, JudgeError> {
    let case = Arc::clone(case);
    let done = tokio::task::spawn_blocking(move || work(&case)).await;
    done.map_err(|error| JudgeError::Internal(error.to_string()))
}

impl<P: Provider> Engine<P> {
    async fn assess(&self, case: Arc<Case>) -> Outcome {
        let prompt = match aside(&case, prompt::prompt).await {
            Ok(prompt) => prompt,
            Err(error) => {
                return Outcome {
                    attempts: 0,
                    result: Err(error),
                };
            }
        };
        let (attempts, completion) = self.limits.run(&self.name, || self.ask(&prompt)).await;
        let result = match completion {
            Err(error) => Err(error),
            Ok(Completion { text, usage }) => {
                // A reply that can't be used is not asked for again: at temperature 0 it would come again.
                let decoded = aside(&case, move |case| reply::decode(&text, case))
                    .await
                    .flatten();
                decoded.map(|assessment| {
                    Answer::Scored(Assessment {
                        usage,
                        ..assessment
                    })
                })
            }
        };
        Outcome { attempts, result }
    }

    async fn ask(&self, prompt: &Prompt) -> Result<Completion, JudgeError> {
        let request = self.provider.request(&self.client, prompt);
        let body = transport::send(request, self.provider.secret()).await?;
        self.provider.parse(&body)
    }
}
