//! Tokens and dollars, and how many of them the operator allows.

use crate::domain::report::Usage;

/// Tokens and US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Amount {
    pub tokens: u64,
    /// Not negative; 0 where no price is known.
    pub usd: f64,
}

impl Amount {
    pub(super) fn plus(self, other: Self) -> Self {
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
    pub(super) fn is_set(self) -> bool {
        self.tokens > 0 || self.usd > 0.0
    }

    pub(super) fn minus(self, other: Self) -> Self {
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
pub(crate) struct Budgets {
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
    pub(crate) fn of_user_day(&self, is_new: bool) -> Amount {
        if is_new {
            self.user_day.tighter(self.new_user_day)
        } else {
            self.user_day
        }
    }
}
