//! Messages on standard error, and the exit code of wrong usage.

use std::io::Write;

/// Exit code of wrong usage: an invalid flag, setting or input.
pub(super) const USAGE: u8 = 2;

pub(super) fn complain(text: &str) {
    // If standard error is closed, there is nowhere to report that.
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
}
