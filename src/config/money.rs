//! The settings of `[budgets]` and `[[prices]]`.

use chrono::TimeDelta;

use super::declare::settings;

settings! {
    /// `[budgets]`
    #[derive(Debug, Clone, Copy, PartialEq)]
    Budgets as "budgets", "what judges may use; 0 means no limit" {
        /// Budget of one run in US dollars; every model needs a price.
        run_usd: f64 = 0.0, 0 to 1_000_000_000;
        /// Budget of one run in tokens, sent and received.
        run_tokens: u64 = 0;
        /// Budget of one user's runs on one day (UTC) in US dollars.
        user_day_usd: f64 = 0.0, 0 to 1_000_000_000;
        /// Budget of one user's runs on one day (UTC) in tokens.
        user_day_tokens: u64 = 0;
        /// Number of days for which an account is new after its creation.
        new_user_days: u32 = 7, 0 to 3650;
        /// Budget like user_day_usd for new accounts; the lower one applies.
        new_user_day_usd: f64 = 0.0, 0 to 1_000_000_000;
        /// Budget like user_day_tokens for new accounts; the lower one applies.
        new_user_day_tokens: u64 = 0;
        /// Budget of all users' runs on one day (UTC) in US dollars.
        day_usd: f64 = 0.0, 0 to 1_000_000_000;
        /// Budget of all users' runs on one day (UTC) in tokens.
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
        /// Name of the model, as in `model` of a judge.
        model: String = String::new();
        /// Price of a million tokens sent, in US dollars.
        input_usd_per_million: f64 = 0.0, 0 to 1_000_000;
        /// Price of a million tokens received, in US dollars.
        output_usd_per_million: f64 = 0.0, 0 to 1_000_000;
        /// Kind of judge that the price applies to; empty: any kind.
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
