//! What follows once logins have ended: their connections are closed, at whichever node they are.

use std::sync::Arc;

use actix::Addr;

use crate::actors::messages::Revoke;
use crate::actors::registry::Registry;
use crate::bus::{Bus, Signal};
use crate::domain::ids::FamilyId;

use super::Service;

/// Closes connections; it outlives the request that ended their logins.
pub(super) struct Revocation {
    registry: Addr<Registry>,
    bus: Arc<dyn Bus>,
}

impl Revocation {
    /// Those of logins whose end is stored.
    pub(super) fn of(&self, families: Vec<FamilyId>) {
        for family in &families {
            self.bus.tell(Signal::Revoked { family: *family });
        }
        self.registry.do_send(Revoke { families });
    }
}

impl Service {
    pub(super) fn revocation(&self) -> Revocation {
        Revocation {
            registry: self.registry.clone(),
            bus: Arc::clone(&self.bus),
        }
    }
}
