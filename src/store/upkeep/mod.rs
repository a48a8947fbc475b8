//! What is done to a database as a whole.

pub(crate) mod backup;
pub(crate) mod file;
pub(crate) mod restore;
