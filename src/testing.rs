//! Requirements of tests on the machine, and skipping tests where they are not met.

use std::io::Write as _;

/// Returns an environment variable that a test needs. If it is not set, the test is skipped and
/// says so; with `AUDITOR_TEST_REQUIRE=1` it fails instead.
pub(crate) fn required(name: &str) -> Option<String> {
    let found = variable(name);
    if found.is_none() {
        skip(&format!("{name} is not set"));
    }
    found
}

/// Reports the current test as skipped, with the reason. Output of `eprintln!` is only shown for
/// failing tests, so this writes to standard error directly.
///
/// # Panics
/// Panics if skipping is not allowed.
pub(crate) fn skip(why: &str) {
    let may_not = variable("AUDITOR_TEST_REQUIRE").as_deref() == Some("1");
    assert!(!may_not, "{why}, and AUDITOR_TEST_REQUIRE=1 asks for it");
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // A single write, so that lines of tests running in parallel are not mixed.
    let line = format!("{test}: skipped: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Returns what an environment variable says of the machine, or of the size of a measurement.
#[expect(
    clippy::disallowed_methods,
    reason = "what a machine has for tests is no setting of the program"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
