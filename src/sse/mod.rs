//! The event stream: the log of a session as server-sent events, for networks that break
//! WebSockets.
//!
//! Imports `service`, `actors`, `protocol`. Used by `http`, which reads the request. Deliberately
//! not here: requests and responses (`http`), closing the connection of a stalled client
//! (`socket`).

mod open;
mod stream;

pub(crate) use open::open;
pub(crate) use stream::Opening;
