//! A run's share of the daily budgets, granted in parts so that runs of all nodes
//! stay within them together.

use crate::judges::Waiting;
use crate::judges::budget::{Amount, Days, Grants};
use crate::store::fleet::grants::{self, Claimant, DayLimit, Raised, Sum};
use crate::store::{Db, Store, StoreError, retry};

/// Requests further grants from the database.
pub(super) struct DayGrants {
    pub(super) store: Store,
    pub(super) claimant: Claimant,
    pub(super) days: Days,
}

/// Converts a configured limit, in which 0 means no limit.
pub(super) fn limit(of: Amount) -> DayLimit {
    DayLimit {
        tokens: (of.tokens > 0).then_some(of.tokens),
        usd: (of.usd > 0.0).then_some(of.usd),
    }
}

impl Grants for DayGrants {
    fn raise(&self, more: Amount) -> Waiting<Result<(), String>> {
        let (store, claimant, days) = (self.store.clone(), self.claimant.clone(), self.days);
        Box::pin(async move {
            let run = claimant.run;
            // No judge is called while the database is unavailable, because the usage of other
            // nodes is unknown then.
            let raised = retry::retry(
                "the budget of the day",
                run,
                StoreError::is_transient,
                || {
                    let (who, more) = (claimant.clone(), sum(more));
                    store.write(move |db: &mut Db| grants::raise(db, &who, more))
                },
            );
            match raised.await {
                Ok(Raised::Granted) => Ok(()),
                Ok(Raised::OverUser { used, granted }) => {
                    Err(days.of_user.why(amount(used), amount(granted), more))
                }
                Ok(Raised::OverKey { used, granted }) => {
                    let of_key = days.of_key.map(|(_, budget)| budget);
                    let why = of_key.map(|it| it.why(amount(used), amount(granted), more));
                    Err(why.unwrap_or_else(|| "the budget of the key is used up".to_owned()))
                }
                Ok(Raised::OverAll) => {
                    let none = Amount::default();
                    Err(days.of_all.why(none, none, more))
                }
                Ok(Raised::Fenced) => Err("another node has the run".to_owned()),
                Err(error) => {
                    tracing::error!(%error, "the budget of the day can't be asked");
                    Err("the budget of the day can't be told".to_owned())
                }
            }
        })
    }
}

const fn sum(of: Amount) -> Sum {
    Sum {
        tokens: of.tokens,
        usd: of.usd,
    }
}

const fn amount(of: Sum) -> Amount {
    Amount {
        tokens: of.tokens,
        usd: of.usd,
    }
}
