//! Self-tests of a bus: messages that it sends to itself, because a broken path to other nodes may
//! accept messages without an error.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::new_id;

/// Interval between two self-tests.
const AGAIN: Duration = Duration::from_secs(10);

/// The bus counts as deaf when no test came back for this long: two tests were lost.
const DEAF_AFTER: Duration = Duration::from_secs(25);

/// The operator is told when the first test is not back after this long.
const FIRST: Duration = Duration::from_secs(5);

/// Prefix of a self-test's payload.
pub(super) const ECHO: &str = "echo ";

/// The self-tests of one bus, which all have the same payload.
pub(super) struct SelfTest {
    word: String,
    sent: Option<Instant>,
    since: Instant,
    is_heard: bool,
    has_complained: bool,
}

impl SelfTest {
    pub(super) fn new() -> Self {
        Self {
            word: format!("{ECHO}{}", new_id::<crate::domain::ids::Node>()),
            sent: None,
            since: Instant::now(),
            is_heard: false,
            has_complained: false,
        }
    }

    /// Returns the payload if a test is due. While this node is alone, only one test is sent for
    /// each connection.
    pub(super) fn due(&mut self, now: Instant, is_alone: bool) -> Option<String> {
        let is_due = match self.sent {
            None => true,
            Some(sent) => !is_alone && now >= sent + AGAIN,
        };
        if !is_due {
            return None;
        }
        self.sent = Some(now);
        Some(self.word.clone())
    }

    /// Makes a test due at once, because the connection is a new one.
    pub(super) fn again(&mut self) {
        self.sent = None;
    }

    pub(super) fn is_back(&mut self, word: &str) -> bool {
        let is_back = word == self.word;
        self.is_heard |= is_back;
        is_back
    }

    /// Returns true, once, if the operator is to be told that not even the first test has come
    /// back.
    pub(super) fn complains(&mut self, now: Instant) -> bool {
        let complains = !self.is_heard && !self.has_complained && now >= self.since + FIRST;
        self.has_complained |= complains;
        complains
    }
}

/// The state of reception on a bus.
#[derive(Default)]
pub(super) struct Hearing {
    /// Reception counts as working until then; `None` after the connection was lost.
    well_until: Mutex<Option<Instant>>,
}

impl Hearing {
    /// Records that a test came back.
    pub(super) fn is_proved(&self) {
        self.set(Some(Instant::now() + DEAF_AFTER));
    }

    /// Records that the connection was lost.
    pub(super) fn is_lost(&self) {
        self.set(None);
    }

    pub(super) fn is_deaf(&self) -> bool {
        let until = *self
            .well_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.is_none_or(|until| until < Instant::now())
    }

    fn set(&self, until: Option<Instant>) {
        *self
            .well_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = until;
    }
}
