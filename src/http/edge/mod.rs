//! The layers between the network and the handlers: middleware, extractors, and the conversion of a
//! refusal into a response.

pub(crate) mod accept;
pub(crate) mod address;
pub(crate) mod auth;
pub(crate) mod bodies;
pub(crate) mod body;
pub(crate) mod chunked_body;
pub(crate) mod compress;
pub(crate) mod cookie;
pub(crate) mod cors;
pub(crate) mod defaults;
pub(crate) mod framing;
pub(crate) mod hosts;
pub(crate) mod origin;
pub(crate) mod problem;
pub(crate) mod request_id;
pub(crate) mod scopes;
pub(crate) mod wanted;
