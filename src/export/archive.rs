//! An archive of several files (ZIP), made while it is sent: of each file only what has not been taken yet is in
//! memory, and of the files that are done only their names and sizes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

use super::Unmade;

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
pub struct Archive {
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
    pub fn begin(&mut self, name: &str) -> Result<(), Unmade> {
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
    pub fn add(&mut self, content: &[u8]) -> Result<(), Unmade> {
        self.zip.write_all(content).map_err(Unmade::because)
    }

    /// What has been made since the last time.
    pub fn take(&self) -> Vec<u8> {
        self.made.take()
    }

    /// The last of it.
    ///
    /// # Errors
    /// The library's.
    pub fn finish(self) -> Result<Vec<u8>, Unmade> {
        let Self { zip, made } = self;
        zip.finish().map_err(Unmade::because)?;
        Ok(made.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::{Cursor, Read};

    use zip::ZipArchive;

    #[test]
    fn what_is_taken_piece_by_piece_is_an_archive_and_little_waits() {
        let (mut archive, mut taken, mut most) = (Archive::default(), Vec::new(), 0);
        archive.begin("numbers.txt").unwrap();
        let mut expected = String::new();
        for number in 0..40_000_u32 {
            // Digits that hardly repeat: what is compressed has to come out.
            let line = format!(
                "{:x}\n",
                u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c)
            );
            archive.add(line.as_bytes()).unwrap();
            expected.push_str(&line);
            let piece = archive.take();
            most = most.max(piece.len());
            taken.extend(piece);
        }
        assert!(most < 128 << 10, "{most}");
        assert!(taken.len() > 4 * most, "{} in one piece", taken.len());
        archive.begin("empty.json").unwrap();
        assert!(Archive::default().add(b"x").is_err(), "no file was begun");
        assert!(archive.begin("numbers.txt").is_err(), "it is there");
        taken.extend(archive.finish().unwrap());

        let mut read = ZipArchive::new(Cursor::new(taken)).unwrap();
        assert_eq!(read.len(), 2);
        let mut text = String::new();
        let mut file = read.by_name("numbers.txt").unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, expected);
    }
}
