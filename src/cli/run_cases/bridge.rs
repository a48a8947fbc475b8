//! The bridge to a baseline that another panel judged: its stored texts are audited again by the
//! current panel, so that the two runs are measured alike.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::Result;
use futures_util::{StreamExt as _, stream};

use super::baseline::{self, Kept};
use super::engine::{Asked, Engine};
use super::item::number;
use super::record::Outcome;
use super::unusable::Unusable;
use crate::cli::complaint::complain;
use crate::cli::progress::Progress;

/// Audits the stored texts of a baseline again, by the current panel: those of the items of this
/// run. Their results replace those in `kept`.
pub(super) async fn judged_again(
    path: &Path,
    ids: &HashSet<u64>,
    engine: &Engine,
    asked: &Asked,
    kept: &mut HashMap<u64, Kept>,
) -> Result<()> {
    let items = || baseline::stored(path, ids).map_err(anyhow::Error::msg);
    let all = items()?.count();
    let mut progress = Progress::new("baseline", all);
    let auditing = items()?.map(|item| async move {
        let item = item.map_err(anyhow::Error::msg)?;
        engine.audit(item, asked).await
    });
    let mut auditing = stream::iter(auditing).buffer_unordered(engine.at_once());
    let mut errored = 0;
    while let Some(record) = auditing.next().await {
        let record = record?;
        errored += usize::from(record.outcome == Outcome::Errored);
        kept.insert(number(&record.id), Kept::of(&record));
        progress.step();
    }
    drop(progress);
    if errored > 0 {
        complain(&format!(
            "judge-auditor: {errored} items of the baseline could not be judged again, and are not compared"
        ));
    }
    Ok(())
}

pub(super) fn other_ruler(differences: &[String]) -> Unusable {
    Unusable(format!(
        "--baseline was measured with another ruler; say --bridge to judge its stored texts again by this panel:\n  {}",
        differences.join("\n  ")
    ))
}
