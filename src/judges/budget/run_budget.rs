//! The budget of a run, reservations for its calls, and the usage of each of its judges.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account::{OF_KEY, Share};
use super::amount::Amount;
use super::grant::{Grant, Grants};
use crate::domain::report::Usage;

/// The usage of one judge in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct JudgeUsage {
    /// Number of requests that were sent or are about to be.
    pub calls: u32,
    /// The usage of its completed requests.
    pub used: Option<Usage>,
    /// True if part of the usage is a reserved maximum, because no answer with the actual figures
    /// arrived.
    pub estimated: bool,
    /// The maximum usage of the requests in flight.
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

/// The budgets on which the calls of one run draw, and the usage of each judge.
#[derive(Debug, Clone, Default)]
pub struct RunBudget {
    accounts: Vec<Share>,
    /// The budget in US dollars of the API key by which the run was started.
    key_usd: Option<f64>,
    /// The grant from daily budgets that other processes also draw on.
    grant: Option<Arc<Grant>>,
    usages: Arc<Mutex<JudgeUsages>>,
}

impl RunBudget {
    /// Makes a budget that draws on each of these accounts.
    pub(super) fn of(accounts: Vec<Share>) -> Self {
        Self {
            accounts,
            key_usd: None,
            grant: None,
            usages: Arc::default(),
        }
    }

    /// Also refuses calls whose cost is unknown, if the run's API key has a budget in US dollars.
    /// Prices are required where such a key is made, but judges and prices may change later.
    pub(super) fn of_key(self, limit: Amount) -> Self {
        Self {
            key_usd: (limit.usd > 0.0).then_some(limit.usd),
            ..self
        }
    }

    /// Also limits the run to its grant.
    pub(super) fn granted_by(self, source: Box<dyn Grants>) -> Self {
        Self {
            grant: Some(Arc::new(Grant::new(source))),
            ..self
        }
    }

    /// Reserves the maximum usage of a call of this judge.
    ///
    /// # Errors
    /// Returns a message that names the budget that does not allow it; nothing is reserved then.
    pub async fn hold(&self, judge: &str, most: Usage) -> Result<Reservation, String> {
        let Some(grant) = &self.grant else {
            return self.hold_now(judge, most);
        };
        // Checked first, so that no grant is raised for a run whose own budget is exhausted.
        self.hold_accounts(judge, most)?;
        self.release_accounts(most, Amount::default());
        grant.hold(most.into()).await?;
        let held = self.hold_now(judge, most);
        if held.is_err() {
            grant.release(most.into(), Amount::default());
        }
        held
    }

    fn hold_accounts(&self, judge: &str, most: Usage) -> Result<(), String> {
        if let (Some(limit), None) = (self.key_usd, most.cost_usd) {
            return Err(format!(
                "the budget of {OF_KEY}, ${limit}, can't be kept to: the model of the judge {judge} has no price; use \
                 a key with a budget in tokens alone, or ask the operator for a price"
            ));
        }
        for (at, Share { account, elsewhere }) in self.accounts.iter().enumerate() {
            if let Err(why) = account.hold(most.into(), *elsewhere) {
                for taken in &self.accounts[..at] {
                    taken.account.release(most.into(), Amount::default());
                }
                return Err(why);
            }
        }
        Ok(())
    }

    fn release_accounts(&self, most: Usage, spent: Amount) {
        for Share { account, .. } in &self.accounts {
            account.release(most.into(), spent);
        }
    }

    /// Reserves without raising the grant.
    pub(super) fn hold_now(&self, judge: &str, most: Usage) -> Result<Reservation, String> {
        self.hold_accounts(judge, most)?;
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

    /// Abandons the calls in flight and returns the judge's usage. Their providers may charge for
    /// them, so they count with their maximum.
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
            ..self.judge_usage(judge)
        }
    }

    /// Returns the usage of this judge so far.
    pub fn judge_usage(&self, judge: &str) -> JudgeUsage {
        self.usages()
            .by_judge
            .get(judge)
            .copied()
            .unwrap_or_default()
    }

    /// Ends a call: releases its reservation, and charges `spent` to the accounts. Returns `None`
    /// if the call had ended before.
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
        let judge_usage = usages.by_judge.entry(judge).or_default();
        judge_usage.used = Some(plus(judge_usage.used, used));
        judge_usage.estimated |= estimated;
    }

    /// A poisoned lock is harmless: a thread that panicked leaves plain numbers behind.
    fn usages(&self) -> MutexGuard<'_, JudgeUsages> {
        self.usages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The amount that is reserved for a call in flight. Dropping it releases the reservation, unless
/// the request was sent: a provider may charge for a request whose answer is abandoned (after a
/// timeout, or because the other of two hedged requests was faster).
#[derive(Debug)]
pub struct Reservation {
    run_budget: RunBudget,
    call: u64,
    sent: bool,
}

impl Reservation {
    /// Notes that the request is about to be sent.
    pub fn sent(&mut self) {
        self.sent = true;
    }

    /// Releases the reservation of a request that the provider did not serve, because it was
    /// unreachable or refused it.
    pub fn give_back(mut self) {
        self.sent = false;
    }

    /// Ends the call with its actual usage.
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
