use super::*;

#[test]
fn no_text_begins_a_formula() {
    for (text, expected) in [
        ("", ""),
        ("plain", "plain"),
        ("a = b - c", "a = b - c"),
        ("it is -5 °C", "it is -5 °C"),
        ("=1+2", "'=1+2"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("  =1", "  '=1"),
        ("\u{a0}\u{200b}\u{feff}=1", "\u{a0}\u{200b}\u{feff}'=1"),
        ("\t1", "'\t1"),
        ("\t=1", "'\t'=1"),
        ("\r\n=1", "'\r\n'=1"),
        ("\"=1", "\"'=1"),
        ("--1", "'--1"),
        ("a;=1;b", "a;'=1;b"),
        ("a\n- b", "a\n'- b"),
        ("'=1", "'=1"),
    ] {
        assert_eq!(harmless(text), expected, "{text:?}");
    }
}
