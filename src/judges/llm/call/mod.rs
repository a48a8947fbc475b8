//! From a case to an outcome: what is asked, how often, within which limits, and what it costs.
//!
//! [`LlmJudge`] is the same for every provider. Deliberately not here: what is written to the model (`prompt`), how
//! its reply is read (`reply`), and the providers' formats.

mod circuit;
mod engine;
mod limits;
mod permits;
mod transport;

pub(crate) use engine::LlmJudge;
pub(crate) use limits::Backoff;
#[cfg(test)]
pub(crate) use transport::LARGEST_BODY;
pub(super) use transport::send;
