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

    /// The smaller of each that is set; a zero is no budget.
    fn tighter(self, other: Self) -> Self {
        Self {
            tokens: match (self.tokens, other.tokens) {
                (0, only) | (only, 0) => only,
                (one, other) => one.min(other),
            },
            usd: if self.usd > 0.0 && other.usd > 0.0 {
                self.usd.min(other.usd)
            } else {
                self.usd.max(other.usd)
            },
        }
    }

    /// Whether it is a budget at all.
    fn is_set(self) -> bool {
        self.tokens > 0 || self.usd > 0.0
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
    /// The same of a user whose account is new; the tighter of the two counts.
    pub new_user_day: Amount,
    /// Of all users together on one day (UTC).
    pub day: Amount,
}

impl Budgets {
    /// The budget of a user's day.
    pub fn of_user_day(&self, is_new: bool) -> Amount {
        if is_new {
            self.user_day.tighter(self.new_user_day)
        } else {
            self.user_day
        }
    }
}

/// Whose run is to be paid for, and what was spent before by what the store knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Payer<'a> {
    /// The run's user.
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

/// The scope of the budget that all users share.
const ALL_USERS: &str = "the day of all users";

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

/// The accounts of a day: of each user, and of all together.
#[derive(Debug, Default)]
struct Day {
    name: String,
    of_users: HashMap<UserId, Arc<Account>>,
    of_all: Option<Arc<Account>>,
}

/// Where runs get their purses: those of one user on one day share that day's account, and all share the server's.
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

    /// The purse of a run.
    pub fn purse(&self, payer: &Payer<'_>) -> Purse {
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
        Purse {
            accounts,
            tabs: Arc::default(),
        }
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

    /// A user of old whose runs have used so many tokens on that day, and nobody else's any.
    fn payer(user: UserId, day: &str, of_user_day: u64) -> Payer<'_> {
        Payer {
            user,
            is_new: false,
            day,
            of_run: Amount::default(),
            of_user_day: tokens(of_user_day),
            of_day: Amount::default(),
        }
    }

    fn of_run(limit: Amount, spent: Amount) -> Purse {
        let budgets = Budgets {
            run: limit,
            ..Budgets::default()
        };
        let payer = Payer {
            of_run: spent,
            ..payer(user(1), "2026-11-23", 0)
        };
        Ledger::new(budgets).purse(&payer)
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
        let first = ledger.purse(&payer(user(1), "2026-11-23", 10));
        first.hold("a", call(60)).unwrap().settle(call(60));
        // What the store says is older than what the first run has spent since.
        let second = ledger.purse(&payer(user(1), "2026-11-23", 10));
        assert!(second.hold("a", call(31)).is_err());
        second.hold("a", call(30)).unwrap();
        let other = ledger.purse(&payer(user(2), "2026-11-23", 0));
        other.hold("a", call(100)).unwrap();
        let tomorrow = ledger.purse(&payer(user(1), "2026-11-24", 0));
        tomorrow.hold("a", call(100)).unwrap();
        drop((first, second));
        // Another process's runs are in the store alone.
        let later = ledger.purse(&payer(user(1), "2026-11-23", 90));
        assert!(later.hold("a", call(11)).is_err());
    }

    #[test]
    fn a_call_that_one_budget_refuses_holds_nothing_of_the_other() {
        let ledger = Ledger::new(Budgets {
            run: tokens(100),
            user_day: tokens(50),
            ..Budgets::default()
        });
        let purse = ledger.purse(&payer(user(1), "d", 0));
        assert!(purse.hold("a", call(60)).is_err());
        let held = purse.hold("a", call(50)).unwrap();
        drop(held);
        let other = ledger.purse(&payer(user(2), "d", 0));
        other.hold("a", call(50)).unwrap();
    }

    #[test]
    fn all_users_share_one_day_and_are_told_nothing_of_each_other() {
        let ledger = Ledger::new(Budgets {
            day: tokens(100),
            ..Budgets::default()
        });
        let of = |id, day, stored| {
            ledger.purse(&Payer {
                of_day: tokens(stored),
                ..payer(user(id), day, 0)
            })
        };
        let held = of(1, "2026-11-23", 10).hold("a", call(60)).unwrap();
        let why = of(2, "2026-11-23", 10).hold("a", call(31)).unwrap_err();
        assert!(why.contains("the day of all users"), "{why}");
        assert!(!why.contains(char::is_numeric), "{why}");
        held.settle(call(50));
        of(2, "2026-11-23", 10)
            .hold("a", call(40))
            .unwrap()
            .settle(call(40));
        assert!(of(3, "2026-11-23", 0).hold("a", call(1)).is_err());
        of(3, "2026-11-24", 0).hold("a", call(100)).unwrap();
    }

    #[test]
    fn a_new_account_has_the_tighter_of_two_budgets() {
        let budgets = |user_day, new_user_day| Budgets {
            user_day,
            new_user_day,
            ..Budgets::default()
        };
        for (user_day, new_user_day, old, new) in [
            (100, 10, Some(100), Some(10)),
            (10, 100, Some(10), Some(10)),
            (0, 10, None, Some(10)),
            (10, 0, Some(10), Some(10)),
            (0, 0, None, None),
        ] {
            let ledger = Ledger::new(budgets(tokens(user_day), tokens(new_user_day)));
            for (id, is_new, limit) in [(1, false, old), (2, true, new)] {
                let payer = Payer {
                    is_new,
                    ..payer(user(id), "d", 0)
                };
                let purse = ledger.purse(&payer);
                match limit {
                    Some(limit) => {
                        assert!(purse.hold("a", call(limit + 1)).is_err());
                        purse.hold("a", call(limit)).unwrap();
                    }
                    None => drop(purse.hold("a", call(u64::MAX)).unwrap()),
                }
            }
        }
        let both = budgets(usd(1.0), usd(0.25));
        assert_eq!(both.of_user_day(true), usd(0.25));
        assert_eq!(both.of_user_day(false), usd(1.0));
    }

    #[test]
    fn what_is_known_of_the_day_never_shrinks() {
        let ledger = Ledger::new(Budgets {
            user_day: tokens(100),
            ..Budgets::default()
        });
        let day = |day: &str, stored| ledger.purse(&payer(user(1), day, stored));
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
