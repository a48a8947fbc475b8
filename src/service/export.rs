//! Exports evaluations as files.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};

use crate::computing::{Bounds, UnderWay};
use crate::domain::ids::{SessionId, UserId};
use crate::export;
use crate::protocol::error::Refusal;
use crate::protocol::rest::{EvaluationView, Format};

use super::shares::no_result;
use super::{Service, no_turn, unfinished};

/// Limits of exports that are being generated or wait for it.
pub(crate) const EXPORTS: Bounds = Bounds {
    // These wait, are being generated, or are not yet sent completely.
    of_a_user: 6,
    // A waiting export holds no memory yet.
    held: 0,
};

/// A file that is ready to be sent. It has no name in the file system, and is deleted when this is
/// dropped.
#[derive(Debug)]
pub(crate) struct Exported {
    pub file: File,
    /// Length of the file, in bytes.
    pub length: u64,
    /// Counts against the user's limit until the file is sent.
    _under_way: UnderWay,
}

impl Service {
    /// Exports an evaluation that has a result. The file is generated on disk, so that a slow
    /// reader of a large one holds no memory.
    ///
    /// # Errors
    /// `rate_limited`, `not_found`, `not_running`, `evaluation_in_progress`.
    pub(crate) async fn export(
        &self,
        owner: UserId,
        id: SessionId,
        format: Format,
    ) -> Result<Exported, Refusal> {
        self.limits.exports.check(&owner).await?;
        let turn = self.exports.take(owner, 0).await.map_err(no_turn)?;
        let about = self.cores.about(owner, id);
        let evaluation = self.evaluation(owner, id).await?;
        if evaluation.result.is_none() {
            return Err(no_result(evaluation.status));
        }
        let directory = self.config.data_dir.clone();
        let make =
            move || write_file(&evaluation, format, &directory).map_err(|error| error.to_string());
        let made = self.cores.compute(&about.task, make).await;
        let (file, length) = made.map_err(unfinished)?.map_err(|error| {
            tracing::error!(error, ?format, "a file can't be made");
            Refusal::internal()
        })?;
        Ok(Exported {
            file,
            length,
            _under_way: turn.made(),
        })
    }
}

/// Generates the file in the server's data directory, or else in the system's directory for
/// temporary files.
fn write_file(
    evaluation: &EvaluationView,
    format: Format,
    directory: &std::path::Path,
) -> anyhow::Result<(File, u64)> {
    let file = tempfile::tempfile_in(directory).or_else(|_| tempfile::tempfile())?;
    let mut file = BufWriter::new(file);
    export::render(evaluation, format, &mut file).map_err(|error| anyhow::anyhow!("{error}"))?;
    file.flush()?;
    let mut file = file.into_inner()?;
    let length = file.stream_position()?;
    file.rewind()?;
    Ok((file, length))
}
