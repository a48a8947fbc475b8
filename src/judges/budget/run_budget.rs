//! What a run's calls are paid from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account::Account;
use super::amount::Amount;
use super::grant::{Grant, Grants};
use crate::domain::report::Usage;

/// What one judge asked for in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct JudgeUsage {
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
struct JudgeUsages {
    by_judge: HashMap<String, JudgeUsage>,
    held: HashMap<u64, (String, Usage)>,
    next: u64,
}

fn plus(sum: Option<Usage>, more: Usage) -> Usage {
    sum.map_or(more, |sum| sum.plus(more))
}

/// What the calls of one run are paid from, and what each judge asked for.
#[derive(Debug, Clone, Default)]
pub struct RunBudget {
    accounts: Vec<Arc<Account>>,
    /// What it may take of days that other processes pay from, too.
    grant: Option<Arc<Grant>>,
    usages: Arc<Mutex<JudgeUsages>>,
}

impl RunBudget {
    /// Pays from each of these.
    pub(super) fn of(accounts: Vec<Arc<Account>>) -> Self {
        Self {
            accounts,
            grant: None,
            usages: Arc::default(),
        }
    }

    /// The same, which besides takes no more than it is granted.
    pub(super) fn granted_by(self, source: Box<dyn Grants>) -> Self {
        Self {
            grant: Some(Arc::new(Grant::new(source))),
            ..self
        }
    }

    /// Holds what a call of this judge may use at most.
    ///
    /// # Errors
    /// Which budget does not bear it; then nothing is held.
    pub async fn hold(&self, judge: &str, most: Usage) -> Result<Reservation, String> {
        let Some(grant) = &self.grant else {
            return self.hold_now(judge, most);
        };
        // Nothing is granted to a run whose own budget is used up.
        self.hold_accounts(most)?;
        self.release_accounts(most, Amount::default());
        grant.hold(most.into()).await?;
        let held = self.hold_now(judge, most);
        if held.is_err() {
            grant.release(most.into(), Amount::default());
        }
        held
    }

    fn hold_accounts(&self, most: Usage) -> Result<(), String> {
        for (at, account) in self.accounts.iter().enumerate() {
            if let Err(why) = account.hold(most.into()) {
                for taken in &self.accounts[..at] {
                    taken.release(most.into(), Amount::default());
                }
                return Err(why);
            }
        }
        Ok(())
    }

    fn release_accounts(&self, most: Usage, spent: Amount) {
        for account in &self.accounts {
            account.release(most.into(), spent);
        }
    }

    /// Holds it without asking for a grant.
    pub(super) fn hold_now(&self, judge: &str, most: Usage) -> Result<Reservation, String> {
        self.hold_accounts(most)?;
        let mut usages = self.usages();
        let call = usages.next;
        usages.next += 1;
        usages.by_judge.entry(judge.to_owned()).or_default().calls += 1;
        usages.held.insert(call, (judge.to_owned(), most));
        drop(usages);
        Ok(Reservation {
            run_budget: self.clone(),
            call,
            sent: false,
        })
    }

    /// Ends the calls under way: nobody waits for them any more, and their providers may charge for
    /// them, so they count as all that they may use. Says what this judge asked for.
    pub fn close(&self, judge: &str) -> JudgeUsage {
        let calls: Vec<u64> = {
            let usages = self.usages();
            let of_judge = usages.held.iter().filter(|(_, (name, _))| name == judge);
            of_judge.map(|(call, _)| *call).collect()
        };
        let under_way = calls.into_iter().filter_map(|call| {
            let (_, most) = self.end(call, |most| most.into())?;
            Some(most)
        });
        let under_way = under_way.reduce(Usage::plus);
        JudgeUsage {
            under_way,
            ..self.tab(judge)
        }
    }

    /// What this judge asked for up to now.
    pub fn tab(&self, judge: &str) -> JudgeUsage {
        self.usages()
            .by_judge
            .get(judge)
            .copied()
            .unwrap_or_default()
    }

    /// Takes a call off the list, and from the accounts what was `spent` on it; nothing where it is off.
    fn end(&self, call: u64, spent: impl FnOnce(Usage) -> Amount) -> Option<(String, Usage)> {
        let (judge, most) = self.usages().held.remove(&call)?;
        let spent = spent(most);
        self.release_accounts(most, spent);
        if let Some(grant) = &self.grant {
            grant.release(most.into(), spent);
        }
        Some((judge, most))
    }

    fn note(&self, judge: String, used: Usage, estimated: bool) {
        let mut usages = self.usages();
        let tab = usages.by_judge.entry(judge).or_default();
        tab.used = Some(plus(tab.used, used));
        tab.estimated |= estimated;
    }

    /// A thread that panicked while it held the lock leaves plain numbers behind.
    fn usages(&self) -> MutexGuard<'_, JudgeUsages> {
        self.usages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is held for a call under way. Dropping it gives it back, unless the request was sent: whoever
/// does not wait for the answer (out of time, or the other one of two was quicker) may be charged for it.
#[derive(Debug)]
pub struct Reservation {
    run_budget: RunBudget,
    call: u64,
    sent: bool,
}

impl Reservation {
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
        if let Some((judge, _)) = self.run_budget.end(self.call, |_| used.into()) {
            self.run_budget.note(judge, used, false);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let sent = self.sent;
        let spent = |most: Usage| if sent { most.into() } else { Amount::default() };
        if let Some((judge, most)) = self.run_budget.end(self.call, spent)
            && sent
        {
            self.run_budget.note(judge, most, true);
        }
    }
}
