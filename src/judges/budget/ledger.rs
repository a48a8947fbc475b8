//! Which budgets a run is paid from: its own, its user's day, the day of all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::account::{ALL_USERS, Account};
use super::amount::{Amount, Budgets};
use super::run_budget::RunBudget;
use crate::domain::ids::UserId;

/// Whose run is to be paid for, and what was spent before by what the store knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Payer<'a> {
    pub user: UserId,
    /// Whether the user's account is new.
    pub is_new: bool,
    /// The day that it was read on, `YYYY-MM-DD`.
    pub day: &'a str,
    /// Spent by the run.
    pub of_run: Amount,
    /// Spent by the user's runs on that day.
    pub of_user_day: Amount,
    /// Spent by all users' runs on that day.
    pub of_day: Amount,
}

/// The accounts of a day: of each user, and of all together.
#[derive(Debug, Default)]
struct Day {
    name: String,
    of_users: HashMap<UserId, Arc<Account>>,
    of_all: Option<Arc<Account>>,
}

/// Where runs get their budgets: those of one user on one day share that day's account, and all share the server's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    budgets: Budgets,
    today: Arc<Mutex<Day>>,
}

impl Ledger {
    /// A ledger with these budgets.
    pub(crate) fn new(budgets: Budgets) -> Self {
        Self {
            budgets,
            today: Arc::default(),
        }
    }

    /// What a run is paid from.
    pub(crate) fn run_budget(&self, payer: &Payer<'_>) -> RunBudget {
        let mut accounts = Vec::new();
        if self.budgets.run.is_set() {
            let account = Account::new("the run", self.budgets.run, payer.of_run);
            accounts.push(Arc::new(account));
        }
        let of_user = self.budgets.of_user_day(payer.is_new);
        if of_user.is_set() {
            let scope = if payer.is_new {
                "the day of a user whose account is new"
            } else {
                "the user's day"
            };
            let new = || Arc::new(Account::new(scope, of_user, payer.of_user_day));
            let place =
                |day: &mut Day| Arc::clone(day.of_users.entry(payer.user).or_insert_with(new));
            accounts.push(
                self.of_day(payer.day, payer.of_user_day, place)
                    .unwrap_or_else(new),
            );
        }
        if self.budgets.day.is_set() {
            let new = || Arc::new(Account::new(ALL_USERS, self.budgets.day, payer.of_day));
            let place = |day: &mut Day| Arc::clone(day.of_all.get_or_insert_with(new));
            accounts.push(
                self.of_day(payer.day, payer.of_day, place)
                    .unwrap_or_else(new),
            );
        }
        RunBudget::of(accounts)
    }

    /// An account of that day; none for a run that was loaded before midnight. What the store says may be older
    /// than what this process knows, and another process's runs are only in the store: the larger is nearer to
    /// the truth.
    fn of_day(
        &self,
        day: &str,
        stored: Amount,
        place: impl FnOnce(&mut Day) -> Arc<Account>,
    ) -> Option<Arc<Account>> {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        if *today.name < *day {
            *today = Day {
                name: day.to_owned(),
                ..Day::default()
            };
        }
        if today.name != day {
            return None;
        }
        let account = place(&mut today);
        let mut state = account.state();
        state.spent.tokens = state.spent.tokens.max(stored.tokens);
        state.spent.usd = state.spent.usd.max(stored.usd);
        drop(state);
        Some(account)
    }
}
