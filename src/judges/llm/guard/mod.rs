//! Defence against prompt injection: sentences that look like instructions to the judge are
//! detected, and the judge is asked once more without them.

pub(crate) mod ablation;
mod suspicion;

pub(crate) use suspicion::Suspicion;
