//! How often judges are asked: ranges, and that judges of one provider agree on what it takes.

use std::collections::BTreeMap;

use super::Config;
use super::check::range;
use super::problem::Findings;
use super::provider::Provider;

/// The longest that an answer may serve again.
const WEEK_S: u64 = 7 * 24 * 3600;

pub(super) fn judges(config: &Config, findings: &mut Findings) {
    let mut providers = BTreeMap::new();
    for judge in config
        .judges
        .iter()
        .filter(|judge| !judge.kind.is_offline())
    {
        let prefix = findings.judge_prefix(&judge.name);
        let key = |name: &str| format!("{prefix}.{name}");
        range(findings, &key("repeats"), judge.repeats, 1, 20);
        range(findings, &key("cache_ttl_s"), judge.cache_ttl_s, 0, WEEK_S);
        let (open, hedge) = (judge.circuit_open_ms, judge.hedge_after_ms);
        range(findings, &key("circuit_open_ms"), open, 100, 3_600_000);
        range(findings, &key("hedge_after_ms"), hedge, 0, 3_600_000);
        let failures = judge.circuit_failures;
        range(findings, &key("circuit_failures"), failures, 0, 1000);
        if hedge > 0 && judge.max_attempts < 2 {
            let what = "a second request is an attempt too: give max_attempts of 2 or more";
            findings.report(&key("hedge_after_ms"), what);
        }
        if hedge >= judge.timeout_ms {
            let what = format!("would come after timeout_ms = {}", judge.timeout_ms);
            findings.report(&key("hedge_after_ms"), what);
        }
        let minute = judge.tokens_per_minute;
        if minute > 0 && minute <= judge.max_tokens {
            let what = format!(
                "{minute} would never bear one answer of max_tokens = {}",
                judge.max_tokens
            );
            findings.report(&key("tokens_per_minute"), what);
        }
        let allowance = (judge.requests_per_minute, judge.tokens_per_minute);
        let (other, known) = *providers
            .entry(Provider::of(judge))
            .or_insert((judge.name.as_str(), allowance));
        if known != allowance {
            let what = format!(
                "asks the same provider as `{other}`: give both the same requests_per_minute and tokens_per_minute"
            );
            findings.report(&prefix, what);
        }
    }
}
