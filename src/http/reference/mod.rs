//! What the server says of its own interface: the OpenAPI document that the handlers make up, the AsyncAPI
//! document of the socket, the reference as a page, and the refusal of parameters that no resource has.

pub(crate) mod asyncapi;
pub(crate) mod html;
mod json;
pub(crate) mod openapi;
pub(crate) mod parameters;
mod schema;
