use super::*;

fn faults(body: &str) -> Vec<String> {
    let body: CreateKey = serde_json::from_str(body).unwrap();
    let faults = body.faults().into_iter();
    faults.map(|fault| fault.pointer).collect()
}

#[test]
fn a_wish_for_a_key_is_bounded() {
    let with = |name: &str, scopes: &str, rest: &str| {
        let name = serde_json::to_string(name).unwrap();
        faults(&format!(r#"{{"name": {name}, "scopes": {scopes}{rest}}}"#))
    };
    let read = r#"["read"]"#;
    for name in ["a", &"ä".repeat(100), " a "] {
        assert!(with(name, read, "").is_empty(), "{name:?}");
    }
    for name in [
        "",
        "  ",
        "two\nlines",
        "nul\0",
        "\u{1b}[2J",
        &"ä".repeat(101),
    ] {
        assert_eq!(with(name, read, ""), ["/name"], "{name:?}");
    }
    assert_eq!(with("a", "[]", ""), ["/scopes"]);
    assert!(with("a", r#"["manage", "read", "read"]"#, "").is_empty());
    assert_eq!(
        with("a", r#"["read", "read", "read", "read"]"#, ""),
        ["/scopes"]
    );
    for (seconds, pointers) in [
        ("null", &[][..]),
        ("60", &[]),
        ("315360000", &[]),
        ("59", &["/expires_in_s"]),
        ("315360001", &["/expires_in_s"]),
    ] {
        let rest = format!(r#", "expires_in_s": {seconds}"#);
        assert_eq!(with("a", read, &rest), pointers, "{seconds}");
    }
    for (rest, pointers) in [
        (r#", "day_usd": 0.5, "day_tokens": 1"#, &[][..]),
        (r#", "day_usd": null, "day_tokens": null"#, &[]),
        (
            r#", "day_usd": 0, "day_tokens": 0"#,
            &["/day_usd", "/day_tokens"],
        ),
        (r#", "day_usd": -1"#, &["/day_usd"]),
        (
            r#", "day_usd": 1e10, "day_tokens": 2000000001"#,
            &["/day_usd", "/day_tokens"],
        ),
    ] {
        assert_eq!(with("a", read, rest), pointers, "{rest}");
    }
    for (rate, pointers) in [
        ("null", &[][..]),
        ("1", &[]),
        ("1000000", &[]),
        ("0", &["/per_minute"]),
        ("1000001", &["/per_minute"]),
    ] {
        let rest = format!(r#", "per_minute": {rate}"#);
        assert_eq!(with("a", read, &rest), pointers, "{rate}");
    }
    let twenty = serde_json::to_string(&vec!["::1"; 20]).unwrap();
    assert!(with("a", read, &format!(r#", "addresses": {twenty}"#)).is_empty());
    let more = serde_json::to_string(&vec!["::1"; 21]).unwrap();
    assert_eq!(
        with("a", read, &format!(r#", "addresses": {more}"#)),
        ["/addresses"]
    );
}

#[test]
fn what_the_body_does_not_have_is_refused() {
    for body in [
        r#"{"name": "a", "scopes": ["write"]}"#,
        r#"{"name": "a", "scopes": ["read"], "user": "b"}"#,
        r#"{"name": "a"}"#,
        r#"{"scopes": ["read"]}"#,
        r#"{"name": "a", "scopes": ["read"], "expires_in_s": 1.5}"#,
    ] {
        assert!(serde_json::from_str::<CreateKey>(body).is_err(), "{body}");
    }
}
