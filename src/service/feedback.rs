//! Feedback that people give on claims and on whole evaluations.

use chrono::Utc;

use crate::domain::ids::{FeedbackId, SessionId, UserId};
use crate::protocol::error::{ErrorCode, FieldError, Refusal};
use crate::protocol::rest::{FeedbackListView, FeedbackQuery, FeedbackView, GiveFeedback};
use crate::store::feedback::{Feedback, Given, MAX_FEEDBACK};
use crate::store::pages::{self, rows_to_read};
use crate::store::{self, new_id};

use super::{Service, refusal};

impl Service {
    /// Stores one item of feedback.
    ///
    /// # Errors
    /// `validation`, `not_found`, `limit_exceeded`, `rate_limited`.
    pub(crate) async fn give_feedback(
        &self,
        user: UserId,
        session: SessionId,
        body: GiveFeedback,
    ) -> Result<FeedbackView, Refusal> {
        self.limits.writes.check(&user).await?;
        let faults = body.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let feedback = Feedback {
            id: new_id(),
            claim_id: body.claim_id,
            label: body.label,
            score: body.score,
            comment: body.comment,
            created_at: Utc::now(),
        };
        let kept = feedback.clone();
        let given = self
            .store
            .write(move |db| store::feedback::create(db, user, session, &kept))
            .await
            .map_err(refusal)?;
        match given {
            Given::Done => Ok(feedback_view(feedback)),
            Given::NotFound => Err(Refusal::not_found()),
            Given::NoClaim => {
                let detail = "the evaluation has no such claim";
                Err(Refusal::invalid(vec![FieldError::new("/claim_id", detail)]))
            }
            Given::TooMany => {
                let message = format!("at most {MAX_FEEDBACK} opinions are kept of an evaluation");
                Err(Refusal::new(ErrorCode::LimitExceeded, message))
            }
        }
    }

    /// Deletes an opinion.
    ///
    /// # Errors
    /// `not_found`, `rate_limited`.
    pub(crate) async fn withdraw_feedback(
        &self,
        user: UserId,
        session: SessionId,
        opinion: FeedbackId,
    ) -> Result<(), Refusal> {
        self.limits.writes.check(&user).await?;
        let withdrawn = self
            .store
            .write(move |db| store::feedback::withdraw(db, user, session, opinion))
            .await
            .map_err(refusal)?;
        withdrawn.then_some(()).ok_or_else(Refusal::not_found)
    }

    /// Returns a page of an evaluation's feedback.
    ///
    /// # Errors
    /// `validation`, `not_found`.
    pub(crate) async fn feedback(
        &self,
        user: UserId,
        session: SessionId,
        query: FeedbackQuery,
    ) -> Result<FeedbackListView, Refusal> {
        let faults = query.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        self.position(user, session).await?;
        let FeedbackQuery { limit, cursor } = query;
        let page = self
            .store
            .read(move |db| store::feedback::list(db, session, cursor, rows_to_read(limit)))
            .await
            .map_err(refusal)?;
        let (page, next_cursor) = pages::page(page, limit, |last| last.id);
        Ok(FeedbackListView {
            items: page.into_iter().map(feedback_view).collect(),
            next_cursor,
        })
    }
}

pub(super) fn feedback_view(feedback: Feedback) -> FeedbackView {
    FeedbackView {
        id: feedback.id,
        claim_id: feedback.claim_id,
        label: feedback.label,
        score: feedback.score,
        comment: feedback.comment,
        created_at: feedback.created_at,
    }
}
