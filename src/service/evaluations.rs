//! Evaluations: creating, reading, starting and cancelling them.

use std::sync::Arc;

use actix::Addr;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use sha2::{Digest, Sha256};

use crate::actors::fleet::OwnNode;
use crate::actors::fleet::placement::Placed;
use crate::actors::live_counts::LiveCounts;
use crate::actors::messages::{Cancel, Launch, LookAfter, Resume, RunPermits};
use crate::actors::registry::Registry;
use crate::actors::run::waiting::{Begun, queued};
use crate::bus::{Bus, Signal};
use crate::computing::Task;
use crate::domain::event::CancelReason;
use crate::domain::ids::{NodeId, RunId, SessionId, UserId};
use crate::domain::run::Status;
use crate::domain::settings::EvaluationConfig;
use crate::protocol::command::check_request_id;
use crate::protocol::error::{ErrorCode, FieldError, Refusal};
use crate::protocol::rest::{CreateEvaluation, EvaluationView, joined};
use crate::store::creation::{self, Creation};
use crate::store::evaluations::{Detail, Idempotency, NewEvaluation, Position, SearchTerms};
use crate::store::journal::Journal;
use crate::store::quota::{Full, Quota};
use crate::store::runs::{Begin, NewRun};
use crate::store::{self, Store, StoreError, new_id};
use crate::telemetry::metrics::Counter;

use super::grant::Author;
use super::views::evaluation_view;
use super::{Service, detach, refusal, to_the_end, unanswered, unfinished};

/// Maximum length of an `Idempotency-Key`, in characters.
const MAX_KEY_CHARS: usize = 255;

fn draining() -> Refusal {
    Refusal::new(ErrorCode::Draining, "the server is shutting down")
}

impl Service {
    /// Creates an evaluation, and starts it if requested.
    ///
    /// # Errors
    /// `validation`, also for an idempotency key that was used with another body; `limit_exceeded`
    /// if the user's quota is exhausted; `rate_limited`, `draining`.
    pub(crate) async fn create_evaluation(
        &self,
        author: impl Into<Author>,
        body: CreateEvaluation,
        key: Option<String>,
    ) -> Result<EvaluationView, Refusal> {
        let Author {
            user: owner,
            api_key,
        } = author.into();
        self.limits.creates.check(&owner).await?;
        let config = self.checked(owner, &body, key.as_deref()).await?;
        if body.start {
            self.may_start(owner).await?;
        }
        let key = match key {
            Some(key) => Some((key, fingerprint(&body)?)),
            None => None,
        };
        let start = body.start;
        let (source_text, sources) = joined(body.source_text, body.sources);
        let texts = (source_text, body.candidate_output, body.question);
        let indexing = move || {
            let question = texts.2.as_deref().unwrap_or_default();
            let terms = SearchTerms::of(owner, &[&texts.0, &texts.1, question]);
            (texts, terms)
        };
        let indexed = self.cores.compute(&Task::of(owner), indexing).await;
        let ((source_text, candidate_output, question), search_terms) =
            indexed.map_err(unfinished)?;
        if start {
            self.not_draining()?;
        }
        // The time is taken only now, since the deadline of a run must not pass while a busy server
        // makes the request wait.
        let now = Utc::now();
        let idempotency = key.map(|(key, fingerprint)| Idempotency {
            key,
            fingerprint,
            now,
        });
        let placed = self.placement.take();
        let run = start.then(|| NewRun {
            id: new_id(),
            client_request_id: None,
            started_at: now,
            node: self.works_on(&placed),
            api_key,
        });
        let new = NewEvaluation {
            id: new_id(),
            user_id: owner,
            source_text,
            sources,
            candidate_output,
            search_terms,
            question,
            config,
            epoch: new_id::<crate::domain::ids::Session>().to_string(),
            created_at: now,
        };
        let run_id = run.as_ref().map(|run| run.id);
        match self.store_new(new, idempotency, run, placed).await? {
            Creation::Made { id, begun } => {
                if let Some(begun) = begun {
                    self.run_of(begun, run_id)?;
                }
                self.evaluation(owner, id).await
            }
            Creation::KeyReused => {
                let detail = "was used for another request in the last 24 hours";
                let fault = FieldError::new("/Idempotency-Key", detail);
                Err(Refusal::invalid(vec![fault]))
            }
            Creation::Full(full) => Err(no_room(full)),
        }
    }

    /// Checks the request for a new evaluation, and returns its complete settings.
    async fn checked(
        &self,
        owner: UserId,
        body: &CreateEvaluation,
        key: Option<&str>,
    ) -> Result<EvaluationConfig, Refusal> {
        let mut faults = body.faults();
        let mut preferences = self.preferences(owner).await?;
        let asked = body
            .config
            .as_ref()
            .and_then(|config| config.collection_id.flatten());
        faults.extend(self.collection_fault(owner, asked, "/config").await?);
        let preferred = preferences.collection_id;
        if self.collection_fault(owner, preferred, "").await?.is_some() {
            // The collection was deleted since; an outdated preference must not keep anybody from
            // auditing.
            preferences.collection_id = None;
        }
        let config = self.settings(body.config.as_ref(), &preferences, &mut faults);
        faults.extend(key.and_then(key_fault));
        if faults.is_empty() {
            Ok(config)
        } else {
            Err(Refusal::invalid(faults))
        }
    }

    /// Stores an evaluation, and launches its run if there is one, even if the client is gone
    /// before the end.
    async fn store_new(
        &self,
        new: NewEvaluation,
        idempotency: Option<Idempotency>,
        run: Option<NewRun>,
        placed: Placed,
    ) -> Result<Creation, Refusal> {
        let (launcher, quota) = (self.launcher(new.user_id), self.quota());
        let run_id = run.as_ref().map(|run| run.id);
        let created = to_the_end(&self.live_counts, async move {
            let id = new.id;
            let created = launcher
                .database
                .write(move |db| creation::create(db, &new, idempotency.as_ref(), quota, run));
            let created = created.await;
            match (&created, run_id) {
                (
                    Ok(Creation::Made {
                        id,
                        begun: Some(begun),
                    }),
                    Some(run),
                ) => launcher.launch(*id, run, begun, placed),
                (Err(StoreError::InDoubt(_)), Some(_)) => launcher.look_after(id),
                _ => {}
            }
            created
        });
        created.await.map_err(|refusal| self.overtaken(refusal))
    }

    /// Returns an evaluation with all that is stored of it.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn evaluation(
        &self,
        owner: UserId,
        id: SessionId,
    ) -> Result<EvaluationView, Refusal> {
        let detail: Option<Detail> = self
            .store
            .read(move |db| store::evaluations::get(db, owner, id))
            .await
            .map_err(refusal)?;
        detail.map(evaluation_view).ok_or_else(Refusal::not_found)
    }

    /// Returns the state of an evaluation and the end of its event log.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn position(&self, owner: UserId, id: SessionId) -> Result<Position, Refusal> {
        self.store
            .read(move |db| store::evaluations::position(db, owner, id))
            .await
            .map_err(refusal)?
            .ok_or_else(Refusal::not_found)
    }

    /// Starts a run.
    ///
    /// # Errors
    /// `not_found`, `evaluation_in_progress` with the live run, `rate_limited`, `draining`.
    pub(crate) async fn start_evaluation(
        &self,
        author: impl Into<Author>,
        id: SessionId,
        client_request_id: Option<String>,
    ) -> Result<RunId, Refusal> {
        let author = author.into();
        check_request_id(client_request_id.as_deref())?;
        self.may_start(author.user).await?;
        self.begin(author, id, client_request_id).await
    }

    async fn may_start(&self, owner: UserId) -> Result<(), Refusal> {
        self.not_draining()?;
        self.limits.starts.check(&owner).await
    }

    pub(super) fn not_draining(&self) -> Result<(), Refusal> {
        if self.is_draining() {
            return Err(draining());
        }
        Ok(())
    }

    /// Returns the refusal for a start that failed. A process that ends leaves the table of nodes,
    /// and a start that was still running then finds no owner: the database is well, and another
    /// node will accept it.
    fn overtaken(&self, refusal: Refusal) -> Refusal {
        if refusal.code == ErrorCode::Overloaded && self.is_draining() {
            draining()
        } else {
            refusal
        }
    }

    async fn begin(
        &self,
        author: Author,
        session: SessionId,
        client_request_id: Option<String>,
    ) -> Result<RunId, Refusal> {
        let owner = author.user;
        let placed = self.placement.take();
        let new = NewRun {
            id: new_id(),
            client_request_id,
            started_at: Utc::now(),
            node: self.works_on(&placed),
            api_key: author.api_key,
        };
        let run = new.id;
        // The size of a run's output is not known in advance, so it may begin as long as any quota
        // is left.
        let (launcher, quota) = (self.launcher(owner), self.quota().of_bytes());
        let begun = to_the_end(&self.live_counts, async move {
            let begun = launcher.database.write(move |db| {
                match store::quota::exceeded(db, owner, quota, 0, 0)? {
                    None => store::runs::begin(db, owner, session, &new).map(Ok),
                    Some(full) => Ok(Err(full)),
                }
            });
            let begun = begun.await;
            match &begun {
                Ok(Ok(begun)) => launcher.launch(session, run, begun, placed),
                Err(StoreError::InDoubt(_)) => launcher.look_after(session),
                _ => {}
            }
            begun
        });
        let begun = begun.await.map_err(|refusal| self.overtaken(refusal))?;
        self.run_of(begun.map_err(no_room)?, Some(run))
    }

    /// Returns the run that a start led to; `run` is the id that a new run was to have.
    fn run_of(&self, begun: Begin, run: Option<RunId>) -> Result<RunId, Refusal> {
        match begun {
            Begin::Started { .. } => run.ok_or_else(Refusal::internal),
            Begin::Repeated { run_id } => Ok(run_id),
            Begin::InProgress { run_id } => {
                let message = "the evaluation is running";
                Err(Refusal::new(ErrorCode::EvaluationInProgress, message)
                    .with_details(serde_json::json!({ "run_id": run_id })))
            }
            Begin::NotFound => Err(Refusal::not_found()),
        }
    }

    /// Returns the node that will own a run that is started, or `None` if any node may claim it.
    fn works_on(&self, placed: &Placed) -> Option<NodeId> {
        match placed {
            Placed::Here | Placed::AtOnce(_) => Some(self.node.id()),
            Placed::Nobody => None,
        }
    }

    fn launcher(&self, owner: UserId) -> Launcher {
        Launcher {
            database: self.store.clone(),
            journal: self.journal.clone(),
            node: self.node.clone(),
            bus: Arc::clone(&self.bus),
            registry: self.registry.clone(),
            live_counts: self.live_counts.clone(),
            runs_started: self.metrics.runs_started.clone(),
            left_to_others: self.metrics.left_to_others.clone(),
            owner,
        }
    }

    /// Returns the configured limits of what one user may store.
    pub(super) fn quota(&self) -> Quota {
        Quota {
            evaluations: self.config.limits.evaluations_per_user,
            bytes: self.config.limits.bytes_per_user,
        }
    }

    /// Cancels the live run; its last event follows when it has ended.
    ///
    /// # Errors
    /// `not_found`, `not_running`.
    pub(crate) async fn cancel_evaluation(
        &self,
        owner: UserId,
        session: SessionId,
    ) -> Result<RunId, Refusal> {
        let not_running = || Refusal::new(ErrorCode::NotRunning, "the evaluation is not running");
        let position = self.position(owner, session).await?;
        if position.status != Status::InProgress {
            return Err(not_running());
        }
        // A stale actor, whose run has another owner by now, would confirm the cancellation without
        // effect.
        if position.node == Some(self.node.id()) {
            let cancel = Cancel {
                session,
                owner,
                reason: CancelReason::User,
            };
            let answer = self
                .registry
                .send(cancel)
                .timeout(super::ANSWER_WITHIN)
                .await
                .map_err(unanswered)?;
            if let Ok(run) = answer {
                return Ok(run);
            }
        }
        // The run has its owner at another node, or none yet.
        let stopping = self.stop_elsewhere(owner, session, CancelReason::User);
        stopping.await?.ok_or_else(not_running)
    }
}

/// Starts the work on a run once it is stored.
struct Launcher {
    database: Store,
    journal: Journal,
    node: OwnNode,
    bus: Arc<dyn Bus>,
    registry: Addr<Registry>,
    live_counts: LiveCounts,
    runs_started: Counter,
    left_to_others: Counter,
    owner: UserId,
}

impl Launcher {
    /// Should this message be lost with the process, another node or the next start of this one
    /// resumes the run.
    fn launch(&self, session: SessionId, run: RunId, begun: &Begin, placed: Placed) {
        let Begin::Started {
            config,
            epoch,
            last_seq,
            fence,
        } = begun
        else {
            return;
        };
        // Counted here, since the caller may have disconnected meanwhile.
        self.runs_started.inc();
        let (owner, fence) = (self.owner, *fence);
        match placed {
            Placed::Here => self.registry.do_send(Launch {
                session,
                owner,
                run,
                fence,
            }),
            Placed::AtOnce(slot) => self.registry.do_send(Resume {
                session,
                owner,
                run,
                fence,
                permits: Some(RunPermits {
                    slot: Some(slot),
                    loading: None,
                }),
            }),
            Placed::Nobody => self.leave_to_others(
                session,
                run,
                Begun {
                    config: config.clone(),
                    epoch: epoch.clone(),
                    last_seq: *last_seq,
                    fence,
                },
            ),
        }
    }

    /// Publishes the event that the run is queued, and notifies the nodes that may claim it.
    fn leave_to_others(&self, session: SessionId, run: RunId, begun: Begun) {
        self.left_to_others.inc();
        let (journal, node, owner) = (self.journal.clone(), self.node.clone(), self.owner);
        let (bus, registry) = (Arc::clone(&self.bus), self.registry.clone());
        detach(&self.live_counts, async move {
            match queued(session, run, begun) {
                Ok(append) => {
                    let last_seq = append.events.last().map_or(append.base, |event| event.seq);
                    match journal.append(append).await {
                        Ok(()) => {
                            // Lets members at this node see the event, and those at other nodes: no
                            // room has the run, which would tell them.
                            registry.do_send(LookAfter { session, owner });
                            bus.tell(Signal::Stored {
                                session,
                                last_seq,
                                events: None,
                            });
                        }
                        // Most likely another node has claimed the run meanwhile, and publishes its
                        // own events.
                        Err(error) => {
                            tracing::debug!(%session, %error, "the run waits without a word");
                        }
                    }
                }
                Err(error) => tracing::error!(%session, %error, "an event can't be encoded"),
            }
            node.announce_due_run();
            bus.tell(Signal::Due);
        });
    }

    /// Has the run resumed if its start was committed after all.
    fn look_after(self, session: SessionId) {
        let live_counts = self.live_counts.clone();
        detach(&live_counts, async move {
            self.database.settled().await;
            self.registry.do_send(LookAfter {
                session,
                owner: self.owner,
            });
        });
    }
}

/// Returns the refusal for a user whose quota is exhausted.
pub(super) fn no_room(full: Full) -> Refusal {
    let message = match full {
        Full::Evaluations(most) => format!(
            "your account holds {most} evaluations, which is as many as this server keeps for one user: delete some that you no longer need"
        ),
        Full::Bytes(most) => format!(
            "your account's evaluations and documents take all of the {most} bytes that this server keeps for one user: delete some that you no longer need"
        ),
    };
    Refusal::new(ErrorCode::LimitExceeded, message)
}

/// Validates an idempotency key; returns `None` if it is valid.
fn key_fault(key: &str) -> Option<FieldError> {
    let is_fine = (1..=MAX_KEY_CHARS).contains(&key.chars().count()) && !key.contains('\0');
    let detail = format!("must have 1 to {MAX_KEY_CHARS} characters");
    (!is_fine).then(|| FieldError::new("/Idempotency-Key", detail))
}

/// Returns a hash of the parsed body, so that the order of keys and white space make no difference.
fn fingerprint(body: &CreateEvaluation) -> Result<String, Refusal> {
    let text = serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "a request can't be encoded");
        Refusal::internal()
    })?;
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
}

#[cfg(test)]
#[path = "tests/evaluations.rs"]
mod tests;
