//! Executes the tools by functions of `service`.

use std::cell::Cell;
use std::time::Duration;

use rmcp::model::JsonObject;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::domain::event::EventBody;
use crate::domain::ids::{CollectionId, SessionId};
use crate::protocol::error::{ErrorCode, FieldError, Refusal};
use crate::protocol::event::Event;
use crate::protocol::rest::{CollectionsQuery, ConfigRequest, CreateEvaluation, SearchQuery};
use crate::service::Service;
use crate::service::watch::watch as watch_session;

use super::answers::{AuditAnswer, CheckClaimsAnswer, SearchCollectionAnswer};
use super::arguments::{
    AuditArguments, CheckClaimsArguments, GetEvaluationArguments, SearchCollectionArguments, read,
};
use super::call::{Answer, Step};
use super::caller::Caller;
use super::tools::Tool;

/// Maximum time that `audit` waits, in seconds.
const MAX_WAIT_S: u64 = 600;
/// Interval at which the validity of the caller's key is checked.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Maximum number of names of collections in an error message.
const MAX_NAMES: usize = 20;

/// The context of one call.
pub(super) struct Work<'a> {
    pub service: &'a Service,
    pub caller: Caller,
    pub steps: watch::Sender<Option<Step>>,
    /// The run that the call waits for, which is cancelled if the caller goes away.
    pub started: &'a Cell<Option<SessionId>>,
}

/// Executes a call.
///
/// # Errors
/// Errors of the function behind the tool; `forbidden` if the caller lacks the scope.
pub(super) async fn carry_out(work: &Work<'_>, tool: Tool, arguments: JsonObject) -> Answer {
    work.caller.allows(tool.needs())?;
    match tool {
        Tool::Audit => json(&work.audit(read(arguments)?).await?),
        Tool::CheckClaims => json(&work.check_claims(read(arguments)?).await?),
        Tool::GetEvaluation => json(&work.evaluation(read(arguments)?).await?),
        Tool::SearchCollection => json(&work.search(read(arguments)?).await?),
    }
}

fn json(answer: &impl Serialize) -> Answer {
    serde_json::to_value(answer).map_err(|error| {
        tracing::error!(%error, "a tool's answer can't be encoded");
        Refusal::internal()
    })
}

/// Converts the pointers of a refused evaluation to those of the arguments of `audit`, which has the
/// members of `config` beside the others.
fn in_arguments(refusal: Refusal) -> Refusal {
    if refusal.code != ErrorCode::Validation || refusal.fields.is_empty() {
        return refusal;
    }
    let fields = refusal.fields.into_iter().map(|fault| {
        let pointer = match fault.pointer.strip_prefix("/config/") {
            Some(rest) => format!("/{rest}"),
            None => fault.pointer,
        };
        FieldError::new(pointer, fault.detail)
    });
    Refusal::invalid(fields.collect())
}

impl Work<'_> {
    async fn audit(&self, arguments: AuditArguments) -> Result<AuditAnswer, Refusal> {
        let wait_s = arguments.wait_s;
        if !(1..=MAX_WAIT_S).contains(&wait_s) {
            let detail = format!("must be 1 to {MAX_WAIT_S}");
            return Err(Refusal::invalid(vec![FieldError::new("/wait_s", detail)]));
        }
        let body = CreateEvaluation {
            source_text: arguments.source_text.unwrap_or_default(),
            sources: arguments.sources.unwrap_or_default(),
            candidate_output: arguments.candidate_output,
            question: arguments.question,
            config: Some(ConfigRequest {
                judges: arguments.judges,
                collection_id: arguments.collection_id.map(Some),
                ..ConfigRequest::default()
            }),
            start: true,
        };
        let author = self.caller.author();
        let made = self.service.create_evaluation(author, body, None).await;
        let made = made.map_err(in_arguments)?;
        self.started.set(Some(made.id));
        tokio::select! {
            biased;
            followed = self.follow(made.id) => followed?,
            revoked = self.until_revoked() => return Err(revoked),
            () = sleep(Duration::from_secs(wait_s)) => {}
        }
        // From here on the run continues even if the caller goes away.
        self.started.set(None);
        let user = self.caller.user();
        Ok(self.service.evaluation(user, made.id).await?.into())
    }

    /// Waits for the end of a run, and reports its progress.
    async fn follow(&self, session: SessionId) -> Result<(), Refusal> {
        let user = self.caller.user();
        let mut events = watch_session(self.service, user, session).await?;
        while let Some(frame) = events.recv().await {
            let event: Event = serde_json::from_str(&frame).map_err(|error| {
                tracing::error!(%error, "an event can't be read");
                Refusal::internal()
            })?;
            if event.body.is_terminal() {
                break;
            }
            if let EventBody::EvaluationProgress(at) = event.body {
                self.steps.send_replace(Some(Step {
                    progress: at.progress,
                    message: at.message,
                }));
            }
        }
        // A short run may have ended before its events were watched.
        self.steps.send_replace(Some(Step {
            progress: 100.0,
            message: "the audit has ended".to_owned(),
        }));
        Ok(())
    }

    async fn until_revoked(&self) -> Refusal {
        let mut look = interval(CHECK_INTERVAL);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            match self.caller.check_validity(self.service).await {
                Err(refusal) if !refusal.code.retryable() => return refusal,
                // While the database is unavailable the key counts as valid.
                Ok(()) | Err(_) => {}
            }
        }
    }

    async fn check_claims(
        &self,
        arguments: CheckClaimsArguments,
    ) -> Result<CheckClaimsAnswer, Refusal> {
        let source_text = arguments.source_text.unwrap_or_default();
        let sources = arguments.sources.unwrap_or_default();
        let user = self.caller.user();
        let verdicts = self
            .service
            .check_claims(user, source_text, sources, arguments.claims)
            .await?;
        Ok(CheckClaimsAnswer::of(verdicts))
    }

    async fn evaluation(&self, arguments: GetEvaluationArguments) -> Result<AuditAnswer, Refusal> {
        let user = self.caller.user();
        let found = self.service.evaluation(user, arguments.evaluation_id);
        Ok(found.await?.into())
    }

    async fn search(
        &self,
        arguments: SearchCollectionArguments,
    ) -> Result<SearchCollectionAnswer, Refusal> {
        let collection_id = self.collection(&arguments.collection).await?;
        let query = SearchQuery {
            q: arguments.query,
            limit: arguments.limit,
        };
        let user = self.caller.user();
        let found = self.service.search(user, collection_id, query).await?;
        Ok(SearchCollectionAnswer {
            collection_id,
            passages: found.items,
        })
    }

    /// Finds a collection by its id, or by its name, which a model more likely knows.
    async fn collection(&self, named: &str) -> Result<CollectionId, Refusal> {
        if let Ok(id) = named.parse() {
            return Ok(id);
        }
        let query = CollectionsQuery {
            limit: 100,
            cursor: None,
        };
        let all = self.service.collections(self.caller.user(), query).await?;
        let wanted = named.trim().to_lowercase();
        let mut fitting = all
            .items
            .iter()
            .filter(|collection| collection.name.trim().to_lowercase() == wanted);
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one.id),
            (Some(_), Some(_)) => {
                let detail = "is the name of several collections: give the id of one";
                Err(Refusal::invalid(vec![FieldError::new(
                    "/collection",
                    detail,
                )]))
            }
            (None, _) => {
                let names = all.items.iter().take(MAX_NAMES);
                let names: Vec<String> = names
                    .map(|collection| format!("\"{}\"", collection.name))
                    .collect();
                let message = match names.as_slice() {
                    [] => "there is no such collection; this account has none".to_owned(),
                    names => format!(
                        "there is no such collection; this account has {}",
                        names.join(", ")
                    ),
                };
                Err(Refusal::new(ErrorCode::NotFound, message))
            }
        }
    }
}

#[cfg(test)]
#[path = "tests/work.rs"]
mod tests;
