use super::*;

#[test]
fn what_a_script_or_an_emoji_needs_stays() {
    for text in [
        "می\u{200C}خواهم",
        "क\u{094D}\u{200D}ष",
        "👩\u{200D}👩\u{200D}👧 and 🏳\u{FE0F}\u{200D}🌈",
        "👍🏽 ❤\u{FE0F} 1\u{FE0F}\u{20E3}",
        "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
        "葛\u{E0100}城",
        "two\r\n\tlines",
    ] {
        assert_eq!(visible(text), text);
    }
}

#[test]
fn what_nobody_sees_goes() {
    let table = [
        ("ig\u{200B}no\u{2060}re", "ignore"),
        ("\u{FEFF}a\u{202E}b\u{202C}c\u{2066}d\u{2069}", "abcd"),
        ("a\u{200D}b\u{200C}c", "abc"),
        ("x\u{E0049}\u{E0067}\u{E006E}", "x"),
        ("🏴\u{E0049}\u{E0067}y", "🏴y"),
        ("😀\u{FE0F}\u{FE01}\u{E0102}\u{E0110}!", "😀\u{FE0F}!"),
        ("a\u{FE0F}b", "ab"),
        ("a\u{8}b\u{1b}[2K", "ab[2K"),
        ("soft\u{AD}ly", "softly"),
    ];
    for (text, expected) in table {
        assert_eq!(visible(text), expected, "{text:?}");
    }
    assert_eq!(hidden("a\u{200B}\u{200B}b\u{200B}"), [1..7, 8..11]);
}
