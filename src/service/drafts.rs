//! Answers that are checked while they are being written: their pieces, and the verdicts so far.
//!
//! They are kept in this node's memory only, with bounds on their number, size and age. They belong
//! to a user and not to a connection, so that a client that reconnects can resume; if the draft is
//! lost, as after a restart or on another node, `next_piece` is 0 and the client sends everything
//! again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use crate::audit::sentences::{Progress, Read};
use crate::domain::ids::UserId;
use crate::protocol::check::{AddToCheck, BeginCheck, CheckProgress, Part};
use crate::protocol::error::{ErrorCode, FieldError, Refusal};
use crate::protocol::rest::{CheckView, ClaimView, MAX_CANDIDATE_CHARS, MAX_SOURCE_CHARS};

/// Maximum number of one user's drafts that have no result yet.
const OF_USER: usize = 16;
/// Maximum number of one user's ended drafts; `ENDED_OF_ALL` is that of all users. If there are
/// more, the one that ended first is dropped.
const ENDED_OF_USER: usize = 16;
const ENDED_OF_ALL: usize = 128;
/// Maximum size of the texts of one user's drafts, in bytes; `BYTES_OF_ALL` is that of all users.
/// The index of a source takes a hundred times as much.
const BYTES_OF_USER: usize = 2 << 20;
const BYTES_OF_ALL: usize = 8 << 20;
/// A draft is dropped when no request has used it for this long, or when it is older than
/// `LONGEST`.
const IDLE: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(600);
/// The `Retry-After` of a refusal for lack of room.
const RETRY_AFTER: Duration = Duration::from_secs(5);

type Key = (UserId, String);

/// The drafts of all users, by user and `check_id`.
#[derive(Default)]
pub(crate) struct Drafts(Mutex<HashMap<Key, Held>>);

struct Held {
    draft: Arc<AsyncMutex<Draft>>,
    /// Size of its texts, in bytes.
    bytes: usize,
    begun: Instant,
    touched: Instant,
    /// When its result was there. Since then it holds no texts, and is kept only for a client that
    /// reconnects.
    ended: Option<Instant>,
}

/// One answer, as far as its pieces have arrived.
pub(super) struct Draft {
    /// Its settings; once it has a result, `source_text` is the text's digest.
    pub settings: BeginCheck,
    pub source: String,
    /// The index of the source; `None` before the first verdicts and after the end.
    pub read: Option<Read>,
    pub candidate: String,
    pub next_piece: u32,
    pub is_whole: bool,
    pub told: Vec<ClaimView>,
    /// How far the candidate is decided.
    pub decided: Progress,
    pub result: Option<Box<CheckView>>,
}

impl Drafts {
    fn all(&self) -> MutexGuard<'_, HashMap<Key, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops expired drafts.
    pub(crate) fn sweep(&self) {
        self.sweep_at(Instant::now());
    }

    fn sweep_at(&self, now: Instant) {
        self.all()
            .retain(|_, held| now - held.touched < IDLE && now - held.begun < LONGEST);
    }

    /// Returns the draft of that name, and creates it if there is none.
    pub(super) fn begin(
        &self,
        user: UserId,
        settings: &BeginCheck,
        now: Instant,
    ) -> Result<Arc<AsyncMutex<Draft>>, Refusal> {
        self.sweep_at(now);
        let key = (user, settings.check_id.clone());
        let bytes = settings.source_text.len();
        let mut all = self.all();
        if let Some(held) = all.get_mut(&key) {
            held.touched = now;
            return Ok(Arc::clone(&held.draft));
        }
        let of_user = all.iter().filter(|(key, _)| key.0 == user);
        let of_user = of_user.filter(|(_, held)| held.ended.is_none()).count();
        if of_user >= OF_USER {
            let message = format!("you have {OF_USER} checks under way: end one of them first");
            return Err(Refusal::new(ErrorCode::RateLimited, message).after(RETRY_AFTER));
        }
        room(&all, user, bytes)?;
        let draft = Arc::new(AsyncMutex::new(Draft {
            source: settings.source_text.clone(),
            settings: settings.clone(),
            read: None,
            candidate: String::new(),
            next_piece: 0,
            is_whole: false,
            told: Vec::new(),
            decided: Progress::default(),
            result: None,
        }));
        let held = Held {
            draft: Arc::clone(&draft),
            bytes,
            begun: now,
            touched: now,
            ended: None,
        };
        all.insert(key, held);
        Ok(draft)
    }

    pub(super) fn get(
        &self,
        user: UserId,
        check: &str,
        now: Instant,
    ) -> Result<Arc<AsyncMutex<Draft>>, Refusal> {
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

    /// Reserves room for bytes that are to be added to a draft.
    pub(super) fn grow(&self, user: UserId, check: &str, bytes: usize) -> Result<(), Refusal> {
        let mut all = self.all();
        room(&all, user, bytes)?;
        if let Some(held) = all.get_mut(&(user, check.to_owned())) {
            held.bytes += bytes;
        }
        Ok(())
    }

    /// Records that a draft has its result: it no longer counts as one that is under way, and its
    /// bytes are free.
    pub(super) fn end(
        &self,
        user: UserId,
        check: &str,
        draft: &Arc<AsyncMutex<Draft>>,
        now: Instant,
    ) {
        let mut all = self.all();
        let Some(held) = all.get_mut(&(user, check.to_owned())) else {
            return;
        };
        // Another draft may have begun under this name, if this one was dropped for its age.
        if held.ended.is_some() || !Arc::ptr_eq(&held.draft, draft) {
            return;
        }
        held.bytes = 0;
        held.touched = now;
        held.ended = Some(now);
        drop_oldest_ended(&mut all, ENDED_OF_USER, |owner| owner == user);
        drop_oldest_ended(&mut all, ENDED_OF_ALL, |_| true);
    }
}

/// Drops the draft that ended first, if these users have more than `most` ended ones.
fn drop_oldest_ended(all: &mut HashMap<Key, Held>, most: usize, is_of: impl Fn(UserId) -> bool) {
    let ended = all
        .iter()
        .filter(|(key, _)| is_of(key.0))
        .filter_map(|(key, held)| held.ended.map(|at| (at, key)));
    let ended: Vec<(Instant, &Key)> = ended.collect();
    if ended.len() <= most {
        return;
    }
    let oldest = ended.into_iter().min_by_key(|(at, _)| *at);
    if let Some(oldest) = oldest.map(|(_, key)| key.clone()) {
        all.remove(&oldest);
    }
}

/// Checks that there is room for so many bytes more.
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
    Err(Refusal::new(code, message).after(RETRY_AFTER))
}

impl Draft {
    /// True if the draft was begun with these settings.
    pub(super) fn is_of(&self, settings: &BeginCheck) -> bool {
        if self.result.is_none() {
            return self.settings == *settings;
        }
        let source_text = digest(&settings.source_text);
        let settings = BeginCheck {
            source_text,
            ..settings.clone()
        };
        self.settings == settings
    }

    /// Stores the result and drops the texts: what is left answers a repeated piece, and a client
    /// that begins the check again.
    pub(super) fn end(&mut self, result: CheckView) {
        self.result = Some(Box::new(result));
        self.read = None;
        self.source = String::new();
        self.candidate = String::new();
        self.settings.source_text = digest(&self.settings.source_text);
    }

    pub(super) fn progress(&self, claims: Vec<ClaimView>) -> CheckProgress {
        CheckProgress {
            check_id: self.settings.check_id.clone(),
            next_piece: self.next_piece,
            claims,
            result: self.result.clone(),
        }
    }

    /// Returns the reason why a piece can't be accepted.
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

/// Returns what is kept of the source of an ended draft, to compare it.
fn digest(text: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(text).into();
    format!("{hash:?}")
}

#[cfg(test)]
#[path = "tests/drafts.rs"]
mod tests;
