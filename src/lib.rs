//! Audits a language model's output against its source: splits it into claims, verifies each against
//! the evidence, lets several judges score it, computes what can be computed, keeps all of it, and
//! streams every step over WebSocket and SSE.
//!
//! # The map, in reading order
//!
//! What is true, and what it is computed from: [`domain`], [`text`], [`neural`], [`evidence`],
//! [`judges`], [`metrics`]; on which threads, [`computing`]. What travels and what is kept: [`protocol`], [`store`]. What an audit consists of: [`audit`]; who does it: [`actors`],
//! [`service`]. The doors: [`ws`], [`sse`], [`http`],
//! and what is under them, [`socket`]; [`tls`] is the way out. How it is put together: [`config`], [`telemetry`],
//! [`app`], [`cli`], and [`notices`] of what is not ours.
//!
//! # The flow
//!
//! A command comes in through a socket or REST and becomes one call of `service`. A start is stored,
//! then launched: registry → room → run → judges. The run feeds [`domain::run::RunState`], stores what
//! it says, and only then publishes it; the room hands each frame to its members. The page
//! docs/explanation/architecture.md follows one command all the way.
//!
//! # The layers
//!
//! `cli, app → ws, http → sse → service → actors → audit → judges → evidence → text, neural → domain`;
//! `metrics, store, protocol, computing → domain`; who computes imports `computing`. `tests/layering.rs` reads the imports and fails on a wrong one.

pub mod actors;
pub mod app;
pub mod audit;
pub mod cli;
pub mod computing;
pub mod config;
pub mod documents;
pub mod domain;
pub mod evidence;
pub mod export;
pub mod http;
pub mod judges;
pub mod metrics;
pub mod neural;
pub mod notices;
pub mod protocol;
pub mod service;
pub mod socket;
pub mod sse;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod tls;
pub mod ws;
