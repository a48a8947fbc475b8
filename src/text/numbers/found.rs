//! The intermediate result of parsing a number.

use super::quantity::Quantity;

/// A number that is being parsed.
pub(super) struct Found {
    pub(super) quantity: Quantity,
    /// The factor of its magnitude word.
    pub(super) factor: f64,
    /// True if nothing may be taken over from the following number.
    pub(super) complete: bool,
}

impl Found {
    /// Marks a number as complete.
    pub(super) fn whole(quantity: Quantity) -> Self {
        Self {
            quantity,
            factor: 1.0,
            complete: true,
        }
    }
}
