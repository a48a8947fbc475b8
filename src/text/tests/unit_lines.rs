use super::*;
use crate::text::language::Language;

#[test]
fn lines_that_say_what_figures_count() {
    let tokenizer = Tokenizer::new(Language::English);
    for (line, factor, money) in [
        ("in EUR million", 1e6, true),
        ("(in thousands of dollars)", 1e3, true),
        ("All figures in millions of euros", 1e6, true),
        ("Sales (€ million)", 1e6, true),
        ("Sales (€000)", 1e3, true),
        ("Umsatz (Mio. €)", 1e6, true),
        ("Umsatz in Tsd. Euro", 1e3, true),
        ("Staff (thousands)", 1e3, false),
        ("Revenue, $ bn", 1e9, true),
        ("Price (EUR)", 1.0, true),
    ] {
        let read = read(line, &tokenizer);
        let found = read.as_ref().map(|line| (line.factor, line.unit.is_some()));
        assert_eq!(found, Some((factor, money)), "{line}");
    }
    for line in [
        "Sales",
        "The firm sold 5 million lamps in 2020.",
        "Results in 2023",
        "Lamps in red",
        "Paid in full by the town (see below)",
    ] {
        assert_eq!(read(line, &tokenizer), None, "{line}");
    }
}
