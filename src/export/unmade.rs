//! Why a file could not be made.

use std::fmt;

/// A fault of ours, since whatever is exported was checked when it came in.
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
