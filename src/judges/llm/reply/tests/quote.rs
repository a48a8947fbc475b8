use super::*;

use proptest::prelude::*;

use crate::text::hidden::visible;

fn found(text: &str, quote: &str) -> Option<String> {
    let span = Quotes::new(text).find(quote)?;
    let units: Vec<u16> = text.encode_utf16().collect();
    Some(String::from_utf16(&units[span.start..span.end]).unwrap())
}

#[test]
fn a_part_of_a_word_or_a_number_is_no_quote() {
    for (text, quote) in [
        ("It is 1412 metres long.", "412 metres long"),
        ("Some 1,412 people came.", "412"),
        ("It costs 5000 euros.", "It costs 500"),
        ("It grew by 12.5 percent.", "5 percent"),
        ("It was -5 degrees.", "5 degrees"),
        ("The PARTY began.", "art"),
        ("The party began.", "art"),
    ] {
        assert_eq!(found(text, quote), None, "{quote}");
    }
    for (text, quote) in [
        ("The years 1990-1995 were dry.", "1995 were dry"),
        ("412, that was 412.", "412"),
        ("The lemon on on ice.", "on on"),
        ("Was it 5? Yes, 5.", "Yes, 5"),
        ("東京タワーは1958年に完成した。", "1958年に完成"),
        ("東京タワーは1958年に完成した。", "タワー"),
    ] {
        assert!(found(text, quote).is_some(), "{quote}");
    }
}

#[test]
fn one_letter_has_many_forms() {
    let decomposed = "Die Bru\u{308}cke u\u{308}ber den Fluss";
    assert_eq!(
        found(decomposed, "Die Brücke über").as_deref(),
        Some("Die Bru\u{308}cke u\u{308}ber")
    );
    assert!(found("Die Brücke", "Die Bru\u{308}cke").is_some());
    assert!(found("The ﬁrst ofﬁce", "first office").is_some());
    assert!(found("It cost ４１２ crowns", "cost 412 crowns").is_some());
}

#[test]
fn quotes_are_found_as_models_write_them() {
    let text = "Die Brücke 🌉 opened in\n  May 1937.\tIt’s 2 737 m long — “the longest” then.";
    let table = [
        ("opened", Some("opened")),
        ("OPENED IN MAY 1937", Some("opened in\n  May 1937")),
        ("\"opened in May 1937.\"", Some("opened in\n  May 1937.")),
        ("die brücke 🌉 opened", Some("Die Brücke 🌉 opened")),
        (
            "It's 2 737 m long - \"the longest\"",
            Some("It’s 2 737 m long — “the longest"),
        ),
        ("1937. It’s", Some("1937.\tIt’s")),
        ("closed in May", None),
        ("", None),
        ("  ", None),
        ("\"\"", None),
    ];
    for (quote, expected) in table {
        assert_eq!(found(text, quote).as_deref(), expected, "{quote}");
    }
}

#[test]
fn letters_that_grow_when_folded_keep_their_place() {
    // The Turkish capital İ becomes two characters.
    assert_eq!(
        found("İzmir is large", "IS LARGE").as_deref(),
        Some("is large")
    );
}

#[test]
fn a_quote_of_what_was_shown_finds_what_is_stored() {
    let stored = "The m\u{200B}ill\u{E0041}\u{E0042} was b\u{202E}uilt\u{202C} in 1812.";
    assert_eq!(
        found(stored, "the mill was built").as_deref(),
        Some("The m\u{200B}ill\u{E0041}\u{E0042} was b\u{202E}uilt")
    );
}

proptest! {
    /// Hidden characters anywhere change what a model is shown by nothing but themselves, and a
    /// quote of that has the span of the stored words.
    #[test]
    fn cleaning_moves_no_span(
        words in proptest::collection::vec("[a-zäß]{1,8}", 3..20),
        hide in proptest::collection::vec((0usize..200, prop::sample::select(vec!['\u{200B}', '\u{202E}', '\u{E0041}', '\u{2060}', '\u{FEFF}'])), 0..20),
        from in 0usize..20,
    ) {
        let plain = words.join(" ");
        let mut stored: Vec<char> = plain.chars().collect();
        for (place, character) in hide {
            let place = place % (stored.len() + 1);
            stored.insert(place, character);
        }
        let stored: String = stored.into_iter().collect();
        prop_assert_eq!(&*visible(&stored), plain.as_str());
        let from = from % words.len();
        let quote = words[from..].join(" ");
        let got = found(&stored, &quote);
        prop_assert!(got.is_some());
        let got = got.unwrap_or_default();
        prop_assert_eq!(visible(&got).into_owned(), quote);
    }
}
