//! The grant of a run from daily budgets that other processes also draw on. It is raised before a
//! call that needs more.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::amount::Amount;
use crate::judges::waiting::Waiting;

/// Tolerance for rounding in sums of US dollars.
const ROUNDING: f64 = 1e-9;

/// A source of grants.
pub(crate) trait Grants: Send + Sync {
    /// Raises the grant by `more`, or returns which budget does not allow it.
    fn raise(&self, more: Amount) -> Waiting<Result<(), String>>;
}

/// The amounts that one run was granted, has spent, and has reserved.
pub(super) struct Grant {
    source: Box<dyn Grants>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    granted: Amount,
    spent: Amount,
    held: Amount,
}

impl Grant {
    pub(super) fn new(source: Box<dyn Grants>) -> Self {
        Self {
            source,
            state: Mutex::default(),
        }
    }

    /// Reserves the maximum of a call, and raises the grant if it does not suffice.
    pub(super) async fn hold(&self, amount: Amount) -> Result<(), String> {
        while let Err(missing) = self.hold_now(amount) {
            self.source.raise(missing).await?;
            let mut state = self.state();
            state.granted = state.granted.plus(missing);
        }
        Ok(())
    }

    fn hold_now(&self, amount: Amount) -> Result<(), Amount> {
        let mut state = self.state();
        let wanted = state.spent.plus(state.held).plus(amount);
        let missing = wanted.minus(state.granted);
        if missing.tokens > 0 || missing.usd > ROUNDING {
            return Err(missing);
        }
        state.held = state.held.plus(amount);
        Ok(())
    }

    pub(super) fn release(&self, held: Amount, spent: Amount) {
        let mut state = self.state();
        state.held = state.held.minus(held);
        state.spent = state.spent.plus(spent);
    }

    /// A poisoned lock is harmless: a thread that panicked leaves plain numbers behind.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
