//! Telemetry for the operator: log and metrics.
//!
//! Imports nothing of the crate, and every module may import it. Deliberately not here: where
//! something is logged or counted, and how metrics are served (`http::resources::scrape`).

mod log;
pub(crate) mod metrics;

pub(crate) use log::{Format, init};
