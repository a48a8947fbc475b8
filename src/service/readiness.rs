//! Whether this process can serve, and why not.

use crate::protocol::error::{ErrorCode, Refusal};

use super::refusals::DATABASE_AWAY;
use super::{Service, refusal};

/// How this process hears of other nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// Nobody else is there.
    Alone,
    Heard,
    /// Others are looked at instead, more often.
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
    /// Whether requests can be served. A bus that is deaf is told and refuses nothing: everything is found by looks.
    ///
    /// # Errors
    /// `draining`; `overloaded` where the database does not answer or lacks what this release needs, this node was
    /// taken for dead or may be, or its clock is wrong. The message says which.
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
                self.node.is_off(),
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
