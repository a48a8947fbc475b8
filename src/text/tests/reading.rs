use proptest::prelude::*;

use super::*;

fn read(text: &str) -> String {
    Reading::new(text).text
}

#[test]
fn marks_go_and_what_they_mark_stays() {
    for (text, expected) in [
        ("is **25** km", "is 25 km"),
        ("is *25* km", "is 25 km"),
        ("is ***25*** km", "is 25 km"),
        ("is __25__ km", "is 25 km"),
        ("is _25_ km", "is 25 km"),
        ("is `25` km", "is 25 km"),
        ("is ~~25~~ km", "is 25 km"),
        ("is <b>25</b> km", "is 25 km"),
        ("is <strong class=\"x\">25</strong> km", "is 25 km"),
        ("is $25$ km", "is 25 km"),
        ("is $$25$$ km", "is 25 km"),
        ("is \\(25\\) km", "is 25 km"),
        ("is $\\mathbf{25}$ km", "is 25 km"),
        ("is $25\\,\\text{km}$ long", "is 25 km long"),
        ("is \\*25\\* km", "is *25* km"),
        ("is long [25](https://example.org).", "is long ."),
        (
            "the [long tunnel](https://example.org) is",
            "the long tunnel is",
        ),
        ("is high [1].", "is high ."),
        ("is ==25== km, a == b", "is 25 km, a == b"),
        ("is \"25\" km, \"25 km\"", "is 25 km, \"25 km\""),
        ("is [430](https://example.org) km", "is 430 km"),
        ("re**mark**able", "remarkable"),
        (
            "snake_case and 2*3 and 3 * 4",
            "snake_case and 2*3 and 3 * 4",
        ),
        ("from $5 to $6 each", "from $5 to $6 each"),
        ("$25 or $30", "$25 or $30"),
        ("a < b and c > d", "a < b and c > d"),
        ("C:\\Users\\anna", "C:\\Users\\anna"),
        ("one<br>two", "one two"),
        ("🎉🎉 It is open ✅ 👍", " It is open ✅ 👍"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn one_form_of_letters_and_numbers() {
    for (text, expected) in [
        ("Cafe\u{301} Zu\u{308}rich", "Café Zürich"),
        ("of\u{fb01}ce", "ofﬁce"),
        ("ﬁve ﬂags", "five flags"),
        ("muni\u{ad}ci\u{200b}pality 4\u{200b}12", "municipality 412"),
        ("３５０ ｋｍ", "350 km"),
        ("3×10⁶ cells", "3000000 cells"),
        ("3.2e6 cells", "3200000 cells"),
        ("3.2 x 10^8 cells", "320000000 cells"),
        ("1.5 × 10<sup>3</sup> cells", "1500 cells"),
        ("4·10⁻³ g", "0.004 g"),
        ("10⁶ cells", "1000000 cells"),
        ("½ cup, 1½ cups, 2 ¼ cups", "0.5 cup, 1.5 cups, 2.25 cups"),
        ("5 m², 5 m^2, 3 cm³", "5 m2, 5 m2, 3 cm3"),
        ("H₂O", "H2O"),
        ("20 ℃", "20 °C"),
        ("well‑known", "well-known"),
        ("commit 9fe31ac, 12e", "commit 9fe31ac, 12e"),
        ("\u{1112}\u{1161}\u{11ab}", "한"),
    ] {
        let expected: String = expected.nfkc().collect();
        assert_eq!(read(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn every_range_leads_back(text in "([a-z]{0,3}|[*_`$<>()\\[\\]^\\\\{}]{1,3}|½|⁶|10|é|e\u{301}|漢|\u{200b}|ﬁ|<b>|</b>|\\[1\\]| ){0,40}") {
        let reading = Reading::new(&text);
        for (at, character) in reading.text.char_indices() {
            let range = reading.original(&(at..at + character.len_utf8()));
            prop_assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
        }
    }

    #[test]
    fn any_unicode_is_read(text in any::<String>()) {
        let reading = Reading::new(&text);
        let all = reading.original(&(0..reading.text.len()));
        prop_assert!(text.get(all).is_some());
    }
}

#[test]
fn what_is_not_read_is_blank_and_every_byte_keeps_its_place() {
    for (text, expected) in [
        ("The tunnel is 25 km long.", "The tunnel is 25 km long."),
        ("**Redis:** use `4.6`", "  Redis:   use  4.6 "),
        ("It is long [1].", "It is long    ."),
    ] {
        assert_eq!(unmarked(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn unmarked_texts_are_as_long(text in "[a-z*_`é\\[\\]0-9 .“”½]{0,40}") {
        let blanked = unmarked(&text);
        prop_assert_eq!(blanked.len(), text.len());
        for (at, character) in blanked.char_indices() {
            prop_assert!(character == ' ' || text[at..].starts_with(character));
        }
    }
}
