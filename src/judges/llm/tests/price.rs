use super::*;

#[test]
fn a_price_is_for_a_million_tokens() {
    let price = Price {
        input_usd_per_million: 0.15,
        output_usd_per_million: 0.6,
    };
    assert!((price.of(2_000_000, 500_000) - 0.6).abs() < 1e-12);
    let usage = Usage {
        prompt_tokens: 321,
        completion_tokens: 45,
        cost_usd: None,
    };
    let cost = price.priced(usage).cost_usd.unwrap();
    assert!((cost - 0.000_075_15).abs() < 1e-12, "{cost}");
}

#[test]
fn scripts_have_their_own_density() {
    assert_eq!(estimate(""), 0);
    assert_eq!(estimate("abcdefg"), 2);
    assert_eq!(estimate("мельница"), 4);
    assert_eq!(estimate("磨坊建于"), 4);
    assert_eq!(estimate("🌉"), 2);
}
