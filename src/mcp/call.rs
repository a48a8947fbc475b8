//! A call of a tool, as the library's handler passes it to the task that executes it.

use rmcp::model::JsonObject;
use serde_json::Value;
use tokio::sync::{oneshot, watch};

use crate::protocol::error::Refusal;

use super::tools::Tool;

/// The progress of a call: 0 to 100, and a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub progress: f64,
    pub message: String,
}

/// The result of a tool, as JSON.
pub(super) type Answer = Result<Value, Refusal>;

pub(super) struct Call {
    pub tool: Tool,
    pub arguments: JsonObject,
    /// Only the latest step is kept, so that a slow client receives fewer.
    pub steps: watch::Sender<Option<Step>>,
    /// If the receiver is dropped, nobody waits any longer, and the work is stopped.
    pub answer: oneshot::Sender<Answer>,
}
