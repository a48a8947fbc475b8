//! The lock file of a process: it is locked while the process is alive, and names its node.
//!
//! A process that gets the lock knows that the node named in the file is dead, and need not wait
//! for its heartbeat to time out. The file also records its own identity (inode and device): in a
//! copy of a data directory it names a node that may well be alive, so that name is ignored there.
//! For a SQLite file there is a single lock file, so a second process is refused.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::domain::ids::NodeId;
use crate::store::pool::connection::create_folder_of;

/// Maximum number of bytes that are read.
const LONGEST: u64 = 200;

/// The reason why the lock could not be acquired.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Another process holds the lock.
    #[error("{} is locked by another process", .0.display())]
    Taken(PathBuf),
    /// The file cannot be opened, read or written.
    #[error("{}: {cause}", path.display())]
    File {
        path: PathBuf,
        /// Part of the message, and therefore not also the error's source.
        cause: io::Error,
    },
}

/// A locked file. The system releases the lock when the process ends, in whatever way.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// Acquires the lock. Also returns the node that held it before, if there was one. Blocks on
    /// file operations.
    ///
    /// # Errors
    /// See [`LockError`].
    pub(crate) fn lock(path: &Path) -> Result<(Self, Option<NodeId>), LockError> {
        let trouble = |cause| LockError::File {
            path: path.to_owned(),
            cause,
        };
        create_folder_of(path).map_err(trouble)?;
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
            Err(TryLockError::WouldBlock) => return Err(LockError::Taken(path.to_owned())),
            Err(TryLockError::Error(cause)) => return Err(trouble(cause)),
        }
        let mut text = String::new();
        // Content that is no valid id names no node.
        let read = (&mut file).take(LONGEST).read_to_string(&mut text);
        let lock_file = Self {
            file,
            path: path.to_owned(),
        };
        // If the identity of the file cannot be read, its former node is only found dead later, by
        // its heartbeat.
        let itself = lock_file.itself().ok();
        let before = read.ok().zip(itself).and_then(|(_, itself)| {
            let (node, of_file) = text.trim().split_once('\n')?;
            (of_file == itself).then_some(node)?.parse().ok()
        });
        Ok((lock_file, before))
    }

    /// Acquires the lock of a SQLite database, which is a file beside it. Blocks on file
    /// operations.
    ///
    /// # Errors
    /// See [`LockError`].
    pub(crate) fn lock_database(database: &Path) -> Result<Self, LockError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        Self::lock(Path::new(&path)).map(|(lock_file, _)| lock_file)
    }

    /// Writes the id of the node into the file.
    ///
    /// # Errors
    /// `File`.
    pub(crate) fn name(&self, node: NodeId) -> Result<(), LockError> {
        self.write(node).map_err(|cause| LockError::File {
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

    /// Returns an identity that no copy of the file shares: its inode and device.
    fn itself(&self) -> io::Result<String> {
        let found = self.file.metadata()?;
        Ok(format!("file {} of device {}", found.ino(), found.dev()))
    }
}

#[cfg(test)]
#[path = "tests/lock_file.rs"]
mod tests;
