//! What the command line says on standard error, and the exit code of wrong usage.

use std::io::Write;

/// Exit code of wrong usage: a flag, a setting or an input that can't be.
pub(super) const USAGE: u8 = 2;

pub(super) fn complain(text: &str) {
    // Nobody is left to tell when stderr is gone.
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
}
