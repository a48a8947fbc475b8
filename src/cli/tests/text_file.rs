use super::*;

#[test]
fn the_usual_encodings_are_told_apart() {
    let text = "Größe: 5 €, “café”";
    let units: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let windows = b"Gr\xf6\xdfe: 5 \x80, \x93caf\xe9\x94".to_vec();
    for (bytes, read_as) in [
        (text.as_bytes().to_vec(), None),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), None),
        ([b"\xff\xfe", &little[..]].concat(), Some("UTF-16LE")),
        ([b"\xfe\xff", &big[..]].concat(), Some("UTF-16BE")),
        (little, Some("UTF-16LE")),
        (big, Some("UTF-16BE")),
        (windows, Some("Windows-1252")),
    ] {
        assert_eq!(read(&bytes), (text.into(), read_as), "{bytes:?}");
    }
    assert_eq!(read(b""), ("".into(), None));
    assert!(decoded("x", b"PK\x03\x04\0\0\0\0").is_err());
}
