//! A claim: one statement of the candidate that can be true or false by itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::ClaimId;

/// A half-open range of a stored text, counted in UTF-16 code units, as a browser's `slice` counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
pub struct Span {
    /// The position of the first code unit.
    pub start: usize,
    /// The position after the last code unit.
    pub end: usize,
}

/// The kind of fact that a claim mainly rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimType {
    /// A statement with none of the marks below.
    Factual,
    /// Holds a number, an amount or a share.
    Numerical,
    /// Holds a date, a year or an order in time.
    Temporal,
    /// Reports somebody's words.
    Quotation,
    /// Says that one thing is more, less or as much as another.
    Comparative,
    /// Says that one thing brings about another.
    Causal,
}

/// One claim of a run: a part of the output that can be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// The claim's id, unique among the claims of all runs.
    pub id: ClaimId,
    /// The claim's position in the order of the output, from 0.
    pub index: usize,
    /// The text of the output at `span`, unchanged.
    pub text: String,
    /// The kind of fact that the claim mainly rests on.
    #[serde(rename = "type")]
    pub kind: ClaimType,
    /// The position of the claim in the output.
    pub span: Span,
}
