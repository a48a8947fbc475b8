//! What a run says that nobody works on yet: that it waits for its turn. Whoever has started it says so in its place.

use chrono::Utc;

use super::work::{encode_all, plan};
use crate::domain::ids::{RunId, SessionId};
use crate::domain::run::{Input, Progressed, RunState};
use crate::domain::settings::EvaluationConfig;
use crate::store::journal::Append;

/// Where the log of the run stands.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub config: EvaluationConfig,
    pub epoch: String,
    pub last_seq: i64,
    /// Whoever claims the run raises it, and what is appended with this one is refused from then on.
    pub fence: i64,
}

/// The first event of a run, for the log.
///
/// # Errors
/// It can't be encoded.
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
