//! Coordination of several processes (nodes) on one database: the list of nodes, ownership of runs,
//! signals between nodes, and limits that all nodes share.

pub(crate) mod claims;
pub(crate) mod grants;
pub(crate) mod lock_file;
pub(crate) mod nodes;
pub(crate) mod notify;
pub(crate) mod presence;
pub(crate) mod rates;
pub(crate) mod tail;
