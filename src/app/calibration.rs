//! Calibration files: written by `calibrate`, named in `[calibration] file`, used by runs.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::figures::calibration::{Calibration, FORMAT};

/// The part of the file that all format versions share; the first version had no number.
#[derive(Deserialize)]
struct Shape {
    #[serde(default)]
    format: u32,
}

/// Reads the calibration that `[calibration] file` names, if any.
pub(super) fn configured(config: &Config) -> Result<Option<Calibration>> {
    let file = &config.calibration.file;
    if file.as_os_str().is_empty() {
        return Ok(None);
    }
    let found = read(file)?;
    tracing::info!(
        "calibration {}: {} labels, for the judges {}",
        found.name,
        found.labels,
        found.judges.join(", ")
    );
    Ok(Some(found))
}

/// Reads a calibration and verifies its hash.
///
/// # Errors
/// The file cannot be read, is no calibration, or its hash does not match.
pub(crate) fn read(path: &Path) -> Result<Calibration> {
    let name = path.display();
    let text = fs::read_to_string(path)
        .with_context(|| format!("the calibration {name} can't be read"))?;
    let shape: Shape =
        serde_json::from_str(&text).with_context(|| format!("{name} is no calibration"))?;
    if shape.format != FORMAT {
        bail!(
            "{name} was written by another version of judge-auditor, for another figure than this one's; make it again with `judge-auditor calibrate`"
        );
    }
    let calibration: Calibration =
        serde_json::from_str(&text).with_context(|| format!("{name} is no calibration"))?;
    if !calibration.map.is_valid() {
        bail!("{name} is no calibration: its figures can't be a fit's");
    }
    if hash(&calibration)? != calibration.hash {
        bail!("{name} was changed after `calibrate` wrote it: its hash is another's; fit it again");
    }
    Ok(calibration)
}

/// Computes the calibration's hash and writes the file atomically.
///
/// # Errors
/// The file exists and `replace` is false, or it cannot be written.
pub(crate) fn write(path: &Path, calibration: &mut Calibration, replace: bool) -> Result<()> {
    calibration.hash = hash(calibration)?;
    let folder = path.parent().context("a calibration needs a folder")?;
    let wrong = || format!("{} can't be written", path.display());
    fs::create_dir_all(folder).with_context(wrong)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(wrong)?;
    let text = serde_json::to_string_pretty(calibration)? + "\n";
    file.write_all(text.as_bytes()).with_context(wrong)?;
    file.as_file().sync_all().with_context(wrong)?;
    if replace {
        file.persist(path).with_context(wrong)?;
    } else {
        file.persist_noclobber(path)
            .with_context(|| format!("{} is not replaced without --replace", path.display()))?;
    }
    Ok(())
}

/// SHA-256 of all fields except the hash.
fn hash(calibration: &Calibration) -> Result<String> {
    let open = Calibration {
        hash: String::new(),
        ..calibration.clone()
    };
    let digest = Sha256::digest(serde_json::to_vec(&open)?);
    Ok(format!("{digest:x}"))
}
