use super::*;

#[test]
fn explanations_are_one_short_line() {
    assert_eq!(excerpt("  no such\r\n model\u{0} "), "no such model");
    let long = excerpt(&"ä".repeat(500));
    assert_eq!(long.chars().count(), EXPLANATION + 1);
    assert!(long.ends_with('…'));
}

#[test]
fn a_secret_goes_however_it_is_escaped() {
    let key = SecretString::from("sk-KEY/abc+def=xyz");
    for body in [
        r#"{"error":{"message":"no sk\u002dKEY\u002fabc\u002bdef\u003dxyz"}}"#,
        r#"{"error":{"message":["no sk-KEY\/abc+def=xyz"]}}"#,
        "no sk-KEY/abc+def=xyz \\",
    ] {
        let shown = redact_json(body.to_owned(), Some(&key));
        let text = shown.replace('\\', "");
        assert!(
            shown.contains("[redacted]") && !text.contains("abc"),
            "{shown}"
        );
    }
    let plain = r#"{"n":1.00000000000000000001,"a":"\n"}"#;
    assert_eq!(redact_json(plain.to_owned(), Some(&key)), plain);
}

#[test]
fn a_word_in_place_of_a_key_spoils_nothing() {
    let key = SecretString::from("content");
    let body = r#"{"content":"content"}"#;
    assert_eq!(redact_json(body.to_owned(), Some(&key)), body);
}

#[test]
fn a_secret_goes_and_an_empty_one_changes_nothing() {
    let key = SecretString::from("sk-12345");
    let text = "bad key sk-12345, really: sk-12345".to_owned();
    assert_eq!(
        redact(text, Some(&key)),
        "bad key [redacted], really: [redacted]"
    );
    let empty = SecretString::from("");
    assert_eq!(redact("abc".into(), Some(&empty)), "abc");
    assert_eq!(redact("abc".into(), None), "abc");
}
