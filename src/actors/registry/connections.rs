//! The open connections, indexed by user and by credential.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use actix::Recipient;

use crate::actors::fleet::presence::Here;
use crate::actors::messages::{Control, ForceClose, Register, TooManyConnections};
use crate::domain::credential::Credential;
use crate::domain::ids::{ConnectionId, UserId};

pub(super) struct ConnectionEntry {
    user: UserId,
    credential: Credential,
    /// Receives orders of the registry.
    pub(super) control: Recipient<Control>,
    pub(super) force_close: ForceClose,
    /// Makes other nodes count the connection while it lives.
    _here: Here,
}

/// All connections, ordered by id.
#[derive(Default)]
pub(super) struct Connections {
    entries: BTreeMap<ConnectionId, ConnectionEntry>,
    by_user: HashMap<UserId, HashSet<ConnectionId>>,
    by_credential: HashMap<Credential, HashSet<ConnectionId>>,
}

impl Connections {
    /// Adds a connection if its user has fewer than `limit` (0: no limit). Returns true if
    /// it is new; a known connection has renewed its token, which may belong to another
    /// login of the same user.
    pub(super) fn register(
        &mut self,
        register: Register,
        limit: usize,
        here: impl FnOnce() -> Here,
    ) -> Result<bool, TooManyConnections> {
        let Register {
            id,
            user,
            credential,
            control,
            force_close,
        } = register;
        if let Some(known) = self.entries.get_mut(&id) {
            let before = std::mem::replace(&mut known.credential, credential);
            take_out(&mut self.by_credential, before, id);
            self.by_credential.entry(credential).or_default().insert(id);
            return Ok(false);
        }
        let own = self.by_user.entry(user).or_default();
        if limit > 0 && own.len() >= limit {
            return Err(TooManyConnections);
        }
        own.insert(id);
        self.by_credential.entry(credential).or_default().insert(id);
        let entry = ConnectionEntry {
            user,
            credential,
            control,
            force_close,
            _here: here(),
        };
        self.entries.insert(id, entry);
        Ok(true)
    }

    /// Removes a connection that is closed.
    pub(super) fn unregister(&mut self, id: ConnectionId) {
        let Some(entry) = self.entries.remove(&id) else {
            return;
        };
        take_out(&mut self.by_user, entry.user, id);
        take_out(&mut self.by_credential, entry.credential, id);
    }

    pub(super) fn get(&self, id: ConnectionId) -> Option<&ConnectionEntry> {
        self.entries.get(&id)
    }

    /// The number of the user's connections in this process.
    pub(super) fn count_of(&self, user: UserId) -> usize {
        self.by_user.get(&user).map_or(0, HashSet::len)
    }

    /// The connections of the given logins and API keys.
    pub(super) fn of_credentials(&self, credentials: &[Credential]) -> Vec<ConnectionId> {
        let of = |credential| {
            let those = self.by_credential.get(credential);
            those.into_iter().flatten().copied()
        };
        credentials.iter().flat_map(of).collect()
    }

    /// The logins and API keys that have connections, each once.
    pub(super) fn credentials(&self) -> Vec<Credential> {
        self.by_credential.keys().copied().collect()
    }

    pub(super) fn all(&self) -> impl ExactSizeIterator<Item = &ConnectionEntry> {
        self.entries.values()
    }
}

/// Removes a connection from an index, together with its key if no connection is left.
fn take_out<K: Eq + Hash>(
    index: &mut HashMap<K, HashSet<ConnectionId>>,
    key: K,
    connection: ConnectionId,
) {
    if let Some(those) = index.get_mut(&key) {
        those.remove(&connection);
        if those.is_empty() {
            index.remove(&key);
        }
    }
}
