//! Budgets: what calls may cost, held before each call and settled after it.
//!
//! Pure bookkeeping in memory. What was spent before comes in from the store, which keeps it with the
//! judges' reports. A call that is refused gives back what was held for it; one that is sent and not waited
//! for does not, since a budget that a user can get round by cancelling is none.

mod account;
mod amount;
mod grant;
mod ledger;
mod run_budget;
#[cfg(test)]
mod tests;

pub(crate) use amount::{Amount, Budgets};
pub(crate) use grant::Grants;
pub(crate) use ledger::{Days, Ledger, Payer};
pub(crate) use run_budget::JudgeUsage;
pub use run_budget::RunBudget;
