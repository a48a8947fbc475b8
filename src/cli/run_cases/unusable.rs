//! Errors that the user can correct, which end with the exit code of wrong arguments.

use std::fmt;

/// An error in the arguments or the input, which the user can correct.
#[derive(Debug)]
pub(super) struct Unusable(pub(super) String);

impl fmt::Display for Unusable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}

impl From<String> for Unusable {
    fn from(why: String) -> Self {
        Self(why)
    }
}
