//! A call of a tool, on its way from the library's handler to where it is carried out.

use rmcp::model::JsonObject;
use serde_json::Value;
use tokio::sync::{oneshot, watch};

use crate::protocol::error::Refusal;

use super::tools::Tool;

/// How far a call has come: 0..100, and in words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub progress: f64,
    pub message: String,
}

/// What a tool answers with, as JSON.
pub(super) type Answer = Result<Value, Refusal>;

/// A tool that is called.
pub(super) struct Call {
    pub tool: Tool,
    pub arguments: JsonObject,
    /// Only the last step is kept: a client that takes its time gets fewer.
    pub steps: watch::Sender<Option<Step>>,
    /// Whoever drops the other end no longer waits, and the work ends.
    pub answer: oneshot::Sender<Answer>,
}
