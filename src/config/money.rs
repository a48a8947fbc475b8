//! `[budgets]` and `[[prices]]`

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// `[budgets]`: what judges may use; 0 means none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Budgets {
    /// Of one run, in US dollars.
    pub run_usd: f64,
    /// Of one run, sent and received.
    pub run_tokens: u64,
    /// Of one user's runs on one day (UTC), in US dollars.
    pub user_day_usd: f64,
    /// Of one user's runs on one day (UTC), sent and received.
    pub user_day_tokens: u64,
    /// For how many days after its making an account is new, 0..3,650.
    pub new_user_days: u32,
    /// Of the runs of a user whose account is new on one day (UTC), in US dollars.
    pub new_user_day_usd: f64,
    /// Of the runs of a user whose account is new on one day (UTC), sent and received.
    pub new_user_day_tokens: u64,
    /// Of all users' runs on one day (UTC), in US dollars.
    pub day_usd: f64,
    /// Of all users' runs on one day (UTC), sent and received.
    pub day_tokens: u64,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            run_usd: 0.0,
            run_tokens: 0,
            user_day_usd: 0.0,
            user_day_tokens: 0,
            new_user_days: 7,
            new_user_day_usd: 0.0,
            new_user_day_tokens: 0,
            day_usd: 0.0,
            day_tokens: 0,
        }
    }
}

impl Budgets {
    /// Whether any of them is in money, for which every model needs a price.
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

    /// Whether what all users together may use is bounded, however many of them there are.
    pub(super) fn bound_everybody(&self) -> bool {
        self.day_usd > 0.0 || self.day_tokens > 0
    }

    /// Whether an account of that age counts as new.
    pub fn is_new(&self, age: TimeDelta) -> bool {
        age < TimeDelta::days(i64::from(self.new_user_days))
    }
}

/// One entry of `[[prices]]`: what a model's tokens cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PriceSettings {
    /// As judges name it.
    pub model: String,
    /// Of judges of this kind alone; empty: of any.
    pub kind: String,
    /// For a million tokens sent, in US dollars.
    pub input_usd_per_million: f64,
    /// For a million tokens received, in US dollars.
    pub output_usd_per_million: f64,
}

impl PriceSettings {
    /// The price of a model: that of its kind, else that of any kind.
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
mod tests {
    use super::*;

    #[test]
    fn the_price_of_a_kind_comes_before_that_of_any() {
        let price = |kind: &str, input| PriceSettings {
            model: "m".into(),
            kind: kind.into(),
            input_usd_per_million: input,
            output_usd_per_million: 1.0,
        };
        let prices = [price("", 1.0), price("gemini", 2.0)];
        let found = |kind, model| {
            PriceSettings::find(&prices, kind, model).map(|price| price.input_usd_per_million)
        };
        assert_eq!(found("gemini", "m"), Some(2.0));
        assert_eq!(found("openai", "m"), Some(1.0));
        assert_eq!(found("openai", "n"), None);
    }
}
