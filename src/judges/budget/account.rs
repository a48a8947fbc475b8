//! One budget, and what became of it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::amount::Amount;

/// The scope of the budget that all users share.
pub(super) const ALL_USERS: &str = "the day of all users";

/// One budget and what became of it.
#[derive(Debug)]
pub(super) struct Account {
    scope: &'static str,
    limit: Amount,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    pub(super) spent: Amount,
    held: Amount,
}

impl Account {
    pub(super) fn new(scope: &'static str, limit: Amount, spent: Amount) -> Self {
        Self {
            scope,
            limit,
            state: Mutex::new(State {
                spent,
                held: Amount::default(),
            }),
        }
    }

    /// A thread that panicked while it held the lock leaves plain numbers behind.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hold(&self, amount: Amount) -> Result<(), String> {
        let mut state = self.state();
        let after = state.spent.plus(state.held).plus(amount);
        let over_tokens = self.limit.tokens > 0 && after.tokens > self.limit.tokens;
        let over_usd = self.limit.usd > 0.0 && after.usd > self.limit.usd;
        if self.scope == ALL_USERS && (over_tokens || over_usd) {
            // What others used is nobody's business.
            return Err(format!(
                "the budget of {} does not bear the call: try again tomorrow",
                self.scope
            ));
        }
        if over_tokens {
            return Err(format!(
                "the budget of {}, {} tokens, does not bear the call: {} are used, {} held, and it may take {}",
                self.scope, self.limit.tokens, state.spent.tokens, state.held.tokens, amount.tokens
            ));
        }
        if over_usd {
            return Err(format!(
                "the budget of {}, ${}, does not bear the call: ${:.6} are spent, ${:.6} held, and it may cost ${:.6}",
                self.scope, self.limit.usd, state.spent.usd, state.held.usd, amount.usd
            ));
        }
        state.held = state.held.plus(amount);
        Ok(())
    }

    pub(super) fn release(&self, held: Amount, spent: Amount) {
        let mut state = self.state();
        state.held = state.held.minus(held);
        state.spent = state.spent.plus(spent);
    }
}
