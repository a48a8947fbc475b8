//! What the process tells its operator: log lines and figures.
//!
//! Imports nothing of the crate, and everybody may import it. Deliberately not here: where something
//! is logged or counted, and how the figures are served (`http::resources::scrape`).

mod log;
pub(crate) mod metrics;

pub(crate) use log::{Format, init};
