use super::*;
use proptest::prelude::*;

fn lines(text: &str, columns: usize, max_lines: usize) -> Vec<String> {
    wrap(&[(Paint::Plain, text)], columns, max_lines, "…")
        .into_iter()
        .map(|line| line.into_iter().map(|(_, text)| text).collect())
        .collect()
}

#[test]
fn lines_break_between_words() {
    assert_eq!(
        lines("the tram climbs\nthe hill", 10, 9),
        ["the tram", "climbs the", "hill"]
    );
    assert_eq!(lines("unbreakable", 5, 9), ["unbre", "akabl", "e"]);
    assert_eq!(lines("  \n\t ", 10, 9), Vec::<String>::new());
}

#[test]
fn too_much_ends_in_an_ellipsis() {
    assert_eq!(lines("one two three four", 7, 2), ["one two", "three…"]);
    assert_eq!(lines("sixteen letters!", 7, 1), ["sixtee…"]);
    assert_eq!(clip("a name that is long", 10, "..."), "a name...");
    assert_eq!(clip("short", 10, "..."), "short");
}

#[test]
fn wide_characters_count_twice_and_break_anywhere() {
    assert_eq!(width("東京 tram"), 9);
    assert_eq!(width("e\u{301}"), 1);
    assert_eq!(width("👩‍👩‍👧"), 2);
    assert_eq!(
        lines("路面電車は坂を登る。", 8, 9),
        ["路面電車", "は坂を登", "る。"]
    );
    // The full stop pulls its neighbour to the next line.
    assert_eq!(lines("坂を登る。", 8, 9), ["坂を登", "る。"]);
}

/// A syllable of two columns is no reason to part a word.
#[test]
fn words_of_other_scripts_stay_whole() {
    assert!(width("स्ते") > 1);
    assert_eq!(lines("नमस्ते दुनिया", 6, 9), ["नमस्ते", "दुनिया"]);
}

#[test]
fn what_moves_turns_or_hides_text_is_replaced() {
    for (text, expected) in [
        ("\u{1b}[2J\u{1b}[1;1Hyes", "\u{fffd}[2J\u{fffd}[1;1Hyes"),
        ("a\u{9b}31mb", "a\u{fffd}31mb"),
        (
            "bell\u{7} back\u{8} del\u{7f}",
            "bell\u{fffd} back\u{fffd} del\u{fffd}",
        ),
        ("\u{202e}desrever\u{202c}", "\u{fffd}desrever\u{fffd}"),
        ("tag\u{e0041}s z\u{200b}w", "tag\u{fffd}s z\u{fffd}w"),
        (
            "\u{1b}]8;;http://x\u{7}link",
            "\u{fffd}]8;;http://x\u{fffd}link",
        ),
        ("line\r\nend", "line  end"),
    ] {
        assert_eq!(harmless(text), expected);
    }
}

#[test]
fn a_pile_of_accents_is_cut() {
    let pile = format!("a{}", "\u{301}".repeat(500));
    let shown = clip(&pile, 10, "…");
    assert_eq!(shown.chars().count(), MAX_GRAPHEME_CHARS);
}

proptest! {
    #[test]
    fn any_text_fits_and_is_harmless(text in any::<String>(), columns in 4_usize..40, most in 1_usize..5) {
        let lines = lines(&text, columns, most);
        prop_assert!(lines.len() <= most);
        for line in lines {
            prop_assert!(width(&line) <= columns, "{line:?}");
            prop_assert!(!line.chars().any(|c| c.is_control() || is_deceptive(c)));
        }
    }
}
