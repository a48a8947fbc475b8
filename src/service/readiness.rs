//! Decides whether this process is ready to serve, with the reason if not.

use crate::protocol::error::{ErrorCode, Refusal};

use super::refusals::DATABASE_AWAY;
use super::{Service, refusal};

/// The reception of messages of other nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// There is no other node.
    Alone,
    Heard,
    /// No messages arrive: the database is polled more often instead.
    Deaf,
}

impl Hearing {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Heard => "heard",
            Self::Deaf => "deaf",
        }
    }
}

impl Service {
    /// Returns the state of the bus if requests can be served. A deaf bus is reported but is no
    /// reason for refusal, because polling the database finds every change.
    ///
    /// # Errors
    /// `draining`; `overloaded` if the database does not answer or lacks a migration, if this node
    /// was taken for dead or may be, or if its clock is wrong. The message has the reason.
    pub(crate) async fn ready(&self) -> Result<Hearing, Refusal> {
        if self.is_draining() {
            return Err(Refusal::new(
                ErrorCode::Draining,
                "the server is shutting down",
            ));
        }
        let is_up_to_date = self.store.is_up_to_date().await.map_err(refusal)?;
        for (is_wrong, message) in [
            (
                !is_up_to_date,
                "the database lacks what this release needs: run judge-auditor migrate",
            ),
            (
                self.node.is_out_of_touch(),
                "this node can't show the others that it works, and may be taken for dead",
            ),
            (
                self.node.is_clock_wrong(),
                "this machine's clock differs from the database's by more than 30 s",
            ),
        ] {
            if is_wrong {
                return Err(Refusal::new(ErrorCode::Overloaded, message).after(DATABASE_AWAY));
            }
        }
        Ok(match (self.node.is_alone(), self.bus.is_deaf()) {
            (true, _) => Hearing::Alone,
            (false, true) => Hearing::Deaf,
            (false, false) => Hearing::Heard,
        })
    }
}
