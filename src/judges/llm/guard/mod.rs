//! Texts that speak to the judge: sentences that look like instructions are found, and the judge is asked once
//! more without them.

pub(crate) mod ablation;
mod suspicion;

pub(crate) use suspicion::Suspicion;
