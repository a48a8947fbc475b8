use super::*;

#[test]
fn case_accents_and_forms_of_letters_do_not_matter() {
    for (written, folded_text) in [
        ("The Danube", "the danube"),
        ("ЁЖ Straße ÅÇ", "еж strasse ac"),
        ("STRASSE", "strasse"),
        ("ẞ", "ss"),
        ("İstanbul, KAPI, kapı", "istanbul, kapi, kapi"),
        ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
        // The same letter as one sign and as two.
        ("caf\u{e9} cafe\u{301}", "cafe cafe"),
        ("Việt Nam", "viet nam"),
        ("łódź", "łodz"),
        // Hebrew with points, Arabic with short vowels and a stretched word.
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
        ("كتـــاب", "كتاب"),
        ("أحمد", "احمد"),
        // Signs of vowels in Hindi and Thai are letters of a word.
        ("हिन्दी की", "हिन्दी की"),
        ("長江全長6300公里", "長江全長6300公里"),
        ("が ガ 한국어", "が ガ 한국어"),
        // Widths, ligatures, signs that stand for several.
        ("ＡＢＣ１２", "abc12"),
        ("ｶﾀ", "カタ"),
        ("ﬁnd №5 x²", "find no5 x2"),
        ("co\u{ad}operate zero\u{200b}width", "cooperate zerowidth"),
        ("❤\u{fe0f} 💊", "❤ 💊"),
        ("foo_bar", "foo_bar"),
        ("1,200.5 €", "1,200.5 €"),
        ("https://Example.org/a?b=C#d", "https://example.org/a?b=c#d"),
        ("two\n  lines\u{a0}and\ttabs", "two lines and tabs"),
        ("N\0UL", "nul"),
        ("", ""),
    ] {
        assert_eq!(folded(written), folded_text, "{written:?}");
    }
}

#[test]
fn a_syllable_or_a_vowel_is_not_found_in_another() {
    for (text, other) in [("한", "하"), ("が", "か"), ("की", "का"), ("น้ำ", "นำ")]
    {
        assert!(!folded(text).contains(&folded(other)), "{other} in {text}");
    }
}

proptest::proptest! {
    #[test]
    fn a_part_folds_to_a_part(text in ".{0,60}", from in 0_usize..60, length in 1_usize..20) {
        let part: String = text.chars().skip(from).take(length).collect();
        proptest::prop_assert!(folded(&text).contains(&folded(&part)));
    }

    #[test]
    fn folding_twice_changes_nothing(text in ".{0,60}") {
        let once = folded(&text);
        proptest::prop_assert_eq!(folded(&once), once);
    }
}
