//! This process among those that share a database: who it is, how it shows that it works, and how it takes up
//! runs that are nobody's; and what it tells the others of who is here.

pub(crate) mod beat;
pub(super) mod claims;
pub(crate) mod hearing;
pub(crate) mod left_behind;
mod own_node;
pub(crate) mod placement;
pub(crate) mod presence;
mod pulse;

pub(crate) use own_node::OwnNode;
