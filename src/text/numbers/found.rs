//! A number while it is read.

use super::quantity::Quantity;

/// A number while it is read.
pub(super) struct Found {
    pub(super) quantity: Quantity,
    /// What its magnitude word multiplied it by.
    pub(super) factor: f64,
    /// True where nothing may be added from the number behind it.
    pub(super) complete: bool,
}

impl Found {
    /// With nothing more to come.
    pub(super) fn whole(quantity: Quantity) -> Self {
        Self {
            quantity,
            factor: 1.0,
            complete: true,
        }
    }
}
