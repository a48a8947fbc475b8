//! The first event of a run that no node works on yet, saying that it is queued. The node that
//! started the run appends it.

use chrono::Utc;

use super::work::{encode_all, plan};
use crate::domain::ids::{RunId, SessionId};
use crate::domain::run::{Input, Progressed, RunState};
use crate::domain::settings::EvaluationConfig;
use crate::store::journal::Append;

/// The end of the run's log.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub config: EvaluationConfig,
    pub epoch: String,
    pub last_seq: i64,
    /// The node that claims the run raises the fence; from then on appends with
    /// this one are rejected.
    pub fence: i64,
}

/// Builds the append of a run's first event.
///
/// # Errors
/// The event cannot be encoded.
pub(crate) fn queued(
    session: SessionId,
    run: RunId,
    begun: Begun,
) -> Result<Append, serde_json::Error> {
    let mut state = RunState::resume(plan(&begun.config), Progressed::default());
    let step = state.apply(Input::Launched);
    let (events, progress) =
        encode_all((session, run), (&begun.epoch, begun.last_seq), &step.events)?;
    Ok(Append {
        session_id: session,
        run_id: run,
        epoch: begun.epoch,
        base: begun.last_seq,
        fence: begun.fence,
        progress,
        events,
        changes: step.changes,
        now: Utc::now(),
    })
}
