//! The error of creating a file.

use std::fmt;

/// The reason why a file could not be created. It is a fault of the program, since exported data
/// was validated when it was received.
#[derive(Debug)]
pub(crate) struct Unmade(String);

impl Unmade {
    pub(super) fn because(why: impl fmt::Display) -> Self {
        Self(why.to_string())
    }
}

impl fmt::Display for Unmade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
