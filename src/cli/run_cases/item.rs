//! One item of a run: an output with its source, and its place in the input.

use std::sync::Arc;

use sha2::{Digest, Sha256};

/// Length of a digest in hexadecimal digits, which is 128 bits.
const DIGITS: usize = 32;

/// The place of an item: a line of a file, an item of a JSON list, or a whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub file: String,
    /// Line number from 1; `None` if the file is a JSON list or the output itself.
    pub line: Option<usize>,
    /// Position from 1 in a JSON list, whose lines are not known.
    pub item: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// Unique in a run, and stable between runs of the same cases.
    pub id: String,
    pub place: Place,
    pub source: Arc<str>,
    pub candidate: String,
    pub question: Option<String>,
    /// The document that the item belongs to, if the input names one.
    pub document: Option<String>,
    /// The reason why there is no output, if the input says so: the item can't be judged.
    pub error: Option<String>,
}

impl Item {
    /// Returns a digest of the texts, by which a later run recognizes them. Lengths are part of it,
    /// so that moving text between the fields changes it.
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

/// Hashes a name to 64 bits, which take less memory than the name. Collisions are unlikely.
pub(super) fn number(name: &str) -> u64 {
    let digest = Sha256::digest(name.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}
