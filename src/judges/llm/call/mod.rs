//! From a case to an outcome: prompts, calls within limits, and their cost.
//!
//! [`LlmJudge`] is the same for every provider. Deliberately not here: the text of the prompt
//! (`prompt`), the parsing of the reply (`reply`), and the providers' formats.

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
