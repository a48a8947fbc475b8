//! The settings of `[budgets]` and `[[prices]]`.

use chrono::TimeDelta;

use super::declare::settings;

settings! {
    /// `[budgets]`
    #[derive(Debug, Clone, Copy, PartialEq)]
    Budgets as "budgets", "what judges may use; 0 means no limit" {
        /// US dollars of one run; needs a price for every model.
        run_usd: f64 = 0.0, 0 to 1_000_000_000;
        /// Tokens of one run, sent and received.
        run_tokens: u64 = 0;
        /// US dollars of one user's runs on one day (UTC).
        user_day_usd: f64 = 0.0, 0 to 1_000_000_000;
        /// Tokens of one user's runs on one day (UTC).
        user_day_tokens: u64 = 0;
        /// Days after its making for which an account is new.
        new_user_days: u32 = 7, 0 to 3650;
        /// As user_day_usd, for users whose account is new; the tighter counts.
        new_user_day_usd: f64 = 0.0, 0 to 1_000_000_000;
        /// As user_day_tokens, for users whose account is new; the tighter counts.
        new_user_day_tokens: u64 = 0;
        /// US dollars of all users' runs on one day (UTC).
        day_usd: f64 = 0.0, 0 to 1_000_000_000;
        /// Tokens of all users' runs on one day (UTC).
        day_tokens: u64 = 0;
    }
}

impl Budgets {
    /// Returns true if any budget is in US dollars, so that every model needs a price.
    pub(super) fn need_prices(&self) -> bool {
        [
            self.run_usd,
            self.user_day_usd,
            self.new_user_day_usd,
            self.day_usd,
        ]
        .iter()
        .any(|usd| *usd > 0.0)
    }

    /// Returns true if a daily budget covers all users together, whatever their number.
    pub(super) fn bound_everybody(&self) -> bool {
        self.day_usd > 0.0 || self.day_tokens > 0
    }

    /// Returns true if an account of this age has the budget of new users.
    pub(crate) fn is_new(&self, age: TimeDelta) -> bool {
        age < TimeDelta::days(i64::from(self.new_user_days))
    }
}

settings! {
    /// One entry of `[[prices]]`: what a model's tokens cost.
    #[derive(Debug, Clone, PartialEq)]
    PriceSettings as "prices", "" {
        /// As judges name it.
        model: String = String::new();
        /// US dollars for a million tokens sent.
        input_usd_per_million: f64 = 0.0, 0 to 1_000_000;
        /// US dollars for a million tokens received.
        output_usd_per_million: f64 = 0.0, 0 to 1_000_000;
        /// Where another kind has a model of the same name; empty: any kind.
        kind: String = String::new();
    }
}

impl PriceSettings {
    /// Finds the price of a model: the entry for its kind, or else the one for any kind.
    pub(super) fn find<'a>(prices: &'a [Self], kind: &str, model: &str) -> Option<&'a Self> {
        let of = |kind: &str| {
            prices
                .iter()
                .find(|price| price.model == model && price.kind == kind)
        };
        of(kind).or_else(|| of(""))
    }
}

#[cfg(test)]
#[path = "tests/money.rs"]
mod tests;
