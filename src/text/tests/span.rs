use proptest::prelude::*;

use super::*;

#[test]
fn counts_code_units_not_bytes() {
    let text = "a é 漢 😀 z";
    let index = Utf16Index::new(text);
    let smile = text.find('😀').unwrap();
    let span = index.span(smile..smile + 4);
    assert_eq!((span.start, span.end), (6, 8));
    assert_eq!(index.bytes(span), Some(smile..smile + 4));
    assert_eq!(index.bytes(Span { start: 7, end: 8 }), None, "cuts a pair");
    assert_eq!(index.bytes(Span { start: 3, end: 99 }), None);
    assert_eq!(index.bytes(Span { start: 3, end: 2 }), None);
}

proptest! {
    #[test]
    fn every_boundary_round_trips(text in "\\PC{0,300}") {
        let index = Utf16Index::new(&text);
        for (byte, _) in text.char_indices() {
            let span = index.span(byte..text.len());
            prop_assert_eq!(span.start, text[..byte].encode_utf16().count());
            prop_assert_eq!(span.end, text.encode_utf16().count());
            prop_assert_eq!(index.bytes(span), Some(byte..text.len()));
        }
    }
}
