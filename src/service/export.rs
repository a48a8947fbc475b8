//! Evaluations as files.

use std::sync::Arc;

use crate::domain::ids::{SessionId, UserId};
use crate::export;
use crate::protocol::error::Refusal;
use crate::protocol::rest::Format;

use super::Service;
use super::shares::no_result;

/// Files that are made at once; who waits holds nothing yet.
pub const EXPORTS_AT_ONCE: usize = 4;

impl Service {
    /// An evaluation with a result, as a file.
    ///
    /// # Errors
    /// `rate_limited`, `not_found`, `not_running`, `evaluation_in_progress`.
    pub async fn export(
        &self,
        owner: UserId,
        id: SessionId,
        format: Format,
    ) -> Result<Vec<u8>, Refusal> {
        self.limits.exports.check(&owner)?;
        let _turn = self.exports.acquire().await;
        let evaluation = self.evaluation(owner, id).await?;
        if evaluation.result.is_none() {
            return Err(no_result(evaluation.status));
        }
        let core = Arc::clone(&self.cores).acquire_owned().await;
        let made = tokio::task::spawn_blocking(move || {
            let _core = core;
            export::render(&evaluation, format).map_err(|error| error.to_string())
        });
        let made = made.await.unwrap_or_else(|error| Err(error.to_string()));
        made.map_err(|error| {
            tracing::error!(error, ?format, "a file can't be made");
            Refusal::internal()
        })
    }
}
