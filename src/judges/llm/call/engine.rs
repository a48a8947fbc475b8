//! Judges a case with a language model, in the same way for every provider: asks, parses the reply,
//! asks once more if it cannot be parsed, and repeats all of it as often as configured.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};

use super::limits::{Backoff, CallLimits};
use super::transport;
use crate::computing::{Cores, Task};
use crate::domain::details::Details;
use crate::domain::report::Usage;
use crate::judges::llm::cache::{Answers, Key};
use crate::judges::llm::guard::ablation::{self, Ablated};
use crate::judges::llm::price::{self, Price};
use crate::judges::llm::prompt::rubric::Rubric;
use crate::judges::llm::prompt::{self, Cut, Prompt, Shown};
use crate::judges::llm::providers::{Completion, Provider, answered_by};
use crate::judges::llm::reply::self_consistency::{self, Sample};
use crate::judges::llm::reply::{self, Decoded};
use crate::judges::llm::settings::Settings;
use crate::judges::{
    Answer, Assessing, Case, CircuitState, Estimate, Judge, JudgeError, Outcome, Profile,
};

/// A judge that queries a language model.
pub(crate) struct LlmJudge {
    profile: Profile,
    engine: Arc<Engine>,
}

/// The state that the futures of a judge share; they may outlive the judge.
struct Engine {
    name: String,
    provider: Box<dyn Provider>,
    client: reqwest::Client,
    limits: CallLimits,
    repeats: u32,
    rubric: Rubric,
    max_tokens: u32,
    price: Option<Price>,
    cache: Option<Cache>,
    cores: Cores,
}

/// The cache that is consulted before the provider.
struct Cache {
    answers: Answers,
    ttl: Duration,
    /// Everything that an answer depends on beside the prompt.
    scope: String,
}

/// The way in which an unusable reply may be requested again.
enum Retry {
    No,
    /// Nothing could be read, so there is no reply to correct and the prompt is sent again.
    SamePrompt,
    /// With the reply and its error in the conversation.
    Corrected(String),
}

/// Statistics of one sample: its calls, and whether the first reply was unusable. The usage is
/// recorded with the run's budget.
#[derive(Debug, Default)]
struct Attempts {
    attempts: u32,
    estimated: bool,
    repaired: bool,
    /// The model that gave the last answer, as the provider names it.
    model: Option<String>,
}

impl LlmJudge {
    pub(crate) fn new(
        settings: Settings,
        provider: Box<dyn Provider>,
        client: reqwest::Client,
        backoff: Backoff,
    ) -> Self {
        let scope = format!(
            "{:?}",
            (
                &settings.name,
                provider.kind(),
                &settings.base_url,
                &settings.model,
                settings.temperature,
                settings.max_tokens,
                settings.structured,
            )
        );
        let limits = CallLimits::new(&settings, backoff);
        let cached =
            !settings.cache_ttl.is_zero() && (settings.repeats <= 1 || settings.cache_repeats);
        let cache = cached.then(|| Cache {
            answers: settings.answers.clone(),
            ttl: settings.cache_ttl,
            scope,
        });
        Self {
            profile: Profile {
                name: settings.name.clone(),
                kind: provider.kind().to_owned(),
                model: settings.model,
                offline: false,
                weight: settings.weight,
            },
            engine: Arc::new(Engine {
                name: settings.name,
                provider,
                client,
                limits,
                repeats: settings.repeats.max(1),
                rubric: settings.rubric,
                max_tokens: settings.max_tokens,
                price: settings.price,
                cache,
                cores: settings.cores,
            }),
        }
    }
}

impl Judge for LlmJudge {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn circuit(&self) -> CircuitState {
        self.engine.limits.circuit()
    }

    fn estimate(&self, case: &Case) -> Option<Estimate> {
        let engine = &self.engine;
        let (prompt, rest) = engine.prompts(case);
        let rest = rest.filter(|rest| !rest.nothing_left);
        let calls = engine.repeats + u32::from(rest.is_some());
        let prompt_tokens = prompt.tokens() * u64::from(engine.repeats)
            + rest.map_or(0, |rest| rest.prompt.tokens());
        let max_completion_tokens = u64::from(engine.max_tokens) * u64::from(calls);
        let price = |price: Price| price.of(prompt_tokens, max_completion_tokens);
        Some(Estimate {
            calls,
            prompt_tokens,
            max_completion_tokens,
            cost_usd: engine.price.map(price),
        })
    }

    fn assess(&self, case: Arc<Case>) -> Assessing {
        let engine = Arc::clone(&self.engine);
        Box::pin(async move { engine.assess(case).await })
    }
}

impl Engine {
    /// Runs work on a compute thread, in the user's turn, since texts may be long.
    async fn on_compute_thread<T: Send + 'static>(
        &self,
        case: &Arc<Case>,
        work: impl FnOnce(&Case) -> T + Send + 'static,
    ) -> Result<T, JudgeError> {
        let task = Task::of(case.user);
        let case = Arc::clone(case);
        let done = self.cores.compute(&task, move || work(&case)).await;
        done.map_err(|why| JudgeError::Internal(why.to_string()))
    }

    /// Builds the prompt and, if the texts address the judge, also the prompt without suspicious
    /// sentences. Expensive.
    fn prompts(&self, case: &Case) -> (Prompt, Option<Cut>) {
        let rest = (!case.signs.is_empty())
            .then(|| prompt::cut(case, &self.rubric, Shown::Unsuspicious))
            .filter(|cut| cut.left_out > 0);
        (prompt::prompt(case, &self.rubric), rest)
    }

    async fn assess(self: &Arc<Self>, case: Arc<Case>) -> Outcome {
        let engine = Arc::clone(self);
        let made = self.on_compute_thread(&case, move |case| engine.prompts(case));
        let (prompt, rest) = match made.await {
            Ok(made) => made,
            Err(error) => return Outcome::of(0, Err(error)),
        };
        let samples = (0..self.repeats).map(|repeat| self.sample(&case, &prompt, repeat));
        // Run concurrently, so that a suspicion costs money but no time.
        let ablated = self.without_suspicious(&case, rest.as_ref());
        let (samples, ablated) = join(join_all(samples), ablated).await;
        let mut merged = self_consistency::merge(samples);
        if let (Some(ablated), Some(rest)) = (ablated, &rest) {
            merged = ablation::judged(merged, ablated, rest.left_out, &case);
        }
        let judge_usage = case.run_budget.judge_usage(&self.name);
        let details = Details {
            prompt: Some(prompt.stamp()),
            usage_estimated: merged.details.usage_estimated || judge_usage.estimated,
            ..merged.details
        };
        Outcome {
            attempts: merged.attempts,
            usage: judge_usage.used,
            details: Some(Box::new(details)),
            suspected: ablation::suspected(&merged.result, &case),
            result: merged.result.map(Answer::Scored),
        }
    }

    /// Asks for the sample without the suspicious sentences; `None` if there are none.
    async fn without_suspicious(
        self: &Arc<Self>,
        case: &Arc<Case>,
        rest: Option<&Cut>,
    ) -> Option<Ablated> {
        Some(match rest? {
            rest if rest.nothing_left => Ablated::NothingLeft,
            rest => Ablated::Asked(Box::new(self.sample(case, &rest.prompt, 0).await)),
        })
    }

    /// Produces one sample. An unusable reply is requested once more together with its error, since
    /// at temperature 0 the same prompt would get the same reply.
    async fn sample(self: &Arc<Self>, case: &Arc<Case>, prompt: &Prompt, repeat: u32) -> Sample {
        let key = self.key(case, prompt, repeat);
        if let Some(sample) = self.from_cache(case, prompt, key.as_ref()).await {
            return sample;
        }
        let mut attempts_made = Attempts::default();
        let mut result = self.request_reply(case, prompt, &mut attempts_made).await;
        let again = match &result {
            Err((JudgeError::Malformed(why), Retry::Corrected(reply))) => {
                Some(prompt.repair(reply, why))
            }
            Err((JudgeError::Malformed(_), Retry::SamePrompt)) => Some(prompt.clone()),
            _ => None,
        };
        if let Some(again) = again {
            attempts_made.repaired = true;
            result = self.request_reply(case, &again, &mut attempts_made).await;
        }
        if let (Some(cache), Some(key), Ok((_, text))) = (&self.cache, key, &result) {
            cache.answers.put(key, text);
        }
        Sample {
            attempts: attempts_made.attempts,
            details: Details {
                repaired: attempts_made.repaired,
                usage_estimated: attempts_made.estimated,
                quotes: result.as_ref().ok().map(|(read, _)| read.quotes),
                unlabelled: result.as_ref().map_or(0, |(read, _)| read.unlabelled),
                answered_by: attempts_made.model,
                ..Details::default()
            },
            result: result
                .map(|(read, _)| read.assessment)
                .map_err(|(error, _)| error),
        }
    }

    /// Returns the cache key of an answer. It includes the user, so that nobody can infer from an
    /// answer's age what others audit.
    fn key(&self, case: &Case, prompt: &Prompt, repeat: u32) -> Option<Key> {
        let cache = self.cache.as_ref()?;
        let user = case.user?.to_string();
        let asked = prompt.stamp().sha256;
        Some(Key::of(&[&cache.scope, &user, &asked, &repeat.to_string()]))
    }

    /// Returns the sample of a cached answer, if there is one.
    async fn from_cache(
        self: &Arc<Self>,
        case: &Arc<Case>,
        prompt: &Prompt,
        key: Option<&Key>,
    ) -> Option<Sample> {
        let cache = self.cache.as_ref()?;
        let (text, age) = cache.answers.get(key?, cache.ttl)?;
        let engine = Arc::clone(self);
        let shown = prompt.claims;
        let read = self.on_compute_thread(case, move |case| engine.read(&text, case, shown));
        let read = read.await.flatten().ok()?;
        Some(Sample {
            attempts: 0,
            details: Details {
                quotes: Some(read.quotes),
                unlabelled: read.unlabelled,
                cached_age_ms: Some(age.as_millis().try_into().unwrap_or(u64::MAX)),
                ..Details::default()
            },
            result: Ok(read.assessment),
        })
    }

    /// Requests one reply. Returns its assessment and its text, or the error and the way in which
    /// to ask again.
    async fn request_reply(
        self: &Arc<Self>,
        case: &Arc<Case>,
        prompt: &Prompt,
        attempts_made: &mut Attempts,
    ) -> Result<(Decoded, String), (JudgeError, Retry)> {
        let tokens = prompt.tokens() + u64::from(self.max_tokens);
        let call = || self.call(case, prompt);
        let (attempts, completion) = self.limits.run(&self.name, tokens, call).await;
        attempts_made.estimated |= completion.as_ref().is_ok_and(|made| made.estimated);
        attempts_made.attempts += attempts;
        let model = completion.as_ref().ok().and_then(|made| made.model.clone());
        attempts_made.model = model.or(attempts_made.model.take());
        let text = completion
            .map_err(|error| (error, Retry::No))?
            .text
            .map_err(|error| (error, Retry::SamePrompt))?;
        let (engine, read) = (Arc::clone(self), text.clone());
        let shown = prompt.claims;
        let read = self.on_compute_thread(case, move |case| engine.read(&read, case, shown));
        match read.await.flatten() {
            Ok(assessment) => Ok((assessment, text)),
            Err(error) => Err((error, Retry::Corrected(text))),
        }
    }

    fn read(&self, text: &str, case: &Case, shown: usize) -> Result<Decoded, JudgeError> {
        reply::decode(text, case, shown, self.provider.secret())
    }

    /// Sends one request, if the budgets allow it.
    async fn call(&self, case: &Case, prompt: &Prompt) -> Result<Completion, JudgeError> {
        let (prompt_tokens, most) = (prompt.tokens(), u64::from(self.max_tokens));
        let mut held = case
            .run_budget
            .hold(
                &self.name,
                Usage {
                    prompt_tokens,
                    completion_tokens: most,
                    cost_usd: self.price.map(|price| price.of(prompt_tokens, most)),
                },
            )
            .await
            .map_err(JudgeError::Budget)?;
        let request = self.provider.request(&self.client, prompt);
        held.sent();
        let mut answered = false;
        let body = match transport::send(request, &*self.provider, &mut answered).await {
            Ok(body) => body,
            Err(error) => {
                if !answered {
                    held.give_back();
                }
                return Err(error);
            }
        };
        let unread = |error| match error {
            JudgeError::Malformed(_) => Ok(Completion {
                text: Err(error),
                usage: None,
                estimated: false,
                model: None,
            }),
            error => Err(error),
        };
        let mut completion = match self.provider.parse(&body).or_else(unread) {
            Ok(completion) => completion,
            // The provider reported an outage in a response with a status of success.
            Err(error) => {
                held.give_back();
                return Err(error);
            }
        };
        completion.model = answered_by(&body);
        // Some servers report no usage, or zeros; an estimate is used instead, so that the call is
        // not free.
        let counted = completion.usage.filter(|usage| usage.prompt_tokens > 0);
        completion.estimated = counted.is_none();
        let estimate = || Usage {
            prompt_tokens,
            completion_tokens: completion
                .text
                .as_deref()
                .map_or(most, price::estimate)
                .min(most),
            cost_usd: None,
        };
        let usage = counted.unwrap_or_else(estimate);
        let usage = self
            .price
            .as_ref()
            .map_or(usage, |price| price.priced(usage));
        completion.usage = Some(usage);
        held.settle(usage);
        match completion.text {
            // An outage is treated as such even if the response had a status of success.
            Err(error) if error.retry().is_some() => Err(error),
            text => Ok(Completion { text, ..completion }),
        }
    }
}
