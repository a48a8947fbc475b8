//! Closes the connections of logins that have ended and of keys that were revoked, at every node.

use std::sync::Arc;

use actix::Addr;

use crate::actors::messages::Revoke;
use crate::actors::registry::Registry;
use crate::bus::{Bus, Signal};
use crate::domain::credential::Credential;

use super::Service;

/// Closes connections; it is independent of the request that ended them.
pub(super) struct Revocation {
    registry: Addr<Registry>,
    bus: Arc<dyn Bus>,
}

impl Revocation {
    /// Closes the connections of logins and keys whose end is stored.
    pub(super) fn of(&self, credentials: Vec<Credential>) {
        for credential in &credentials {
            let credential = *credential;
            self.bus.tell(Signal::Revoked { credential });
        }
        self.registry.do_send(Revoke { credentials });
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
