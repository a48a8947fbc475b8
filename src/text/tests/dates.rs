use super::*;
use crate::text::language::Language;
use crate::text::tokens::Tokenizer;

type Parts = (Option<i32>, Option<u8>, Option<u8>);

fn dates(text: &str) -> Vec<(Parts, String)> {
    let tokens = Tokenizer::new(Language::of(text)).tokens(text, 0..text.len());
    let mut used = vec![false; tokens.len()];
    find(text, &tokens, &mut used)
        .into_iter()
        .map(|date| {
            (
                (date.year, date.month, date.day),
                text[date.range].to_owned(),
            )
        })
        .collect()
}

#[test]
fn forms_of_dates() {
    for (text, parts, slice) in [
        ("It opened in 1987.", (Some(1987), None, None), "1987"),
        (
            "It opened on 12 March 2019.",
            (Some(2019), Some(3), Some(12)),
            "12 March 2019",
        ),
        (
            "It opened on March 12th, 2019.",
            (Some(2019), Some(3), Some(12)),
            "March 12th, 2019",
        ),
        (
            "It opened in March 2019.",
            (Some(2019), Some(3), None),
            "March 2019",
        ),
        (
            "Opened 2019-03-12 there.",
            (Some(2019), Some(3), Some(12)),
            "2019-03-12",
        ),
        (
            "Opened 25/12/2019 there.",
            (Some(2019), Some(12), Some(25)),
            "25/12/2019",
        ),
        (
            "Opened 3/4/2019 there.",
            (Some(2019), None, None),
            "3/4/2019",
        ),
        (
            "Built in the 1990s there.",
            (Some(1990), None, None),
            "1990s",
        ),
        (
            "工厂于2019年3月12日开业",
            (Some(2019), Some(3), Some(12)),
            "2019年3月12日",
        ),
        (
            "Eröffnet am 12. März 2019 dort.",
            (Some(2019), Some(3), Some(12)),
            "12. März 2019",
        ),
    ] {
        assert_eq!(dates(text), [(parts, slice.to_owned())], "{text}");
    }
    assert!(dates("They may march with 1500 workers.").is_empty());
}

#[test]
fn a_coarser_date_is_covered_and_a_finer_one_is_not() {
    let year = Date {
        year: Some(2019),
        ..Date::default()
    };
    let month = Date {
        year: Some(2019),
        month: Some(3),
        ..Date::default()
    };
    let other = Date {
        year: Some(2018),
        ..Date::default()
    };
    assert!(year.covered_by(&month) && !month.covered_by(&year));
    assert!(!year.conflicts(&month) && other.conflicts(&month));
    let nineties = Date {
        year: Some(1990),
        decade: true,
        ..Date::default()
    };
    let within = Date {
        year: Some(1994),
        ..Date::default()
    };
    assert!(nineties.covered_by(&within) && !within.covered_by(&nineties));
}
