//! Budgets: what calls may cost, held before each call and settled after it.
//!
//! Pure bookkeeping in memory. What was spent before comes in from the store, which keeps it with the
//! judges' reports; a call that ends without an answer gives back what was held for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::domain::ids::UserId;
use crate::domain::report::Usage;

/// Tokens and US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Amount {
    /// Sent and received.
    pub tokens: u64,
    /// Not negative; 0 where no price is known.
    pub usd: f64,
}

impl Amount {
    fn plus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            usd: self.usd + other.usd,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(other.tokens),
            // Sums of rounded numbers can miss zero by the last bit.
            usd: (self.usd - other.usd).max(0.0),
        }
    }
}

impl From<Usage> for Amount {
    fn from(usage: Usage) -> Self {
        Self {
            tokens: usage.prompt_tokens.saturating_add(usage.completion_tokens),
            usd: usage.cost_usd.unwrap_or(0.0),
        }
    }
}

/// The budgets that an operator sets; a zero means none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Budgets {
    /// Of one run.
    pub run: Amount,
    /// Of one user on one day (UTC), all runs together.
    pub user_day: Amount,
}

/// One budget and what became of it.
#[derive(Debug)]
struct Account {
    scope: &'static str,
    limit: Amount,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    spent: Amount,
    held: Amount,
}

impl Account {
    fn new(scope: &'static str, limit: Amount, spent: Amount) -> Self {
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
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, amount: Amount) -> Result<(), String> {
        let mut state = self.state();
        let after = state.spent.plus(state.held).plus(amount);
        if self.limit.tokens > 0 && after.tokens > self.limit.tokens {
            return Err(format!(
                "the budget of {}, {} tokens, does not bear the call: {} are used, {} held, and it may take {}",
                self.scope, self.limit.tokens, state.spent.tokens, state.held.tokens, amount.tokens
            ));
        }
        if self.limit.usd > 0.0 && after.usd > self.limit.usd {
            return Err(format!(
                "the budget of {}, ${}, does not bear the call: ${:.6} are spent, ${:.6} held, and it may cost ${:.6}",
                self.scope, self.limit.usd, state.spent.usd, state.held.usd, amount.usd
            ));
        }
        state.held = state.held.plus(amount);
        Ok(())
    }

    fn release(&self, held: Amount, spent: Amount) {
        let mut state = self.state();
        state.held = state.held.minus(held);
        state.spent = state.spent.plus(spent);
    }
}

/// What the calls of one run are paid from.
#[derive(Debug, Clone, Default)]
pub struct Purse(Vec<Arc<Account>>);

impl Purse {
    /// Holds what a call may cost at most.
    ///
    /// # Errors
    /// Which budget does not bear it; then nothing is held.
    pub fn hold(&self, amount: Amount) -> Result<Held, String> {
        let mut held = Held {
            accounts: Vec::with_capacity(self.0.len()),
            amount,
        };
        for account in &self.0 {
            account.hold(amount)?;
            held.accounts.push(Arc::clone(account));
        }
        Ok(held)
    }
}

/// An amount that is held for a call under way. Dropping it gives it back.
#[derive(Debug)]
pub struct Held {
    accounts: Vec<Arc<Account>>,
    amount: Amount,
}

impl Held {
    /// The call has ended and used so much; where the provider does not say, it counts as what was held.
    pub fn settle(mut self, used: Option<Amount>) {
        let spent = used.unwrap_or(self.amount);
        for account in self.accounts.drain(..) {
            account.release(self.amount, spent);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for account in &self.accounts {
            account.release(self.amount, Amount::default());
        }
    }
}

/// The accounts that runs use right now, by user and day.
type Days = HashMap<(UserId, String), Weak<Account>>;

/// Where runs get their purses: those of one user on one day share that day's account.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    budgets: Budgets,
    days: Arc<Mutex<Days>>,
}

impl Ledger {
    /// A ledger with these budgets.
    pub fn new(budgets: Budgets) -> Self {
        Self {
            budgets,
            days: Arc::default(),
        }
    }

    /// The purse of a run that has spent `of_run` before, of a user who had spent `of_day` on that day
    /// when it was read. An account that other runs use right now knows better.
    pub fn purse(&self, user: UserId, day: &str, of_run: Amount, of_day: Amount) -> Purse {
        let mut accounts = Vec::new();
        let is_set = |limit: Amount| limit.tokens > 0 || limit.usd > 0.0;
        if is_set(self.budgets.run) {
            let account = Account::new("the run", self.budgets.run, of_run);
            accounts.push(Arc::new(account));
        }
        if is_set(self.budgets.user_day) {
            let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
            days.retain(|_, account| account.strong_count() > 0);
            let entry = days.entry((user, day.to_owned())).or_default();
            let account = entry.upgrade().unwrap_or_else(|| {
                let account = Account::new("the user's day", self.budgets.user_day, of_day);
                Arc::new(account)
            });
            *entry = Arc::downgrade(&account);
            accounts.push(account);
        }
        Purse(accounts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use uuid::Uuid;

    const fn tokens(tokens: u64) -> Amount {
        Amount { tokens, usd: 0.0 }
    }

    const fn usd(usd: f64) -> Amount {
        Amount { tokens: 0, usd }
    }

    fn user(id: u128) -> UserId {
        UserId::new(Uuid::from_u128(id))
    }

    fn of_run(limit: Amount, spent: Amount) -> Purse {
        let budgets = Budgets {
            run: limit,
            ..Budgets::default()
        };
        Ledger::new(budgets).purse(user(1), "2026-11-23", spent, Amount::default())
    }

    #[test]
    fn what_is_held_and_spent_counts_against_the_budget() {
        let purse = of_run(tokens(100), tokens(20));
        let first = purse.hold(tokens(50)).unwrap();
        let refused = purse.hold(tokens(31)).unwrap_err();
        assert_eq!(
            refused,
            "the budget of the run, 100 tokens, does not bear the call: 20 are used, 50 held, and it may take 31"
        );
        let second = purse.hold(tokens(30)).unwrap();
        first.settle(Some(tokens(10)));
        assert!(purse.hold(tokens(41)).is_err(), "20 + 10 + 30 + 41");
        drop(second);
        purse.hold(tokens(70)).unwrap().settle(None);
        assert!(purse.hold(tokens(1)).is_err(), "20 + 10 + 70");
    }

    #[test]
    fn money_is_counted_too_and_zero_is_no_budget() {
        let purse = of_run(usd(0.5), usd(0.1));
        assert!(purse.hold(usd(0.41)).is_err());
        purse.hold(usd(0.4)).unwrap().settle(Some(usd(0.0)));
        purse.hold(usd(0.4)).unwrap().settle(Some(usd(0.4)));
        assert!(purse.hold(usd(0.000_001)).is_err());
        purse.hold(tokens(u64::MAX)).unwrap();
        let unbound = of_run(Amount::default(), usd(1e9));
        unbound.hold(usd(1e9)).unwrap();
    }

    #[test]
    fn runs_of_one_user_share_the_day() {
        let ledger = Ledger::new(Budgets {
            user_day: tokens(100),
            ..Budgets::default()
        });
        let first = ledger.purse(user(1), "2026-11-23", tokens(0), tokens(10));
        first.hold(tokens(60)).unwrap().settle(None);
        // What the store says is older than what the first run has spent since.
        let second = ledger.purse(user(1), "2026-11-23", tokens(0), tokens(10));
        assert!(second.hold(tokens(31)).is_err());
        second.hold(tokens(30)).unwrap();
        let other = ledger.purse(user(2), "2026-11-23", tokens(0), tokens(0));
        other.hold(tokens(100)).unwrap();
        let tomorrow = ledger.purse(user(1), "2026-11-24", tokens(0), tokens(0));
        tomorrow.hold(tokens(100)).unwrap();
        drop((first, second));
        // Nobody uses the account any more: the store knows all.
        let later = ledger.purse(user(1), "2026-11-23", tokens(0), tokens(90));
        assert!(later.hold(tokens(11)).is_err());
    }

    #[test]
    fn a_call_that_one_budget_refuses_holds_nothing_of_the_other() {
        let ledger = Ledger::new(Budgets {
            run: tokens(100),
            user_day: tokens(50),
        });
        let purse = ledger.purse(user(1), "d", tokens(0), tokens(0));
        assert!(purse.hold(tokens(60)).is_err());
        let held = purse.hold(tokens(50)).unwrap();
        drop(held);
        let other = ledger.purse(user(2), "d", tokens(0), tokens(0));
        other.hold(tokens(50)).unwrap();
    }
}
