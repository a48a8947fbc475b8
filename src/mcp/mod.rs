//! The server of the Model Context Protocol, over HTTP and over standard input and output. Tools
//! call the same functions of `service` as REST and the socket.
//!
//! `rmcp`, the official library, implements the protocol: the stateless revision 2026-07-28 and
//! earlier ones, which begin with `initialize`. Deliberately not here: audits and authorization.

mod advice;
mod answers;
mod arguments;
mod call;
mod call_queue;
mod caller;
mod handler;
pub(crate) mod http;
mod schema;
pub(crate) mod stdio;
mod tools;
mod work;
