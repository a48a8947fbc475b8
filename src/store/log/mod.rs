//! The event log: appended by one writer, read back byte for byte.

pub(crate) mod batch;
pub(crate) mod journal;
pub(crate) mod writer;
