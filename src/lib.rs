//! Audits a language model's output against its source: splits it into claims, verifies each
//! against the evidence, lets several judges score it, computes the figures of the result, stores
//! all of it, and streams every step over WebSocket and SSE.
//!
//! # Modules, in reading order
//!
//! The terms of an audit and the verification: [`domain`], [`text`], [`neural`],
//! [`evidence`], [`judges`], [`figures`]; their threads: [`computing`]. Messages and storage:
//! [`protocol`], [`store`]. The steps of an audit: [`audit`]; their execution: [`actors`],
//! [`service`]. The interfaces: [`ws`], [`sse`], [`http`], [`mcp`], and [`socket`] below them; [`tls`]
//! is for outgoing connections. Composition: [`config`], [`telemetry`], [`app`], [`cli`], and
//! [`notices`] of third-party licences.
//!
//! The only public function is [`run`]. Everything else is private to the program, so that the
//! compiler reports unused code.
//!
//! # The flow
//!
//! A command arrives through a socket or REST and becomes one call of `service`. A start is
//! stored, then launched: registry → room → run → judges. The run passes inputs to
//! [`domain::run::RunState`], stores the resulting events, and only then publishes them; the
//! room sends each event to its members. The page docs/explanation/architecture.md follows one
//! command all the way.
//!
//! # The layers
//!
//! `cli, app → mcp, ws, http → sse → service → actors → audit → judges → evidence → text, neural → domain`;
//! `figures, store, protocol, computing → domain`; modules with heavy computations
//! import `computing`. `tests/layering.rs` and `tests/circles.rs` read the imports and
//! fail on a wrong one.

mod actors;
mod app;
mod audit;
mod bus;
mod cli;
mod computing;
mod config;
mod documents;
mod domain;
mod evidence;
mod export;
mod figures;
mod http;
mod judges;
mod mcp;
mod neural;
mod notices;
mod protocol;
mod service;
mod socket;
mod sse;
mod store;
mod telemetry;
#[cfg(test)]
mod testing;
mod text;
mod tls;
mod ws;

pub use cli::run;

/// Items that benchmarks and integration tests use. They are not part of the public interface, and
/// may change with any release.
#[doc(hidden)]
pub mod internals {
    pub use crate::audit::claims::claims_of;
    pub use crate::computing::{Stop, stoppable};
    pub use crate::domain::claim::{Claim, ClaimType, Span};
    pub use crate::domain::event::EventBody;
    pub use crate::domain::ids::{ClaimId, RunId, SessionId, UserId};
    pub use crate::domain::settings::{AggregationStrategy, EvaluationConfig};
    pub use crate::evidence::align::Alignment;
    pub use crate::evidence::compared::ComparedClaims;
    pub use crate::evidence::comparison::Comparison;
    pub use crate::evidence::support::{Certain, values};
    pub use crate::evidence::{SourceIndex, decide, passages};
    pub use crate::judges::Case;
    pub use crate::judges::budget::RunBudget;
    pub use crate::judges::offline::answers;
    pub use crate::neural::Encoder;
    pub use crate::protocol::error::{CloseReason, ErrorCode};
    pub use crate::store::journal::{Append, AppendError, Journal, StoredEvent};
    pub use crate::store::{Store, StoreError, StoreSettings, new_id};
    pub use crate::text::claims::extract;
    pub use crate::text::injection::detect;
    pub use crate::tls::local_client_builder;

    pub mod evaluations {
        pub use crate::store::evaluations::{NewEvaluation, SearchTerms, create, delete};
    }

    pub mod runs {
        pub use crate::store::runs::{NewRun, begin};
    }

    pub mod users {
        pub use crate::store::users::{NewUser, insert};
    }
}
