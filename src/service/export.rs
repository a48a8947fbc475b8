//! Evaluations as files.

use crate::domain::ids::{SessionId, UserId};
use crate::export;
use crate::protocol::error::Refusal;
use crate::protocol::rest::Format;

use super::shares::no_result;
use super::{Service, unfinished};

/// Files that are made at once; who waits holds nothing yet.
pub const EXPORTS_AT_ONCE: usize = 4;

/// Of these, files for one user.
pub const EXPORTS_OF_ONE_USER: usize = 3;

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
        let _turn = self.exports.enter(Some(owner)).await;
        let about = self.cores.about(owner, id);
        let evaluation = self.evaluation(owner, id).await?;
        if evaluation.result.is_none() {
            return Err(no_result(evaluation.status));
        }
        let render = move || export::render(&evaluation, format).map_err(|error| error.to_string());
        let made = self.cores.compute(&about.task, render).await;
        made.map_err(unfinished)?.map_err(|error| {
            tracing::error!(error, ?format, "a file can't be made");
            Refusal::internal()
        })
    }
}
