use proptest::prelude::*;

use super::*;

const KINDS: [MediaType; 4] = [
    MediaType::Plain,
    MediaType::Markdown,
    MediaType::Html,
    MediaType::Pdf,
];

#[test]
fn content_types_are_told_apart() {
    for (value, kind) in [
        ("text/plain", Some(MediaType::Plain)),
        (
            "Text/Markdown; charset=UTF-8; variant=GFM",
            Some(MediaType::Markdown),
        ),
        ("text/html;charset=\"utf-8\"", Some(MediaType::Html)),
        ("application/pdf", Some(MediaType::Pdf)),
        ("text/plain; charset=iso-8859-1", None),
        ("text/csv", None),
        ("", None),
    ] {
        assert_eq!(MediaType::from_content_type(value), kind, "{value}");
    }
}

#[test]
fn plain_text_is_kept_as_it_is() {
    let text = "\u{feff} Größe:\r\n\t5 m ";
    let extracted = extract(MediaType::Plain, text.as_bytes(), 100).unwrap();
    assert_eq!(extracted.text, text.trim_start_matches('\u{feff}'));
    let refused = |bytes: &[u8], max| extract(MediaType::Plain, bytes, max).err();
    assert_eq!(refused(b"a\xff", 9), Some(ExtractError::NotUtf8));
    assert_eq!(refused(b"a\0", 9), Some(ExtractError::Nul));
    assert_eq!(refused(b" . ", 9), Some(ExtractError::NoText));
    assert_eq!(
        refused("ääää".as_bytes(), 3),
        Some(ExtractError::TooLong(3))
    );
    assert_eq!(refused("ääää".as_bytes(), 4), None);
    let marks = |count| {
        extract(
            MediaType::Markdown,
            format!("{}a", "*".repeat(count)).as_bytes(),
            5,
        )
    };
    assert_eq!(marks(10).err(), Some(ExtractError::TooLong(5)));
    assert_ne!(marks(4).err(), Some(ExtractError::TooLong(5)));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for kind in KINDS {
            let _ = extract(kind, &bytes, 1000);
        }
    }

    #[test]
    fn no_text_panics(text in "[<>/a-c !\\-\"=&;#*_|\\n\\[\\]()`>]{0,200}") {
        for kind in KINDS {
            let _ = extract(kind, text.as_bytes(), 1000);
        }
    }
}
