//! From a case to an outcome, alike for every provider: ask, read, ask once more for what can't be
//! read, and all of it as often as configured.

use std::sync::Arc;

use futures_util::future::{join, join_all};

use super::limits::{Backoff, Limits};
use super::prompt::{self, Cut, Prompt, Shown};
use super::repeats::{self, Look};
use super::reply::{self, Decoded};
use super::rubric::Rubric;
use super::second_look::{self, Second};
use super::{Completion, Provider, Settings, transport};
use crate::domain::details::Details;
use crate::domain::report::Usage;
use crate::judges::{Answer, Assessing, Case, Judge, JudgeError, Outcome, Profile};

/// A judge that asks a model.
pub(super) struct LlmJudge {
    profile: Profile,
    engine: Arc<Engine>,
}

/// What the futures of a judge share; they may outlive the judge.
struct Engine {
    name: String,
    provider: Box<dyn Provider>,
    client: reqwest::Client,
    limits: Limits,
    repeats: u32,
    rubric: Rubric,
}

/// The tally of one asking: calls, what they used, what did not fit at first.
#[derive(Debug, Default)]
struct Tally {
    attempts: u32,
    usage: Option<Usage>,
    repaired: bool,
}

impl Tally {
    fn add(&mut self, attempts: u32, usage: Option<Usage>) {
        self.attempts += attempts;
        self.usage = match (self.usage, usage) {
            (Some(a), Some(b)) => Some(a.plus(b)),
            (a, b) => a.or(b),
        };
    }
}

impl LlmJudge {
    pub(super) fn new(
        settings: Settings,
        provider: Box<dyn Provider>,
        client: reqwest::Client,
        backoff: Backoff,
    ) -> Self {
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
                limits: Limits::new(
                    settings.max_concurrency,
                    settings.max_attempts,
                    settings.timeout,
                    backoff,
                ),
                repeats: settings.repeats.max(1),
                rubric: settings.rubric,
            }),
        }
    }
}

impl Judge for LlmJudge {
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

impl Engine {
    async fn assess(&self, case: Arc<Case>) -> Outcome {
        let rubric = self.rubric.clone();
        let made = aside(&case, move |case| {
            let rest = (!case.signs.is_empty())
                .then(|| prompt::cut(case, &rubric, Shown::Unsuspicious))
                .filter(|cut| cut.left_out > 0);
            (prompt::prompt(case, &rubric), rest)
        });
        let (prompt, rest) = match made.await {
            Ok(made) => made,
            Err(error) => return Outcome::of(0, Err(error)),
        };
        let looks = join_all((0..self.repeats).map(|_| self.look(&case, &prompt)));
        // At the same time, so that a suspicion costs money but no time.
        let (looks, second) = join(looks, self.second_look(&case, rest.as_ref())).await;
        let mut merged = repeats::merge(looks);
        if let (Some(second), Some(rest)) = (second, &rest) {
            merged = second_look::judged(merged, second, rest.left_out, &case);
        }
        let details = Details {
            prompt: Some(prompt.stamp()),
            ..merged.details
        };
        Outcome {
            attempts: merged.attempts,
            usage: merged.usage,
            details: Some(Box::new(details)),
            result: merged.result.map(Answer::Scored),
        }
    }

    /// The opinion without the suspicious sentences; none where there are none.
    async fn second_look(&self, case: &Arc<Case>, rest: Option<&Cut>) -> Option<Second> {
        Some(match rest? {
            rest if rest.nothing_left => Second::NothingLeft,
            rest => Second::Asked(Box::new(self.look(case, &rest.prompt).await)),
        })
    }

    /// One opinion. A reply that can't be used is asked for once more, with what is wrong with it: at
    /// temperature 0 the same question would get the same reply.
    async fn look(&self, case: &Arc<Case>, prompt: &Prompt) -> Look {
        let mut tally = Tally::default();
        let mut result = self.asked(case, prompt, &mut tally).await;
        if let Err((JudgeError::Malformed(why), Some(reply))) = &result {
            let repair = prompt.repair(reply, why);
            tally.repaired = true;
            result = self.asked(case, &repair, &mut tally).await;
        }
        Look {
            attempts: tally.attempts,
            usage: tally.usage,
            details: Details {
                repaired: tally.repaired,
                quotes: result.as_ref().ok().map(|read| read.quotes),
                ..Details::default()
            },
            result: result
                .map(|read| read.assessment)
                .map_err(|(error, _)| error),
        }
    }

    /// The assessment in one reply, or the error with the reply that could not be used.
    async fn asked(
        &self,
        case: &Arc<Case>,
        prompt: &Prompt,
        tally: &mut Tally,
    ) -> Result<Decoded, (JudgeError, Option<String>)> {
        let (attempts, completion) = self.limits.run(&self.name, || self.call(prompt)).await;
        tally.add(
            attempts,
            completion.as_ref().ok().and_then(|made| made.usage),
        );
        let text = completion
            .and_then(|made| made.text)
            .map_err(|error| (error, None))?;
        let read = text.clone();
        aside(case, move |case| reply::decode(&read, case))
            .await
            .flatten()
            .map_err(|error| (error, Some(text)))
    }

    async fn call(&self, prompt: &Prompt) -> Result<Completion, JudgeError> {
        let request = self.provider.request(&self.client, prompt);
        let body = transport::send(request, &*self.provider).await?;
        self.provider.parse(&body)
    }
}
