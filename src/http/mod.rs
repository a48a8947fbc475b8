//! REST: each handler extracts, calls one function of `service`, and answers.
//!
//! `edge` holds the middleware and extractors of all requests, `resources` has one file a resource,
//! `reference` serves the documentation of the interface, and `page` serves the web page. Each
//! handler carries its part of the OpenAPI document. Deliberately not here: SQL, rules, sockets
//! (`ws`), and any JSON that is not a type of `protocol`.

pub(crate) mod edge;
pub(crate) mod page;
pub(crate) mod reference;
pub(crate) mod resources;

/// Path prefix of all resources.
const BASE: &str = "/api/v1";

/// Path of the Model Context Protocol, which `mcp` serves.
pub(crate) const MCP: &str = "/mcp";
