//! Amounts of tokens and US dollars, and the budgets that the operator configures.

use crate::domain::credential::DayBudget;
use crate::domain::report::Usage;

/// An amount of tokens and of US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Amount {
    pub tokens: u64,
    /// Not negative; 0 where the price is unknown.
    pub usd: f64,
}

impl Amount {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            usd: self.usd + other.usd,
        }
    }

    /// Returns the smaller of each limit that is set, where zero means no limit.
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

    /// Returns whether this sets any limit.
    pub(super) fn is_set(self) -> bool {
        self.tokens > 0 || self.usd > 0.0
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(other.tokens),
            // Rounding of sums can make the difference slightly negative.
            usd: (self.usd - other.usd).max(0.0),
        }
    }
}

/// A limit that is not set becomes zero, as in [`Budgets`].
impl From<DayBudget> for Amount {
    fn from(budget: DayBudget) -> Self {
        Self {
            tokens: budget.tokens.unwrap_or(0),
            usd: budget.usd.unwrap_or(0.0),
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

/// The budgets that the operator configures; zero means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Budgets {
    pub run: Amount,
    /// The budget of one user on one day (UTC), for all runs together.
    pub user_day: Amount,
    /// The same for a user whose account is new; the smaller of the two limits applies.
    pub new_user_day: Amount,
    /// The budget of all users together on one day (UTC).
    pub day: Amount,
}

impl Budgets {
    /// Returns the daily budget of one user.
    pub(crate) fn of_user_day(&self, is_new: bool) -> Amount {
        if is_new {
            self.user_day.tighter(self.new_user_day)
        } else {
            self.user_day
        }
    }
}
