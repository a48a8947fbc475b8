use uuid::Uuid;

use super::*;
use crate::store::tables::search_text::tests::is_of_whole_letters;

fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

/// Whether the index says that the text may hold what is asked for; none if it can't tell.
fn found(text: &str, q: &str) -> Option<bool> {
    let terms = SearchTerms::of(user(1), &[text]);
    let asked = AskedTerms::of(user(1), q)?;
    let has = |term| terms.0.binary_search(term).is_ok();
    Some(has(&asked.anything) || asked.all.iter().all(has))
}

#[test]
fn what_is_written_is_found_in_any_language_and_in_the_middle_of_words() {
    let text = "The Danube is 2,850 km long; wool_mix costs 1,200.5 €. https://example.org/a?b=c \
        Größe İstanbul. Волга впадает в Каспийское море. 长江全长6300公里。ＡＢＣ 日本語のカタカナ \
        한국어는 쉽다. שָׁלוֹם عليكم मीठी हिन्दी น้ำตกสูง 💊❤\u{fe0f} fn read_all(path)";
    for there in [
        "danube",
        "anub",
        "2,850 KM",
        "850",
        "l_mix",
        "1,200.5",
        "€",
        "example.org/a?b",
        "grosse",
        "istanbul",
        "ВОЛГА",
        "аспийск",
        "公里",
        "里",
        "长江全",
        "abc",
        "カタカ",
        "국어",
        "한국어는 쉽",
        "שלום",
        "عليكم",
        "हिन्दी",
        "ตกสูง",
        "💊",
        "❤",
        "read_all(path)",
        "e is 2",
        "d",
    ] {
        assert_eq!(found(text, there), Some(true), "{there:?}");
    }
    for lacking in [
        "rhine",
        "danubia",
        "w__lx",
        "公海",
        "江长",
        "🚀",
        "한글",
        "ตกต่ำ",
    ] {
        assert_eq!(found(text, lacking), Some(false), "{lacking:?}");
    }
    for silent in ["", " ", "--", "?!", "。", "\u{301}"] {
        assert_eq!(found(text, silent), None, "{silent:?}");
    }
}

#[test]
fn terms_of_users_lie_apart() {
    let of = |number| SearchTerms::of(user(number), &["The river rises."]).0;
    let (one, other) = (of(1), of(2));
    assert_eq!(one.len(), other.len());
    assert!(one.iter().all(|term| other.binary_search(term).is_err()));
    let width = one.last().unwrap() - one[0];
    assert!(width < 1 << GRAM_BITS, "{width}");
}

#[test]
fn the_number_of_terms_is_bounded_and_such_a_text_is_found_by_everything() {
    assert_eq!(SearchTerms::of(user(1), &[&"ab".repeat(100_000)]).len(), 6);
    let noise: String = (0..100_000)
        .filter_map(|n| char::from_u32(0x4e00 + n * 7 % 20_000))
        .collect();
    assert_eq!(SearchTerms::of(user(1), &[&noise]).len(), 1);
    assert_eq!(found(&noise, "whatever"), Some(true));
    let long = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(20);
    assert!(AskedTerms::of(user(1), &long).unwrap().all.len() <= MAX_ASKED);
    assert_eq!(found(&long, &long), Some(true));
}

#[test]
fn queries_are_written_for_each_database() {
    let asked = AskedTerms {
        anything: 0xfff0_0000,
        all: vec![0xfff0_0001, 0xfff0_0abc],
    };
    assert_eq!(
        asked.as_match(),
        r#""fff00000" OR ("fff00001" AND "fff00abc")"#
    );
    assert_eq!(
        asked.as_arrays(),
        ("{-1048575,-1045828}".to_owned(), "{-1048576}".to_owned())
    );
    let terms = SearchTerms(vec![1, 0xfff0_0abc]);
    assert_eq!(terms.as_words(), "00000001 fff00abc ");
    assert_eq!(terms.as_integers(), [1, -1_045_828]);
}

/// Terms are stored: an index that another release has made must be found by this one.
#[test]
fn terms_stay_what_they_are() {
    insta::assert_debug_snapshot!(SearchTerms::of(user(1), &["Straße 17 公里"]).0);
}

proptest::proptest! {
    #[test]
    fn what_is_in_a_text_is_never_overlooked(text in ".{0,60}", from in 0_usize..60, length in 1_usize..20) {
        proptest::prop_assume!(is_of_whole_letters(&text));
        let q: String = text.chars().skip(from).take(length).collect();
        proptest::prop_assert_ne!(found(&text, &q), Some(false));
    }

    #[test]
    fn encoded_terms_are_read_back(mut terms in proptest::collection::vec(proptest::num::u32::ANY, 0..50)) {
        terms.sort_unstable();
        terms.dedup();
        let terms = SearchTerms(terms);
        proptest::prop_assert_eq!(SearchTerms::decode(&terms.encode()), terms);
    }
}
