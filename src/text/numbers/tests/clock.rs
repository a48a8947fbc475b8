use super::*;
use crate::text::language::Language;
use crate::text::numbers::find;
use crate::text::tokens::Tokenizer;

fn times(text: &str) -> Vec<(&str, f64)> {
    let tokens = Tokenizer::new(Language::English).tokens(text, 0..text.len());
    let mut used = vec![false; tokens.len()];
    find(text, &tokens, &mut used, Language::English)
        .into_iter()
        .filter(|found| found.unit == Unit::Measure(CLOCK))
        .map(|found| (&text[found.range], found.value / 60.0))
        .collect()
}

#[test]
fn times_of_day_are_read_and_other_numbers_are_not() {
    assert_eq!(times("It serves soup until 15:00."), [("15:00", 15.0)]);
    assert_eq!(
        times("From 9:30 am to 3 p.m., not at 12 a.m."),
        [("9:30 am", 9.5), ("3 p.m", 15.0), ("12 a.m", 0.0)]
    );
    for none in [
        "They won 3:1.",
        "It has 12 tables.",
        "A ratio of 99:10.",
        "Page 15: 20 lines.",
    ] {
        assert_eq!(times(none), [], "{none}");
    }
}
