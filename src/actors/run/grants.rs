//! A run's grants: what it may take of its days' budgets beside the runs of other nodes.

use crate::judges::Waiting;
use crate::judges::budget::{Amount, Days, Grants};
use crate::store::fleet::grants::{self, Claimant, DayLimit, Raised, Sum};
use crate::store::{Db, Store, StoreError, retry};

/// Where a run asks for more.
pub(super) struct DayGrants {
    pub(super) store: Store,
    pub(super) claimant: Claimant,
    pub(super) days: Days,
}

/// A zero is no budget.
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
            // While the database is away no judge is asked: nobody could say what others use.
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
