//! Words that a bus sends itself: whether what is told comes back, for a way to others may be taken without an error
//! and lead nowhere.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::new_id;

/// How often the bus sends itself a word.
const AGAIN: Duration = Duration::from_secs(10);

/// It is deaf when two have not come back.
const DEAF_AFTER: Duration = Duration::from_secs(25);

/// How long the first may take until the operator is told.
const FIRST: Duration = Duration::from_secs(5);

/// What such a word begins with.
pub(super) const ECHO: &str = "echo ";

/// The words of one connection.
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

    /// The word that is to be sent now. Where nobody else is there, only at the start.
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

    /// The connection is another: a word is due at once.
    pub(super) fn again(&mut self) {
        self.sent = None;
    }

    pub(super) fn is_back(&mut self, word: &str) -> bool {
        let is_back = word == self.word;
        self.is_heard |= is_back;
        is_back
    }

    /// Whether the operator is to be told that not even the first has come back; once.
    pub(super) fn complains(&mut self, now: Instant) -> bool {
        let complains = !self.is_heard && !self.has_complained && now >= self.since + FIRST;
        self.has_complained |= complains;
        complains
    }
}

/// Whether a bus hears.
#[derive(Default)]
pub(super) struct Hearing {
    /// Until when it is believed that everything is heard.
    well_until: Mutex<Option<Instant>>,
}

impl Hearing {
    /// A word came back.
    pub(super) fn is_proved(&self) {
        self.set(Some(Instant::now() + DEAF_AFTER));
    }

    /// The connection is lost.
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
