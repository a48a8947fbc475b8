//! The documentation that the server serves of its own interface: the OpenAPI document that is
//! collected from the handlers, the AsyncAPI document of the socket, and the reference as a page.
//! Also refuses query parameters that no resource has.

pub(crate) mod asyncapi;
pub(crate) mod html;
mod json;
pub(crate) mod openapi;
pub(crate) mod parameters;
mod schema;
