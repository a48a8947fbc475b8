//! Answers that are checked while they are written: their pieces, and what was decided of them so far.
//!
//! They are in memory alone, of this node, and bounded in number, bytes and time. They belong to a user and not to a
//! connection, so that whoever comes back takes one up where it stands; where it is gone, as after a restart or on
//! another node, `next_piece` is 0 and the client sends what it has again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Turn;
use tokio::time::Instant;

use crate::audit::sentences::Read;
use crate::domain::ids::UserId;
use crate::protocol::check::{AddToCheck, BeginCheck, CheckProgress, Part};
use crate::protocol::error::{ErrorCode, FieldError, Refusal};
use crate::protocol::rest::{CheckView, ClaimView, MAX_CANDIDATE_CHARS, MAX_SOURCE_CHARS};

/// Checks of one user that are held at once.
const OF_USER: usize = 16;
/// Bytes of text that are held of one user and of all: what is made of a source takes a hundred times as much.
const BYTES_OF_USER: usize = 2 << 20;
const BYTES_OF_ALL: usize = 8 << 20;
/// How long one is held of which nothing is heard, and at most.
const IDLE: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(600);
/// When somebody may come again for whom there is no room.
const AGAIN: Duration = Duration::from_secs(5);

type Key = (UserId, String);

/// The checks under way.
#[derive(Default)]
pub(crate) struct Drafts(Mutex<HashMap<Key, Held>>);

struct Held {
    draft: Arc<Turn<Draft>>,
    /// Of its texts.
    bytes: usize,
    begun: Instant,
    touched: Instant,
}

/// One answer as far as it has come.
pub(super) struct Draft {
    pub settings: BeginCheck,
    pub source: String,
    /// The source, once the candidate has begun.
    pub read: Option<Read>,
    pub candidate: String,
    pub next_piece: u32,
    pub is_whole: bool,
    pub told: Vec<ClaimView>,
    /// Up to where claims were told, in UTF-16 code units.
    pub told_up_to: usize,
    pub result: Option<Box<CheckView>>,
}

impl Drafts {
    fn all(&self) -> MutexGuard<'_, HashMap<Key, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets those whose time is over.
    pub(crate) fn sweep(&self) {
        self.sweep_at(Instant::now());
    }

    fn sweep_at(&self, now: Instant) {
        self.all()
            .retain(|_, held| now - held.touched < IDLE && now - held.begun < LONGEST);
    }

    /// The one of that name, if there is one, made anew if not.
    pub(super) fn begin(
        &self,
        user: UserId,
        settings: &BeginCheck,
        now: Instant,
    ) -> Result<Arc<Turn<Draft>>, Refusal> {
        self.sweep_at(now);
        let key = (user, settings.check_id.clone());
        let bytes = settings.source_text.len();
        let mut all = self.all();
        if let Some(held) = all.get_mut(&key) {
            held.touched = now;
            return Ok(Arc::clone(&held.draft));
        }
        let of_user = all.keys().filter(|(owner, _)| *owner == user).count();
        if of_user >= OF_USER {
            let message = format!("you have {OF_USER} checks under way: end one of them first");
            return Err(Refusal::new(ErrorCode::RateLimited, message).after(AGAIN));
        }
        room(&all, user, bytes)?;
        let draft = Arc::new(Turn::new(Draft {
            source: settings.source_text.clone(),
            settings: settings.clone(),
            read: None,
            candidate: String::new(),
            next_piece: 0,
            is_whole: false,
            told: Vec::new(),
            told_up_to: 0,
            result: None,
        }));
        let held = Held {
            draft: Arc::clone(&draft),
            bytes,
            begun: now,
            touched: now,
        };
        all.insert(key, held);
        Ok(draft)
    }

    pub(super) fn get(
        &self,
        user: UserId,
        check: &str,
        now: Instant,
    ) -> Result<Arc<Turn<Draft>>, Refusal> {
        self.sweep_at(now);
        let mut all = self.all();
        let held = all.get_mut(&(user, check.to_owned()));
        let held = held.ok_or_else(|| {
            let message = "there is no such check here, or its time is over: begin it again";
            Refusal::new(ErrorCode::NotFound, message)
        })?;
        held.touched = now;
        Ok(Arc::clone(&held.draft))
    }

    /// Counts bytes that are to be added to one.
    pub(super) fn grow(&self, user: UserId, check: &str, bytes: usize) -> Result<(), Refusal> {
        let mut all = self.all();
        room(&all, user, bytes)?;
        if let Some(held) = all.get_mut(&(user, check.to_owned())) {
            held.bytes += bytes;
        }
        Ok(())
    }
}

/// Whether there is room for so many bytes more.
fn room(all: &HashMap<Key, Held>, user: UserId, bytes: usize) -> Result<(), Refusal> {
    let (mut of_user, mut of_all) = (bytes, bytes);
    for ((owner, _), held) in all {
        of_all += held.bytes;
        of_user += if *owner == user { held.bytes } else { 0 };
    }
    let (code, message) = if of_user > BYTES_OF_USER {
        (
            ErrorCode::RateLimited,
            "your checks under way hold too much text: end one of them first",
        )
    } else if of_all > BYTES_OF_ALL {
        (
            ErrorCode::Overloaded,
            "the checks under way hold too much text: wait and try again",
        )
    } else {
        return Ok(());
    };
    Err(Refusal::new(code, message).after(AGAIN))
}

impl Draft {
    pub(super) fn progress(&self, claims: Vec<ClaimView>) -> CheckProgress {
        CheckProgress {
            check_id: self.settings.check_id.clone(),
            next_piece: self.next_piece,
            claims,
            result: self.result.clone(),
        }
    }

    /// What is wrong with the next piece.
    pub(super) fn fault(&self, piece: &AddToCheck) -> Option<FieldError> {
        let fault =
            |field: &str, detail: String| Some(FieldError::new(format!("/data/{field}"), detail));
        if self.is_whole {
            return fault("piece", "the candidate has had its last piece".to_owned());
        }
        if piece.piece > self.next_piece {
            return fault(
                "piece",
                format!(
                    "must be {}: those from there on are missing",
                    self.next_piece
                ),
            );
        }
        let (text, most) = match piece.part {
            Part::Source if !self.candidate.is_empty() => {
                return fault(
                    "part",
                    "the candidate has begun, so that the source is whole".to_owned(),
                );
            }
            Part::Source => (&self.source, MAX_SOURCE_CHARS),
            Part::Candidate if self.source.trim().is_empty() => {
                return fault("part", "there is no source yet".to_owned());
            }
            Part::Candidate => (&self.candidate, MAX_CANDIDATE_CHARS),
        };
        let characters = text.chars().count() + piece.text.chars().count();
        if characters > most {
            return fault(
                "text",
                format!("makes {characters} characters, and {most} are the most"),
            );
        }
        if piece.last && self.candidate.is_empty() && piece.text.is_empty() {
            return fault("text", "the candidate is empty".to_owned());
        }
        None
    }
}

#[cfg(test)]
#[path = "tests/drafts.rs"]
mod tests;
