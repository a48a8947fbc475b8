//! The edge: what stands between the network and every handler. Layers around the application, extractors, and
//! how a refusal becomes a response.

pub mod accept;
pub mod address;
pub mod auth;
pub mod bodies;
pub mod body;
pub mod chunked_body;
pub mod compress;
pub mod cookie;
pub mod cors;
pub mod defaults;
pub mod framing;
pub mod hosts;
pub mod origin;
pub mod problem;
pub mod request_id;
pub mod wanted;
