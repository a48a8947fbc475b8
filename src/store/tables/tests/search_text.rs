use unicode_normalization::char::is_combining_mark;

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
        // In parts, as some systems and PDF files give them.
        ("か\u{3099}は\u{309a}", "がぱ"),
        ("ｶﾞﾗｽ ﾊﾟﾝ ﾃﾞｰﾀ", "ガラス パン データ"),
        ("\u{1107}\u{116e}\u{1109}\u{1161}\u{11ab}", "부산"),
        ("㎏ ㌢ 𝐁𝐨𝐥𝐝", "kg センチ bold"),
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

/// Whether no letter is written in parts that a cut would take apart.
pub(in crate::store::tables) fn is_of_whole_letters(text: &str) -> bool {
    !text.chars().any(|letter| {
        letter >= WHOLE
            && (is_combining_mark(letter)
                || matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{ff9e}'..='\u{ffdc}'))
    })
}

proptest::proptest! {
    #[test]
    fn a_part_folds_to_a_part(text in ".{0,60}", from in 0_usize..60, length in 1_usize..20) {
        let part: String = text.chars().skip(from).take(length).collect();
        proptest::prop_assume!(is_of_whole_letters(&text));
        proptest::prop_assert!(folded(&text).contains(&folded(&part)));
    }

    #[test]
    fn folding_twice_changes_nothing(text in ".{0,60}") {
        let once = folded(&text);
        proptest::prop_assert_eq!(folded(&once), once);
    }
}
