//! A budget with the amounts that were spent and are reserved.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::amount::Amount;

/// The scope of the budget of the API key by which a run was started.
pub(super) const OF_KEY: &str = "the API key's day";

/// The scope of the budget that all users share.
pub(super) const ALL_USERS: &str = "the day of all users";

/// A budget that does not allow a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Overdrawn {
    pub scope: &'static str,
    /// In each amount, zero means no limit.
    pub limit: Amount,
}

impl Overdrawn {
    /// Returns the budget of all users together.
    pub(crate) const fn of_all(limit: Amount) -> Self {
        Self {
            scope: ALL_USERS,
            limit,
        }
    }

    /// Returns the budget of an API key.
    pub(crate) const fn of_key(limit: Amount) -> Self {
        Self {
            scope: OF_KEY,
            limit,
        }
    }

    /// Returns the message for a user whose call, which may take up to `amount`, is refused.
    pub(crate) fn why(self, spent: Amount, held: Amount, amount: Amount) -> String {
        let Self { scope, limit } = self;
        if scope == ALL_USERS {
            // The usage of other users must not be revealed.
            return format!("the budget of {scope} does not bear the call: try again tomorrow");
        }
        if limit.tokens > 0 && spent.plus(held).plus(amount).tokens > limit.tokens {
            return format!(
                "the budget of {scope}, {} tokens, does not bear the call: {} are used, {} held, and it may take {}",
                limit.tokens, spent.tokens, held.tokens, amount.tokens
            );
        }
        format!(
            "the budget of {scope}, ${}, does not bear the call: ${:.6} are spent, ${:.6} held, and it may cost ${:.6}",
            limit.usd, spent.usd, held.usd, amount.usd
        )
    }
}

/// An account on which a run draws.
#[derive(Debug, Clone)]
pub(super) struct Share {
    pub(super) account: Arc<Account>,
    /// What was granted of the same budget to runs, when this one began. It is no part of the
    /// account's own amounts, since most of a grant is given back unspent.
    pub(super) elsewhere: Amount,
}

/// A budget with the amounts that were spent and are reserved.
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

    /// A poisoned lock is harmless: a thread that panicked leaves plain numbers behind.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves an amount, if the budget also bears what is reserved outside of this account.
    pub(super) fn hold(&self, amount: Amount, elsewhere: Amount) -> Result<(), String> {
        let mut state = self.state();
        let held = state.held.plus(elsewhere);
        let after = state.spent.plus(held).plus(amount);
        let over_tokens = self.limit.tokens > 0 && after.tokens > self.limit.tokens;
        let over_usd = self.limit.usd > 0.0 && after.usd > self.limit.usd;
        if over_tokens || over_usd {
            return Err(self.overdrawn().why(state.spent, held, amount));
        }
        state.held = state.held.plus(amount);
        Ok(())
    }

    const fn overdrawn(&self) -> Overdrawn {
        Overdrawn {
            scope: self.scope,
            limit: self.limit,
        }
    }

    pub(super) fn release(&self, held: Amount, spent: Amount) {
        let mut state = self.state();
        state.held = state.held.minus(held);
        state.spent = state.spent.plus(spent);
    }
}
