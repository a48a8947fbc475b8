//! Maintenance of a whole database.

pub(crate) mod backup;
pub(crate) mod file;
pub(crate) mod months;
pub(crate) mod partitioning;
mod partitions;
pub(crate) mod restore;
