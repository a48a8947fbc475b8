use super::*;

fn found(text: &str) -> Vec<(Kind, &str)> {
    find(text)
        .into_iter()
        .map(|one| (one.kind, &text[one.range]))
        .collect()
}

#[test]
fn identifiers_of_every_kind() {
    for (text, kind, slice) in [
        ("It answers at 172.20.0.7.", Kind::Host, "172.20.0.7"),
        ("Use 10.0.0.0/8, please", Kind::Host, "10.0.0.0/8"),
        ("at 10.1.2.3:8080 only", Kind::Host, "10.1.2.3:8080"),
        (
            "the host fe80::1ff:fe23 answers",
            Kind::Host,
            "fe80::1ff:fe23",
        ),
        ("card 00:1A:2b:3c:4d:5e", Kind::Host, "00:1A:2b:3c:4d:5e"),
        ("now 4.2.1, later", Kind::Version, "4.2.1"),
        ("version 3.10 is out", Kind::Version, "3.10"),
        ("the v2.3 line", Kind::Version, "v2.3"),
        ("needs 1.0.0-rc1", Kind::Version, "1.0.0-rc1"),
        ("commit 9fe31ac broke it", Kind::Hash, "9fe31ac"),
        (
            "id 550e8400-e29b-41d4-a716-446655440000",
            Kind::Hash,
            "550e8400-e29b-41d4-a716-446655440000",
        ),
        (
            "in /var/log/gate/main.log.",
            Kind::Path,
            "/var/log/gate/main.log",
        ),
        ("edit src/main.rs now", Kind::Path, "src/main.rs"),
        ("see `main.log`", Kind::Path, "`main.log"),
        ("under C:\\Data\\x", Kind::Path, "C:\\Data\\x"),
        (
            "(https://kb.example/a/v4).",
            Kind::Address,
            "https://kb.example/a/v4",
        ),
        (
            "write to anna@post.example",
            Kind::Address,
            "anna@post.example",
        ),
        (
            "on shop.example.com today",
            Kind::Address,
            "shop.example.com",
        ),
        ("fixes CVE-2021-44228 now", Kind::Code, "CVE-2021-44228"),
        ("ticket INC-0417", Kind::Code, "INC-0417"),
        ("地址是172.20.0.7。", Kind::Host, "172.20.0.7"),
    ] {
        let text = text.replace('`', "");
        assert_eq!(
            found(&text),
            [(kind, slice.trim_start_matches('`'))],
            "{text}"
        );
    }
}

#[test]
fn words_and_numbers_are_none() {
    for text in [
        "It cost 1.200.000 on 12.3.2019 at 10:30:15.",
        "about 3.5 and 24/7 and km/h and and/or, e.g. this",
        "U.S. exports in 2019-03-12 rose 2.5x",
        "a well-known 12-year-old, the F-word, 1990-1995",
        "He ran 5000b or 12e10 times in Node.js",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_part_is_borne_out_and_another_one_is_not() {
    let one = |text: &str| find(text).remove(0);
    for (claim, source, expected) in [
        ("main.log", "/var/log/main.log", true),
        ("error.log", "/var/log/main.log", false),
        ("version 4.2", "version 4.2.1", true),
        ("version 4.2.1", "version 4.2", false),
        ("v4.2.1", "4.2.1", true),
        ("https://a.example/b/", "https://www.a.example/b", true),
        ("https://a.example/b", "https://a.example/c", false),
        ("commit 9fe31ac", "9fe31ac88d10", true),
        ("10.0.0.1", "10.0.0.12", false),
    ] {
        assert_eq!(
            one(claim).borne_out_by(&one(source)),
            expected,
            "{claim} {source}"
        );
    }
}
