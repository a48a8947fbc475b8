use super::*;

#[test]
fn the_allow_list_decides_and_the_own_origin_passes() {
    let patterns = [
        "http://localhost:3000",
        "http://127.0.0.1:*",
        "https://app.example.org",
        // To the URL standard such an origin is opaque, and equals none, so that `url::Origin` will not do.
        "chrome-extension://abcdefgh",
    ]
    .map(str::to_owned);
    let cases = [
        ("http://localhost:3000", true),
        ("http://LOCALHOST:3000", true),
        ("http://localhost:3001", false),
        ("https://localhost:3000", false),
        ("http://127.0.0.1:49152", true),
        ("https://app.example.org", true),
        ("https://app.example.org:443", true),
        ("https://app.example.org.evil.com", false),
        ("chrome-extension://abcdefgh", true),
        ("chrome-extension://abcdefgi", false),
        ("http://auditor.local:8000", true),
        ("http://auditor.local", false),
        ("http://[::1]:8000", false),
        ("null", false),
        ("", false),
        ("http://", false),
        ("http://user@localhost:3000", false),
        ("http://127.0.0.1:80@evil.example", false),
        ("http://127.0.0.1:*", false),
    ];
    let own = |scheme, host| Own {
        scheme,
        host: Some(host),
    };
    for (origin, expected) in cases {
        assert_eq!(
            allowed(origin, own("http", "auditor.local:8000"), &patterns, true),
            expected,
            "{origin}"
        );
    }
    let at_home = |origin, scheme, host| allowed(origin, own(scheme, host), &[], true);
    assert!(at_home(
        "https://auditor.example",
        "https",
        "auditor.example"
    ));
    assert!(at_home(
        "https://auditor.example:443",
        "https",
        "auditor.example"
    ));
    assert!(at_home("http://[::1]:8000", "http", "[::1]:8000"));
    // The same name by the other scheme is another origin, which anybody on the way can be.
    assert!(!at_home(
        "http://auditor.example",
        "https",
        "auditor.example"
    ));
    assert!(!at_home(
        "https://auditor.example",
        "http",
        "auditor.example"
    ));
    assert!(!at_home(
        "http://auditor.example:443",
        "https",
        "auditor.example"
    ));
}

#[test]
fn pages_of_this_machine_may_only_where_nobody_else_is_listened_to() {
    let patterns = [
        "http://localhost:3000",
        "http://127.0.0.1:*",
        "http://[::1]:3000",
        "https://app.example.org",
    ]
    .map(str::to_owned);
    let own = Own {
        scheme: "https",
        host: Some("auditor.example"),
    };
    for origin in [
        "http://localhost:3000",
        "http://127.0.0.1:8",
        "http://[::1]:3000",
    ] {
        assert!(allowed(origin, own, &patterns, true), "{origin}");
        assert!(!allowed(origin, own, &patterns, false), "{origin}");
    }
    assert!(allowed("https://app.example.org", own, &patterns, false));
    assert!(allowed("https://auditor.example", own, &patterns, false));
}
