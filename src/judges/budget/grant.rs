//! What a run may take of days that other processes pay from, too: it is granted more before the call that needs
//! it.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::amount::Amount;
use crate::judges::waiting::Waiting;

/// Dollars by which sums of rounded numbers may miss each other.
const ROUNDING: f64 = 1e-9;

/// Who grants.
pub(crate) trait Grants: Send + Sync {
    /// Grants so much more, which the caller then has; or says which budget does not bear it.
    fn raise(&self, more: Amount) -> Waiting<Result<(), String>>;
}

/// What one run was granted, and what became of it.
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

    /// Holds what a call may take at most, and asks for more where that is not there.
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

    /// A thread that panicked while it held the lock leaves plain numbers behind.
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
