//! One item of a run: an output beside its source, and where it came from.

use std::sync::Arc;

use sha2::{Digest, Sha256};

/// Hexadecimal digits of a digest of texts.
const DIGITS: usize = 32;

/// Where an item stands: a line of a file, or a whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub file: String,
    /// From 1; none where the file is the output itself.
    pub line: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// Unique in a run; the same in the next run of the same cases.
    pub id: String,
    pub place: Place,
    pub source: Arc<str>,
    pub candidate: String,
    pub question: Option<String>,
    /// Which document it belongs to, where that is said.
    pub document: Option<String>,
}

impl Item {
    /// The same for the same texts.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for part in [
            &*self.source,
            &*self.candidate,
            self.question.as_deref().unwrap_or("\0"),
        ] {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut digest = format!("{:x}", hash.finalize());
        digest.truncate(DIGITS);
        digest
    }
}

/// A name as a number: of two names hardly ever the same, and small.
pub(super) fn number(name: &str) -> u64 {
    let digest = Sha256::digest(name.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}
