//! This process as one of the nodes that share a database: its identity, its heartbeat, the
//! placement of runs, and publishing its connection and member counts.

pub(crate) mod beat;
mod failure_detector;
pub(crate) mod hearing;
pub(crate) mod left_behind;
mod own_node;
pub(crate) mod placement;
pub(crate) mod presence;

pub(crate) use own_node::OwnNode;
