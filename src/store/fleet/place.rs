//! The place of a process: a file that it locks while it lives, and that names the node it is.
//!
//! Whoever gets the lock knows that the node which the file names is gone, and need not wait until its beat has
//! stood still for long enough. A SQLite file has one place: a second process is refused.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::domain::ids::NodeId;

/// Longest content that is read.
const LONGEST: u64 = 100;

/// Why there is no place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPlace {
    /// Another process lives in it.
    #[error("{} is locked by another process", .0.display())]
    Taken(PathBuf),
    /// The file can't be had.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A locked file; the lock ends with the process, however it ends.
#[derive(Debug)]
pub(crate) struct Place {
    file: File,
    path: PathBuf,
}

impl Place {
    /// Takes a place; and the node that was in it before, if there was one. Blocks.
    ///
    /// # Errors
    /// See [`NoPlace`].
    pub(crate) fn take(path: &Path) -> Result<(Self, Option<NodeId>), NoPlace> {
        let trouble = |source| NoPlace::File {
            path: path.to_owned(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(trouble)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NoPlace::Taken(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(trouble(source)),
        }
        let mut text = String::new();
        // What is no id names nobody.
        let read = (&mut file).take(LONGEST).read_to_string(&mut text);
        let before = read.ok().and_then(|_| text.trim().parse().ok());
        let place = Self {
            file,
            path: path.to_owned(),
        };
        Ok((place, before))
    }

    /// Names the node that lives here.
    ///
    /// # Errors
    /// `File`.
    pub(crate) fn name(&self, node: NodeId) -> Result<(), NoPlace> {
        let mut file = &self.file;
        let written = file
            .rewind()
            .and_then(|()| file.set_len(0))
            .and_then(|()| writeln!(file, "{node}"))
            .and_then(|()| file.sync_data());
        written.map_err(|source| NoPlace::File {
            path: self.path.clone(),
            source,
        })
    }
}

#[cfg(test)]
#[path = "tests/place.rs"]
mod tests;
