//! An archive of several files (ZIP), made while it is sent: of each file only what has not been taken yet is in
//! memory, and of the files that are done only their names and sizes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

use super::unmade::Unmade;

/// The bytes that were made and not taken yet.
#[derive(Clone, Default)]
struct Made(Arc<Mutex<Vec<u8>>>);

impl Made {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive under way.
pub(crate) struct Archive {
    zip: ZipWriter<StreamWriter<Made>>,
    made: Made,
}

impl Default for Archive {
    fn default() -> Self {
        let made = Made::default();
        Self {
            zip: ZipWriter::new_stream(made.clone()),
            made,
        }
    }
}

impl Archive {
    /// Ends the file before, if there is one, and begins another.
    ///
    /// # Errors
    /// There is a file of that name.
    pub(crate) fn begin(&mut self, name: &str) -> Result<(), Unmade> {
        // Its size is not known beforehand, and may be over 4 GiB.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(0o600)
            .large_file(true);
        self.zip.start_file(name, options).map_err(Unmade::because)
    }

    /// Adds to the file that was begun.
    ///
    /// # Errors
    /// None was.
    pub(crate) fn add(&mut self, content: &[u8]) -> Result<(), Unmade> {
        self.zip.write_all(content).map_err(Unmade::because)
    }

    /// What has been made since the last time.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.made.take()
    }

    /// The last of it.
    ///
    /// # Errors
    /// The library's.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Unmade> {
        let Self { zip, made } = self;
        zip.finish().map_err(Unmade::because)?;
        Ok(made.take())
    }
}

#[cfg(test)]
#[path = "tests/archive.rs"]
mod tests;
