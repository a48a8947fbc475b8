//! The event stream: a session's log as SSE, for networks that break WebSockets.
//!
//! Imports `service`, `actors`, `protocol`. Used by `http`, which reads the request. Deliberately not
//! here: requests and responses (`http`), when a client that takes nothing is cut (`socket`).

mod open;
mod stream;

pub(crate) use open::open;
pub(crate) use stream::Opening;
