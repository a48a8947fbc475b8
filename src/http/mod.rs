//! REST: extract, call one function of `service`, answer.
//!
//! `edge` is what every request passes or may ask for, `resources` has one file a resource, `reference` is
//! what the server says of all of them, and `page` is the web page. Each handler carries its part of the
//! OpenAPI document. Deliberately not here: SQL, rules, sockets (`ws`), and any JSON that is not a type of
//! `protocol`.

pub(crate) mod edge;
pub(crate) mod page;
pub(crate) mod reference;
pub(crate) mod resources;

/// The base of all resources.
const BASE: &str = "/api/v1";
