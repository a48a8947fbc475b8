//! A loaded run: its state, its texts, and its events that are encoded but not yet stored.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::audit::material::Material;
use crate::domain::event::EventBody;
use crate::domain::ids::{RunId, SessionId, UserId};
use crate::domain::run::{Change, Plan, Progressed, RunState};
use crate::domain::settings::EvaluationConfig;
use crate::evidence::passages::Passage;
use crate::judges::budget::RunBudget;
use crate::judges::injection::AllowedPhrases;
use crate::neural::Encoder;
use crate::protocol::event::{Place, encode};
use crate::store::journal::{Append, StoredEvent};
use crate::store::runs::LoadedRun;

/// Events and changes that are not stored yet.
#[derive(Default)]
struct Pending {
    events: Vec<StoredEvent>,
    changes: Vec<Change>,
    progress: Option<f64>,
}

/// Derives the stages of a run from its settings.
pub(super) fn plan(config: &EvaluationConfig) -> Plan {
    Plan {
        judges: config.judges.clone(),
        retrieval: config.enable_retrieval,
        quorum: config.quorum,
    }
}

/// Encodes events with the next sequence numbers. Also returns the last progress that they report.
pub(super) fn encode_all(
    (session_id, run_id): (SessionId, RunId),
    (epoch, last_seq): (&str, i64),
    events: &[EventBody],
) -> Result<(Vec<StoredEvent>, Option<f64>), serde_json::Error> {
    let ts = Utc::now();
    let mut progress = None;
    let mut encoded = Vec::with_capacity(events.len());
    for (body, seq) in events.iter().zip(last_seq + 1..) {
        let place = Place {
            session_id,
            run_id,
            epoch,
            seq,
            ts,
        };
        encoded.push(StoredEvent {
            seq,
            kind: body.name(),
            ts,
            frame: encode(&place, body)?,
        });
        if let EventBody::EvaluationProgress(told) = body {
            progress = Some(told.progress);
        }
    }
    Ok((encoded, progress))
}

pub(super) struct Work {
    pub(super) state: RunState,
    pub(super) material: Arc<Material>,
    pub(super) config: EvaluationConfig,
    pub(super) started_at: DateTime<Utc>,
    pub(super) passages: Option<Vec<Passage>>,
    pub(super) user: UserId,
    pub(super) run_budget: RunBudget,
    epoch: String,
    /// The sequence number of the last stored event.
    stored: i64,
    /// The sequence number of the last encoded event.
    encoded: i64,
    pending: Pending,
}

impl Work {
    /// Restores the run as of its last commit.
    pub(super) fn new(
        loaded: LoadedRun,
        run_budget: RunBudget,
        encoder: Option<Arc<Encoder>>,
        allowed_phrases: Arc<AllowedPhrases>,
    ) -> Self {
        let plan = plan(&loaded.config);
        let past = Progressed {
            claims: loaded.claims,
            verdicts: loaded.verdicts,
            reports: loaded.reports,
            progress: loaded.progress,
        };
        Self {
            state: RunState::resume(plan, past),
            material: Arc::new(Material::new(
                (loaded.source_text, loaded.sources),
                loaded.candidate_output,
                loaded.question,
                encoder,
                allowed_phrases,
            )),
            config: loaded.config,
            started_at: loaded.started_at,
            passages: None,
            user: loaded.user_id,
            run_budget,
            epoch: loaded.epoch,
            stored: loaded.last_seq,
            encoded: loaded.last_seq,
            pending: Pending::default(),
        }
    }

    /// Encodes a step's events once, with the next sequence numbers.
    pub(super) fn queue(
        &mut self,
        session_id: SessionId,
        run_id: RunId,
        events: &[EventBody],
        changes: Vec<Change>,
    ) -> Result<(), serde_json::Error> {
        let after = (&*self.epoch, self.encoded);
        let (events, progress) = encode_all((session_id, run_id), after, events)?;
        self.encoded += events.len() as i64;
        self.pending.events.extend(events);
        self.pending.progress = progress.or(self.pending.progress);
        self.pending.changes.extend(changes);
        Ok(())
    }

    /// Returns true if all encoded events and changes are stored.
    pub(super) fn is_idle(&self) -> bool {
        self.pending.events.is_empty() && self.pending.changes.is_empty()
    }

    /// Records that the append is committed.
    pub(super) fn stored(&mut self, append: &Append) {
        self.stored = append.base + append.events.len() as i64;
    }

    /// Drops the events that are encoded but not stored; nobody has seen them.
    pub(super) fn rewind(&mut self) {
        self.encoded = self.stored;
        self.pending = Pending::default();
    }

    /// Takes all events and changes that are not stored, for one append.
    pub(super) fn take(&mut self, session_id: SessionId, run_id: RunId, fence: i64) -> Append {
        let Pending {
            events,
            changes,
            progress,
        } = std::mem::take(&mut self.pending);
        Append {
            session_id,
            run_id,
            epoch: self.epoch.clone(),
            base: self.stored,
            fence,
            progress,
            events,
            changes,
            now: Utc::now(),
        }
    }
}
