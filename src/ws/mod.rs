//! The WebSocket endpoint: the upgrade, and the actor that translates between frames and messages.
//!
//! Imports `service`, `actors`, `protocol`. Only this module names `actix_web_actors`. Deliberately
//! not here: what a command does (`service`), the members of a room (`actors`).

mod commands;
pub(crate) mod connection;
mod frames;
mod greeting;
mod inbound;
pub(crate) mod upgrade;
