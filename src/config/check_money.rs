//! Checks of prices and budgets: ranges, missing prices, and costs without a bound.

use reqwest::Url;

use super::address::is_this_machine;
use super::effective::Config;
use super::judge::{JudgeKind, JudgeSettings};
use super::money::PriceSettings;
use super::problem::{Findings, TableFindings};
use super::sections::Registration;
use super::{check_fleet, overlay};

/// Checks one entry of `[[prices]]`, also for a duplicate among the entries before it.
pub(super) fn price(
    price: &PriceSettings,
    before: &[PriceSettings],
    findings: &mut TableFindings<'_>,
) {
    if price.model.trim().is_empty() {
        findings.report("", "`model` is missing: name it as the judges do");
    }
    let known = JudgeKind::ONLINE.map(JudgeKind::as_str);
    if !price.kind.is_empty() && !known.contains(&&*price.kind) {
        let what = format!("kind `{}` is not one of {}", price.kind, known.join(", "));
        findings.report("", what);
    }
    findings.ranges(PriceSettings::SECTION.keys, &overlay::table(price));
    if before
        .iter()
        .any(|other| other.model == price.model && other.kind == price.kind)
    {
        let what = format!("there is another price of `{}`", price.model);
        findings.report("", what);
    }
}

/// Reports each language model without a price if any budget is in money.
pub(super) fn budgets(config: &Config, findings: &mut Findings) {
    if !config.budgets.need_prices() {
        return;
    }
    for judge in config.unpriced_judges() {
        let key = format!("{}.model", findings.judge_prefix(&judge.name));
        let what = format!(
            "a budget in money needs its price: add [[prices]] with model = \"{}\" (0 where it costs nothing)",
            judge.model
        );
        findings.report(&key, what);
    }
}

impl Config {
    /// Returns the judges whose use no budget in money can bound, since their models have no price.
    pub(crate) fn unpriced_judges(&self) -> impl Iterator<Item = &JudgeSettings> {
        let unpriced =
            move |judge: &&JudgeSettings| !judge.kind.is_offline() && self.price(judge).is_none();
        self.judges.iter().filter(unpriced)
    }

    /// Returns warnings about settings that are valid but probably unintended, to be reported at
    /// the start.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.foreign_variables.clone();
        warnings.extend(unbounded_cost(self));
        warnings.extend(check_fleet::readable_texts(self));
        warnings
    }
}

/// Returns a warning if anybody can register and cause the operator unlimited cost. A judge is
/// assumed to cost money unless it is offline, on this machine, or has a price of zero.
fn unbounded_cost(config: &Config) -> Option<String> {
    if config.auth.registration == Registration::Closed || config.budgets.bound_everybody() {
        return None;
    }
    let costs = |judge: &&JudgeSettings| {
        let is_free = config.price(judge).is_some_and(|price| {
            price.input_usd_per_million == 0.0 && price.output_usd_per_million == 0.0
        });
        let is_here = Url::parse(&judge.base_url).is_ok_and(|url| is_this_machine(&url));
        !judge.kind.is_offline() && !is_free && !is_here
    };
    let names: Vec<&str> = config
        .judges
        .iter()
        .filter(costs)
        .map(|judge| judge.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "anybody can make accounts and have judges asked that may cost money ({}): set budgets.day_usd or \
             budgets.day_tokens, which all users share, or auth.registration = \"closed\"",
            names.join(", ")
        )
    })
}

#[cfg(test)]
#[path = "tests/check_money.rs"]
mod tests;
