//! What tests need of the machine that they run on, and what they say where it has none of it.

use std::io::Write as _;

/// What a variable says of this machine; where it is not set, the test that needs it is skipped and says so. With
/// `AUDITOR_TEST_REQUIRE=1` it fails instead.
pub(crate) fn required(name: &str) -> Option<String> {
    let found = variable(name);
    if found.is_none() {
        skip(&format!("{name} is not set"));
    }
    found
}

/// Says that the test at work is skipped, and why. What `eprintln!` prints is shown of tests that fail only; this
/// is written past that.
///
/// # Panics
/// If nothing may be skipped.
pub(crate) fn skip(why: &str) {
    let may_not = variable("AUDITOR_TEST_REQUIRE").as_deref() == Some("1");
    assert!(!may_not, "{why}, and AUDITOR_TEST_REQUIRE=1 asks for it");
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // One write, so that tests that run side by side keep their lines apart.
    let line = format!("{test}: skipped: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a machine has for tests is no setting of the program"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
