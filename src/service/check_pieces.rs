//! Checks an answer while it is being written: accepts its pieces one by one, and returns the
//! verdicts that are final.

use std::sync::Arc;

use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use crate::audit::sentences::{decided, is_within_word, read};
use crate::computing::Task;
use crate::domain::ids::UserId;
use crate::protocol::check::{AddToCheck, BeginCheck, CheckProgress, Part};
use crate::protocol::error::{FieldError, Refusal};

use super::check::undisputed;
use super::drafts::Draft;
use super::grant::Author;
use super::{Service, unfinished};

impl Service {
    /// Begins to check an answer that is still being written, or resumes the check.
    ///
    /// # Errors
    /// `validation`, `rate_limited`, `overloaded`, `draining`.
    pub(crate) async fn begin_check(
        &self,
        author: impl Into<Author>,
        settings: BeginCheck,
    ) -> Result<CheckProgress, Refusal> {
        let user = author.into().user;
        self.not_draining()?;
        self.limits.checks.check(&user)?;
        let (_, unknown) = self.check_judges(settings.judges.clone());
        if !unknown.is_empty() {
            let below = |fault: FieldError| {
                FieldError::new(format!("/data{}", fault.pointer), fault.detail)
            };
            return Err(Refusal::invalid(unknown.into_iter().map(below).collect()));
        }
        let draft = self.drafts.begin(user, &settings, Instant::now())?;
        let draft = draft.lock().await;
        if !draft.is_of(&settings) {
            let detail = "is under way with other texts or settings: take another name";
            let fault = FieldError::new("/data/check_id", detail);
            return Err(Refusal::invalid(vec![fault]));
        }
        Ok(draft.progress(draft.told.clone()))
    }

    /// Accepts the next piece, and returns the verdicts that became final with it. The last piece
    /// starts the check of the whole.
    ///
    /// # Errors
    /// `validation`, `not_found`, `rate_limited`, `overloaded`, `draining`.
    pub(crate) async fn add_to_check(
        &self,
        author: impl Into<Author>,
        piece: AddToCheck,
    ) -> Result<CheckProgress, Refusal> {
        let author = author.into();
        self.not_draining()?;
        self.limits.checks.check(&author.user)?;
        let held = self
            .drafts
            .get(author.user, &piece.check_id, Instant::now())?;
        let mut draft = held.lock().await;
        if piece.piece < draft.next_piece {
            self.finish(author, &held, &mut draft).await?;
            return Ok(draft.progress(draft.told.clone()));
        }
        if let Some(fault) = draft.fault(&piece) {
            return Err(Refusal::invalid(vec![fault]));
        }
        self.drafts
            .grow(author.user, &piece.check_id, piece.text.len())?;
        draft.next_piece += 1;
        match piece.part {
            Part::Source => {
                draft.source.push_str(&piece.text);
                return Ok(draft.progress(Vec::new()));
            }
            Part::Candidate => {}
        }
        let begins_nothing = is_within_word(&draft.candidate, &piece.text);
        draft.candidate.push_str(&piece.text);
        draft.is_whole = piece.last;
        let told = draft.told.len();
        if !draft.is_whole && !begins_nothing {
            self.decide(author.user, &mut draft).await?;
        }
        self.finish(author, &held, &mut draft).await?;
        let fresh = draft.told[told..].to_vec();
        Ok(draft.progress(fresh))
    }

    /// Verifies the claims that no further text can change.
    async fn decide(&self, user: UserId, draft: &mut Draft) -> Result<(), Refusal> {
        let (known, encoder) = (draft.read.clone(), self.guard.encoder.clone());
        // The source is needed for its index alone, and would be copied with every piece.
        let source = match known {
            Some(_) => String::new(),
            None => draft.source.clone(),
        };
        let candidate = draft.candidate.clone();
        let before = draft.decided;
        let deciding = move || {
            let source = known.unwrap_or_else(|| read(&source, encoder.as_ref()));
            let (verdicts, now) = decided(&source, &candidate, before);
            (source, verdicts, now)
        };
        let done = self.cores.compute(&Task::of(user), deciding).await;
        let (source, verdicts, now) = done.map_err(unfinished)?;
        draft.read = Some(source);
        draft.decided = now;
        draft.told.extend(verdicts.into_iter().map(undisputed));
        Ok(())
    }

    /// Checks the whole, once its last piece is there, unless that is done already. `held` is the
    /// draft as it is known to `drafts`.
    async fn finish(
        &self,
        author: Author,
        held: &Arc<AsyncMutex<Draft>>,
        draft: &mut Draft,
    ) -> Result<(), Refusal> {
        if draft.is_whole && draft.result.is_none() {
            let request = draft.settings.request(&draft.source, &draft.candidate);
            let result = self.check(author, request).await?;
            draft.end(result);
            let check = &draft.settings.check_id;
            self.drafts.end(author.user, check, held, Instant::now());
        }
        Ok(())
    }
}
