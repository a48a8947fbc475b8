//! Share links, by which others can read an evaluation.

use std::time::Duration;

use chrono::Utc;

use crate::domain::ids::{SessionId, ShareId, UserId};
use crate::domain::run::Status;
use crate::protocol::error::{ErrorCode, Refusal};
use crate::protocol::rest::{CreateShare, NewShareView, ShareView, SharedView, SharesView};
use crate::store::shares::{MAX_SHARES, Share, Shared};
use crate::store::{self, Db, new_id};

use super::tokens::{random_token, token_hash};
use super::views::evaluation_view;
use super::{Service, refusal};

/// Path prefix of a share link; the token follows.
const PAGE: &str = "/shared/";

impl Service {
    /// Creates a link to an evaluation that has a result.
    ///
    /// # Errors
    /// `validation`, `not_found`, `not_running`, `evaluation_in_progress`, `limit_exceeded`,
    /// `rate_limited`.
    pub(crate) async fn share(
        &self,
        user: UserId,
        session: SessionId,
        body: CreateShare,
    ) -> Result<NewShareView, Refusal> {
        self.limits.writes.check(&user).await?;
        let faults = body.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let token = random_token().map_err(|error| {
            tracing::error!(%error, "no random bytes");
            Refusal::internal()
        })?;
        let created_at = Utc::now();
        let share = Share {
            id: new_id(),
            created_at,
            expires_at: created_at + Duration::from_secs(body.lifetime_s()),
            show_documents: body.show_documents,
        };
        let (kept, hash) = (share.clone(), token_hash(&token));
        let made = self
            .store
            .write(move |db| store::shares::create(db, user, session, &kept, &hash))
            .await
            .map_err(refusal)?;
        match made {
            Shared::Done => Ok(NewShareView {
                id: share.id,
                url: format!("{PAGE}{token}"),
                created_at: share.created_at,
                expires_at: share.expires_at,
                show_documents: share.show_documents,
            }),
            Shared::NotFound => Err(Refusal::not_found()),
            Shared::NoResult(status) => Err(no_result(status)),
            Shared::TooMany => {
                let message = format!("an evaluation has at most {MAX_SHARES} links at a time");
                Err(Refusal::new(ErrorCode::LimitExceeded, message))
            }
        }
    }

    /// Lists the links of an evaluation.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn shares(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<SharesView, Refusal> {
        self.position(user, session).await?;
        let shares = self
            .store
            .read(move |db| store::shares::list(db, session, Utc::now()))
            .await
            .map_err(refusal)?;
        Ok(SharesView {
            items: shares.into_iter().map(share_view).collect(),
        })
    }

    /// Revokes a link.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn revoke_share(
        &self,
        user: UserId,
        session: SessionId,
        share: ShareId,
    ) -> Result<(), Refusal> {
        self.position(user, session).await?;
        let revoked = self
            .store
            .write(move |db| store::shares::revoke(db, session, share))
            .await
            .map_err(refusal)?;
        revoked.then_some(()).ok_or_else(Refusal::not_found)
    }

    /// Returns the evaluation that a link shares.
    ///
    /// # Errors
    /// `not_found`, also for a link that has expired or was revoked.
    pub(crate) async fn shared(&self, token: &str) -> Result<SharedView, Refusal> {
        let hash = token_hash(token);
        let find = move |db: &mut Db| {
            let Some(link) = store::shares::find(db, &hash, Utc::now())? else {
                return Ok(None);
            };
            let detail = store::evaluations::get(db, link.user, link.session)?;
            Ok(detail.map(|detail| (detail, link.show_documents)))
        };
        let found = self.store.read(find).await.map_err(refusal)?;
        let (detail, show_documents) = found.ok_or_else(|| {
            let message = "this link leads nowhere: it has expired, or was taken back";
            Refusal::new(ErrorCode::NotFound, message)
        })?;
        let view = SharedView::from(evaluation_view(detail));
        Ok(if show_documents {
            view
        } else {
            view.without_documents()
        })
    }
}

pub(super) fn share_view(share: Share) -> ShareView {
    ShareView {
        id: share.id,
        created_at: share.created_at,
        expires_at: share.expires_at,
        show_documents: share.show_documents,
    }
}

/// Returns the refusal of an operation that needs a completed run; `status` is that of the last
/// run.
pub(super) fn no_result(status: Status) -> Refusal {
    match status {
        Status::InProgress => {
            let message = "the evaluation is running: wait for its end";
            Refusal::new(ErrorCode::EvaluationInProgress, message)
        }
        _ => {
            let message = "the evaluation has no result, and is not running: start it";
            Refusal::new(ErrorCode::NotRunning, message)
        }
    }
}
