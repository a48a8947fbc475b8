//! Several processes on one database: which there are, which of them works on which run, and what one
//! hears of another's; and what all of them may use together.

pub(crate) mod claims;
pub(crate) mod grants;
pub(crate) mod nodes;
pub(crate) mod notify;
pub(crate) mod place;
pub(crate) mod presence;
pub(crate) mod rates;
pub(crate) mod tail;
