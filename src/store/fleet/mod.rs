//! Several processes on one database: which there are, which of them works on which run, and what one
//! hears of another's.

pub(crate) mod claims;
pub(crate) mod nodes;
pub(crate) mod notify;
pub(crate) mod place;
pub(crate) mod tail;
