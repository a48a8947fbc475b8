//! What the program holds of others, and under which terms.

/// The licences of all crates, web packages, fonts and models in the program; `tests/notices` makes it.
pub(crate) const THIRD_PARTY: &str = include_str!("../THIRD-PARTY-NOTICES.txt");
