//! Prices and budgets: ranges, and whether there is a price for all that is to be paid for.

use super::Config;
use super::judge::JudgeKind;
use super::money::PriceSettings;
use super::problem::Findings;

/// No model costs more for a million tokens.
const MOST_USD: f64 = 1_000_000.0;

/// Checks one entry against its ranges and against those before it.
pub(super) fn price(price: &PriceSettings, before: &[PriceSettings]) -> Result<(), String> {
    if price.model.trim().is_empty() {
        return Err("`model` is missing: name it as the judges do".to_owned());
    }
    let is_kind = |known: &JudgeKind| known.as_str() == price.kind;
    if !price.kind.is_empty() && !JudgeKind::ONLINE.iter().any(is_kind) {
        return Err(format!(
            "kind `{}` is not one of openai, anthropic, gemini, ollama",
            price.kind
        ));
    }
    for (key, usd) in [
        ("input_usd_per_million", price.input_usd_per_million),
        ("output_usd_per_million", price.output_usd_per_million),
    ] {
        if !(0.0..=MOST_USD).contains(&usd) {
            return Err(format!("{key} = {usd} is not in 0 to {MOST_USD}"));
        }
    }
    let same = |other: &PriceSettings| other.model == price.model && other.kind == price.kind;
    if before.iter().any(same) {
        return Err(format!("there is another price of `{}`", price.model));
    }
    Ok(())
}

pub(super) fn budgets(config: &Config, findings: &mut Findings) {
    let budgets = &config.budgets;
    for (key, usd) in [
        ("budgets.run_usd", budgets.run_usd),
        ("budgets.user_day_usd", budgets.user_day_usd),
    ] {
        if !(0.0..=1e9).contains(&usd) {
            findings.report(key, format!("{usd} is not in 0 to 1000000000"));
        }
    }
    if !budgets.need_prices() {
        return;
    }
    let unpriced =
        |judge: &&super::JudgeSettings| !judge.kind.is_offline() && config.price(judge).is_none();
    for judge in config.judges.iter().filter(unpriced) {
        let key = format!("{}.model", findings.judge_prefix(&judge.name));
        let what = format!(
            "a budget in money needs its price: add [[prices]] with model = \"{}\" (0 where it costs nothing)",
            judge.model
        );
        findings.report(&key, what);
    }
}
