//! Budgets: what calls may cost, held before each call and settled after it.
//!
//! Pure bookkeeping in memory. What was spent before comes in from the store, which keeps it with the
//! judges' reports. A call that is refused gives back what was held for it; one that is sent and not waited
//! for does not, since a budget that a user can get round by cancelling is none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// What one judge asked for in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tab {
    /// Requests sent, or about to be.
    pub calls: u32,
    /// What its requests used, as far as they have ended.
    pub used: Option<Usage>,
    /// True where some of it is what was held, since no answer came that says more.
    pub estimated: bool,
    /// What the requests under way may use at most.
    pub under_way: Option<Usage>,
}

#[derive(Debug, Default)]
struct Tabs {
    by_judge: HashMap<String, Tab>,
    held: HashMap<u64, (String, Usage)>,
    next: u64,
}

fn plus(sum: Option<Usage>, more: Usage) -> Usage {
    sum.map_or(more, |sum| sum.plus(more))
}

/// What the calls of one run are paid from, and what each judge asked for.
#[derive(Debug, Clone, Default)]
pub struct Purse {
    accounts: Vec<Arc<Account>>,
    tabs: Arc<Mutex<Tabs>>,
}

impl Purse {
    /// Holds what a call of this judge may use at most.
    ///
    /// # Errors
    /// Which budget does not bear it; then nothing is held.
    pub fn hold(&self, judge: &str, most: Usage) -> Result<Held, String> {
        for (at, account) in self.accounts.iter().enumerate() {
            if let Err(why) = account.hold(most.into()) {
                for taken in &self.accounts[..at] {
                    taken.release(most.into(), Amount::default());
                }
                return Err(why);
            }
        }
        let mut tabs = self.tabs();
        let call = tabs.next;
        tabs.next += 1;
        tabs.by_judge.entry(judge.to_owned()).or_default().calls += 1;
        tabs.held.insert(call, (judge.to_owned(), most));
        drop(tabs);
        Ok(Held {
            purse: self.clone(),
            call,
            sent: false,
        })
    }

    /// Ends the calls under way: nobody waits for them any more, and their providers may charge for
    /// them, so they count as all that they may use. Says what this judge asked for.
    pub fn close(&self, judge: &str) -> Tab {
        let calls: Vec<u64> = {
            let tabs = self.tabs();
            let of_judge = tabs.held.iter().filter(|(_, (name, _))| name == judge);
            of_judge.map(|(call, _)| *call).collect()
        };
        let under_way = calls.into_iter().filter_map(|call| {
            let (_, most) = self.end(call, |most| most.into())?;
            Some(most)
        });
        let under_way = under_way.reduce(Usage::plus);
        Tab {
            under_way,
            ..self.tab(judge)
        }
    }

    /// What this judge asked for up to now.
    pub fn tab(&self, judge: &str) -> Tab {
        self.tabs().by_judge.get(judge).copied().unwrap_or_default()
    }

    /// Takes a call off the list, and from the accounts what was `spent` on it; nothing where it is off.
    fn end(&self, call: u64, spent: impl FnOnce(Usage) -> Amount) -> Option<(String, Usage)> {
        let (judge, most) = self.tabs().held.remove(&call)?;
        let spent = spent(most);
        for account in &self.accounts {
            account.release(most.into(), spent);
        }
        Some((judge, most))
    }

    fn note(&self, judge: String, used: Usage, estimated: bool) {
        let mut tabs = self.tabs();
        let tab = tabs.by_judge.entry(judge).or_default();
        tab.used = Some(plus(tab.used, used));
        tab.estimated |= estimated;
    }

    /// A thread that panicked while it held the lock leaves plain numbers behind.
    fn tabs(&self) -> MutexGuard<'_, Tabs> {
        self.tabs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is held for a call under way. Dropping it gives it back, unless the request was sent: whoever
/// does not wait for the answer (out of time, or the other one of two was quicker) may be charged for it.
#[derive(Debug)]
pub struct Held {
    purse: Purse,
    call: u64,
    sent: bool,
}

impl Held {
    /// The request goes out now.
    pub fn sent(&mut self) {
        self.sent = true;
    }

    /// The provider did nothing for it: it could not be reached, or refused.
    pub fn give_back(mut self) {
        self.sent = false;
    }

    /// The call has ended and used so much.
    pub fn settle(self, used: Usage) {
        if let Some((judge, _)) = self.purse.end(self.call, |_| used.into()) {
            self.purse.note(judge, used, false);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let sent = self.sent;
        let spent = |most: Usage| if sent { most.into() } else { Amount::default() };
        if let Some((judge, most)) = self.purse.end(self.call, spent)
            && sent
        {
            self.purse.note(judge, most, true);
        }
    }
}

/// The accounts of a day, by user.
#[derive(Debug, Default)]
struct Day {
    name: String,
    accounts: HashMap<UserId, Arc<Account>>,
}

/// Where runs get their purses: those of one user on one day share that day's account.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    budgets: Budgets,
    today: Arc<Mutex<Day>>,
}

impl Ledger {
    /// A ledger with these budgets.
    pub fn new(budgets: Budgets) -> Self {
        Self {
            budgets,
            today: Arc::default(),
        }
    }

    /// The purse of a run that has spent `of_run` before, of a user who had spent `of_day` on that day
    /// when it was read.
    pub fn purse(&self, user: UserId, day: &str, of_run: Amount, of_day: Amount) -> Purse {
        let mut accounts = Vec::new();
        let is_set = |limit: Amount| limit.tokens > 0 || limit.usd > 0.0;
        if is_set(self.budgets.run) {
            let account = Account::new("the run", self.budgets.run, of_run);
            accounts.push(Arc::new(account));
        }
        if is_set(self.budgets.user_day) {
            accounts.push(self.of_day(user, day, of_day));
        }
        Purse {
            accounts,
            tabs: Arc::default(),
        }
    }

    /// What the store says may be older than what this process knows, and another process's runs are
    /// only in the store: the larger is nearer to the truth.
    fn of_day(&self, user: UserId, day: &str, stored: Amount) -> Arc<Account> {
        let new = || {
            Arc::new(Account::new(
                "the user's day",
                self.budgets.user_day,
                stored,
            ))
        };
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        if *today.name < *day {
            *today = Day {
                name: day.to_owned(),
                ..Day::default()
            };
        }
        if today.name != day {
            // A run that was loaded before midnight.
            return new();
        }
        let account = today.accounts.entry(user).or_insert_with(new);
        let mut state = account.state();
        state.spent.tokens = state.spent.tokens.max(stored.tokens);
        state.spent.usd = state.spent.usd.max(stored.usd);
        drop(state);
        Arc::clone(account)
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

    /// A price without a token.
    const fn price(usd: f64) -> Usage {
        Usage {
            prompt_tokens: 0,
            completion_tokens: 0,
            cost_usd: Some(usd),
        }
    }

    const fn call(tokens: u64) -> Usage {
        Usage {
            prompt_tokens: tokens,
            completion_tokens: 0,
            cost_usd: None,
        }
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
        let first = purse.hold("a", call(50)).unwrap();
        let refused = purse.hold("a", call(31)).unwrap_err();
        assert_eq!(
            refused,
            "the budget of the run, 100 tokens, does not bear the call: 20 are used, 50 held, and it may take 31"
        );
        let second = purse.hold("a", call(30)).unwrap();
        first.settle(call(10));
        assert!(purse.hold("a", call(41)).is_err(), "20 + 10 + 30 + 41");
        drop(second);
        purse.hold("a", call(70)).unwrap().settle(call(70));
        assert!(purse.hold("a", call(1)).is_err(), "20 + 10 + 70");
    }

    #[test]
    fn money_is_counted_too_and_zero_is_no_budget() {
        let purse = of_run(usd(0.5), usd(0.1));
        assert!(purse.hold("a", price(0.41)).is_err());
        purse.hold("a", price(0.4)).unwrap().settle(price(0.0));
        purse.hold("a", price(0.4)).unwrap().settle(price(0.4));
        assert!(purse.hold("a", price(0.000_001)).is_err());
        purse.hold("a", call(u64::MAX)).unwrap();
        let unbound = of_run(Amount::default(), usd(1e9));
        unbound.hold("a", price(1e9)).unwrap();
    }

    #[test]
    fn runs_of_one_user_share_the_day() {
        let ledger = Ledger::new(Budgets {
            user_day: tokens(100),
            ..Budgets::default()
        });
        let first = ledger.purse(user(1), "2026-11-23", tokens(0), tokens(10));
        first.hold("a", call(60)).unwrap().settle(call(60));
        // What the store says is older than what the first run has spent since.
        let second = ledger.purse(user(1), "2026-11-23", tokens(0), tokens(10));
        assert!(second.hold("a", call(31)).is_err());
        second.hold("a", call(30)).unwrap();
        let other = ledger.purse(user(2), "2026-11-23", tokens(0), tokens(0));
        other.hold("a", call(100)).unwrap();
        let tomorrow = ledger.purse(user(1), "2026-11-24", tokens(0), tokens(0));
        tomorrow.hold("a", call(100)).unwrap();
        drop((first, second));
        // Another process's runs are in the store alone.
        let later = ledger.purse(user(1), "2026-11-23", tokens(0), tokens(90));
        assert!(later.hold("a", call(11)).is_err());
    }

    #[test]
    fn a_call_that_one_budget_refuses_holds_nothing_of_the_other() {
        let ledger = Ledger::new(Budgets {
            run: tokens(100),
            user_day: tokens(50),
        });
        let purse = ledger.purse(user(1), "d", tokens(0), tokens(0));
        assert!(purse.hold("a", call(60)).is_err());
        let held = purse.hold("a", call(50)).unwrap();
        drop(held);
        let other = ledger.purse(user(2), "d", tokens(0), tokens(0));
        other.hold("a", call(50)).unwrap();
    }

    #[test]
    fn what_is_known_of_the_day_never_shrinks() {
        let ledger = Ledger::new(Budgets {
            user_day: tokens(100),
            ..Budgets::default()
        });
        let day = |day: &str, stored| ledger.purse(user(1), day, tokens(0), tokens(stored));
        let first = day("2026-11-23", 0);
        first.hold("a", call(60)).unwrap().settle(call(60));
        drop(first);
        // Read from the store before the first run's report was written.
        let second = day("2026-11-23", 0);
        assert!(second.hold("a", call(41)).is_err());
        let tomorrow = day("2026-11-24", 0);
        tomorrow.hold("a", call(100)).unwrap();
        // Loaded before midnight, started after.
        let late = day("2026-11-23", 60);
        assert!(late.hold("a", call(41)).is_err());
        let still_tomorrow = day("2026-11-24", 0);
        tomorrow.hold("a", call(100)).unwrap().settle(call(100));
        assert!(still_tomorrow.hold("a", call(1)).is_err());
    }

    #[test]
    fn a_call_that_is_cancelled_counts_as_all_that_it_may_use() {
        let purse = of_run(tokens(100), tokens(0));
        purse.hold("a", call(30)).unwrap().settle(call(10));
        let (open, other) = (
            purse.hold("a", call(30)).unwrap(),
            purse.hold("b", call(20)).unwrap(),
        );
        drop(purse.hold("a", call(40)).unwrap());
        let mut refused = purse.hold("a", call(40)).unwrap();
        refused.sent();
        refused.give_back();
        let tab = purse.close("a");
        assert_eq!((tab.calls, tab.estimated), (4, false));
        assert_eq!((tab.used, tab.under_way), (Some(call(10)), Some(call(30))));
        // What comes of it later changes nothing.
        open.settle(call(1));
        assert!(purse.hold("a", call(41)).is_err(), "10 + 30 + 20 + 41");
        drop(other);
        let mut last = purse.hold("a", call(60)).unwrap();
        last.sent();
        drop(last);
        assert!(
            purse.hold("a", call(1)).is_err(),
            "nobody knows what it used"
        );
        let tab = purse.tab("a");
        assert_eq!((tab.used, tab.estimated), (Some(call(70)), true));
        assert_eq!(purse.close("nobody"), Tab::default());
    }
}
