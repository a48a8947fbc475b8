//! Assigns budgets to runs: each run draws on its own budget, on its user's daily budget, and on
//! that of all users.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::account::{ALL_USERS, Account, OF_KEY, Overdrawn, Share};
use super::amount::{Amount, Budgets};
use super::grant::Grants;
use super::run_budget::RunBudget;
use crate::domain::ids::{ApiKeyId, UserId};

/// The user of a run, and the amounts that were spent before, as the store has them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Payer<'a> {
    pub user: UserId,
    /// True if the user's account is new.
    pub is_new: bool,
    /// The day for which the amounts were read, `YYYY-MM-DD`.
    pub day: &'a str,
    /// Spent by the run.
    pub of_run: Amount,
    /// Spent by the user's runs on that day.
    pub of_user_day: Amount,
    /// Spent by all users' runs on that day.
    pub of_day: Amount,
    /// The API key by which the run was started, if it has a budget of its own.
    pub key: Option<KeyPayer>,
    /// Granted to runs that draw on the same days, and not spent yet.
    pub granted: Granted,
}

/// What runs were granted of a day by the database, beside what is spent. Nothing where this process
/// is the only one, whose accounts know all that is reserved.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Granted {
    pub of_user: Amount,
    pub of_key: Amount,
    pub of_all: Amount,
}

impl Payer<'_> {
    fn key_limit(&self) -> Amount {
        self.key.map(|payer| payer.limit).unwrap_or_default()
    }
}

/// An API key with a daily budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct KeyPayer {
    pub key: ApiKeyId,
    /// Zero means no limit.
    pub limit: Amount,
    /// Spent by what the key started on that day.
    pub of_day: Amount,
}

/// The daily budgets on which a run draws.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days {
    pub of_user: Overdrawn,
    pub of_key: Option<(ApiKeyId, Overdrawn)>,
    pub of_all: Overdrawn,
}

const fn scope(is_new: bool) -> &'static str {
    if is_new {
        "the day of a user whose account is new"
    } else {
        "the user's day"
    }
}

/// The accounts of one day: that of each user, and that of all users.
#[derive(Debug, Default)]
struct Day {
    name: String,
    of_users: HashMap<UserId, Arc<Account>>,
    of_keys: HashMap<ApiKeyId, Arc<Account>>,
    of_all: Option<Arc<Account>>,
}

/// Provides the budgets of runs. Runs of one user on one day share an account, those that one API
/// key started another, and all runs share that of the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    budgets: Budgets,
    today: Arc<Mutex<Day>>,
}

impl Ledger {
    pub(crate) fn new(budgets: Budgets) -> Self {
        Self {
            budgets,
            today: Arc::default(),
        }
    }

    /// Returns the budget of a run where other processes draw on the same daily budgets, of which
    /// `grants` hands out parts.
    pub(crate) fn granted_budget(
        &self,
        payer: &Payer<'_>,
        grants: impl FnOnce(Days) -> Box<dyn Grants>,
    ) -> RunBudget {
        let own = RunBudget::of(self.of_run(payer).into_iter().collect());
        let own = own.of_key(payer.key_limit());
        let days = Days {
            of_user: Overdrawn {
                scope: scope(payer.is_new),
                limit: self.budgets.of_user_day(payer.is_new),
            },
            of_key: payer
                .key
                .filter(|payer| payer.limit.is_set())
                .map(|payer| (payer.key, Overdrawn::of_key(payer.limit))),
            of_all: Overdrawn::of_all(self.budgets.day),
        };
        let bounded = days.of_user.limit.is_set() || days.of_all.limit.is_set();
        if bounded || days.of_key.is_some() {
            own.granted_by(grants(days))
        } else {
            own
        }
    }

    fn of_run(&self, payer: &Payer<'_>) -> Option<Share> {
        let limit = self.budgets.run;
        let share = || Share {
            account: Arc::new(Account::new("the run", limit, payer.of_run)),
            elsewhere: Amount::default(),
        };
        limit.is_set().then(share)
    }

    /// Returns the budget of a run where this process is the only one, or of a check.
    pub(crate) fn run_budget(&self, payer: &Payer<'_>) -> RunBudget {
        let mut accounts: Vec<_> = self.of_run(payer).into_iter().collect();
        let of_user = self.budgets.of_user_day(payer.is_new);
        if of_user.is_set() {
            let scope = scope(payer.is_new);
            let new = || Arc::new(Account::new(scope, of_user, payer.of_user_day));
            let place =
                |day: &mut Day| Arc::clone(day.of_users.entry(payer.user).or_insert_with(new));
            let account = self.of_day(payer.day, payer.of_user_day, place);
            accounts.push(Share {
                account: account.unwrap_or_else(new),
                elsewhere: payer.granted.of_user,
            });
        }
        if let Some(KeyPayer { key, limit, of_day }) = payer.key
            && limit.is_set()
        {
            let new = || Arc::new(Account::new(OF_KEY, limit, of_day));
            let place = |day: &mut Day| Arc::clone(day.of_keys.entry(key).or_insert_with(new));
            let account = self.of_day(payer.day, of_day, place);
            accounts.push(Share {
                account: account.unwrap_or_else(new),
                elsewhere: payer.granted.of_key,
            });
        }
        if self.budgets.day.is_set() {
            let new = || Arc::new(Account::new(ALL_USERS, self.budgets.day, payer.of_day));
            let place = |day: &mut Day| Arc::clone(day.of_all.get_or_insert_with(new));
            let account = self.of_day(payer.day, payer.of_day, place);
            accounts.push(Share {
                account: account.unwrap_or_else(new),
                elsewhere: payer.granted.of_all,
            });
        }
        RunBudget::of(accounts).of_key(payer.key_limit())
    }

    /// Returns an account of that day, or `None` for a run that was loaded before midnight. The
    /// stored amount may be older than the one in memory, and runs of other processes are only in
    /// the store, so the larger of the two is closer to the truth.
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
