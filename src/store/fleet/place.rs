//! The place of a process: a file that it locks while it lives, and that names the node it is.
//!
//! Whoever gets the lock knows that the node which the file names is gone, and need not wait until its beat has
//! stood still for long enough. The file also says which file it is: in a copy of a data directory it names a node
//! that may well live, and so nobody. A SQLite file has one place: a second process is refused.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::domain::ids::NodeId;

/// Longest content that is read.
const LONGEST: u64 = 200;

/// Why there is no place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPlace {
    /// Another process lives in it.
    #[error("{} is locked by another process", .0.display())]
    Taken(PathBuf),
    /// The file can't be had.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why. Said with it, and so no source of its own.
        cause: io::Error,
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
        let trouble = |cause| NoPlace::File {
            path: path.to_owned(),
            cause,
        };
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            let mut builder = DirBuilder::new();
            let made = builder.recursive(true).mode(0o700).create(folder);
            made.map_err(trouble)?;
        }
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
            Err(TryLockError::Error(cause)) => return Err(trouble(cause)),
        }
        let mut text = String::new();
        // What is no id names nobody.
        let read = (&mut file).take(LONGEST).read_to_string(&mut text);
        let place = Self {
            file,
            path: path.to_owned(),
        };
        // Where the file can't be asked, whoever it names only waits until it is found dead.
        let itself = place.itself().ok();
        let before = read.ok().zip(itself).and_then(|(_, itself)| {
            let (node, of_file) = text.trim().split_once('\n')?;
            (of_file == itself).then_some(node)?.parse().ok()
        });
        Ok((place, before))
    }

    /// Takes the one place of a SQLite file, which is beside it. Blocks.
    ///
    /// # Errors
    /// See [`NoPlace`].
    pub(crate) fn take_file(database: &Path) -> Result<Self, NoPlace> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        Self::take(Path::new(&path)).map(|(place, _)| place)
    }

    /// Names the node that lives here.
    ///
    /// # Errors
    /// `File`.
    pub(crate) fn name(&self, node: NodeId) -> Result<(), NoPlace> {
        self.write(node).map_err(|cause| NoPlace::File {
            path: self.path.clone(),
            cause,
        })
    }

    fn write(&self, node: NodeId) -> io::Result<()> {
        let itself = self.itself()?;
        let mut file = &self.file;
        file.rewind()?;
        file.set_len(0)?;
        writeln!(file, "{node}\n{itself}")?;
        file.sync_data()
    }

    /// What no copy of the file has in common with it.
    fn itself(&self) -> io::Result<String> {
        let found = self.file.metadata()?;
        Ok(format!("file {} of device {}", found.ino(), found.dev()))
    }
}

#[cfg(test)]
#[path = "tests/place.rs"]
mod tests;
