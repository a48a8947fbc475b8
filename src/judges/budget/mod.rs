//! Budgets: the maximum cost of a call is reserved before the call and settled after it.
//!
//! Pure accounting in memory. Earlier spending is read from the store, which keeps it with the
//! judges' reports. A call that was refused releases its reservation. A call that was sent and then
//! abandoned does not, because a budget that users can evade by cancelling is useless.

mod account;
mod amount;
mod grant;
mod ledger;
mod run_budget;
#[cfg(test)]
mod tests;

pub(crate) use amount::{Amount, Budgets};
pub(crate) use grant::Grants;
pub(crate) use ledger::{Days, Granted, KeyPayer, Ledger, Payer};
pub(crate) use run_budget::JudgeUsage;
pub use run_budget::RunBudget;
