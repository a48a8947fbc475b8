//! The event log: written by one task, and read back byte for byte.

pub(crate) mod batch;
pub(crate) mod journal;
pub(crate) mod writer;
