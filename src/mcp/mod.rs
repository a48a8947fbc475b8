//! The Model Context Protocol: what a program that speaks it can ask for, over HTTP and over standard input and
//! output. Tools are the same functions of `service` as REST and the socket have.
//!
//! `rmcp`, the official library, speaks the protocol: both the stateless revision 2026-07-28 and those before it,
//! which begin with `initialize`. Deliberately not here: what an audit is, who may do what.

mod advice;
mod answers;
mod arguments;
mod call;
mod caller;
mod desk;
mod handler;
pub(crate) mod http;
mod schema;
pub(crate) mod stdio;
mod tools;
mod work;
