//! An archive of several files (ZIP), created while it is sent: memory only holds the part that was
//! not taken yet, and the names and sizes of the finished files.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

use super::unmade::Unmade;

/// The bytes written by the library and not taken yet.
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

/// An archive that is still being written.
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
    /// Ends the previous file, if there is one, and starts another.
    ///
    /// # Errors
    /// A file of that name exists.
    pub(crate) fn begin(&mut self, name: &str) -> Result<(), Unmade> {
        // The size is not known beforehand, and may exceed 4 GiB.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(0o600)
            .large_file(true);
        self.zip.start_file(name, options).map_err(Unmade::because)
    }

    /// Appends to the current file.
    ///
    /// # Errors
    /// No file was started, or the library fails.
    pub(crate) fn add(&mut self, content: &[u8]) -> Result<(), Unmade> {
        self.zip.write_all(content).map_err(Unmade::because)
    }

    /// Takes the bytes written since the last call.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.made.take()
    }

    /// Completes the archive and returns its last bytes.
    ///
    /// # Errors
    /// The library fails.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Unmade> {
        let Self { zip, made } = self;
        zip.finish().map_err(Unmade::because)?;
        Ok(made.take())
    }
}

#[cfg(test)]
#[path = "tests/archive.rs"]
mod tests;
