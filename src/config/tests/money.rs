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
