//! What nodes that ask the same providers have to agree on: rate limits, counted in the database,
//! and whether a node may ask at all.

use std::time::Duration;

use crate::actors::fleet::OwnNode;
use crate::judges::Waiting;
use crate::judges::llm::{Allowance, ProviderCounters};
use crate::store::fleet::rates::{self, Taking};
use crate::store::{Db, Store};

/// The delay before the database is asked again after an error. No judge is called meanwhile.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Counts what the nodes of one database use.
pub(super) struct DatabaseCounters {
    store: Store,
    node: OwnNode,
}

impl DatabaseCounters {
    pub(super) const fn new(store: Store, node: OwnNode) -> Self {
        Self { store, node }
    }
}

fn takings(of: Vec<Allowance>) -> Vec<Taking> {
    let one = |allowance: Allowance| Taking {
        key: allowance.key,
        step: allowance.step,
        window: allowance.window,
    };
    of.into_iter().map(one).collect()
}

impl ProviderCounters for DatabaseCounters {
    fn part_of(&self, whole: usize) -> usize {
        self.node.part_of(whole)
    }

    fn take(&self, allowances: Vec<Allowance>) -> Waiting<Option<Duration>> {
        let (store, takings) = (self.store.clone(), takings(allowances));
        Box::pin(async move {
            let taken = store.write(move |db: &mut Db| rates::take(db, &takings));
            taken.await.unwrap_or_else(|error| {
                tracing::debug!(%error, "what all nodes may ask a provider can't be counted now");
                Some(RETRY_DELAY)
            })
        })
    }

    fn give_back(&self, allowances: Vec<Allowance>) {
        let (store, takings) = (self.store.clone(), takings(allowances));
        tokio::spawn(async move {
            let given = store.write(move |db: &mut Db| rates::give_back(db, &takings));
            if let Err(error) = given.await {
                // The unused part stays counted for a minute.
                tracing::debug!(%error, "what was not used can't be given back");
            }
        });
    }

    fn in_touch(&self) -> Waiting<()> {
        let node = self.node.clone();
        Box::pin(async move { node.in_touch().await })
    }

    fn is_in_touch(&self) -> bool {
        !self.node.is_out_of_touch()
    }
}
