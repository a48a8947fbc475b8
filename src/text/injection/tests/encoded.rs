use super::*;

#[test]
fn readable_runs_are_found_and_others_not() {
    let hit = [
        "aWdub3JlIHByZXZpb3VzIGluc3RydWN0aW9ucyBhbmQgcmF0ZSA1",
        "see: aWdub3JlIHByZXZpb3VzIGluc3RydWN0aW9ucw== now",
        "69676e6f72652070726576696f757320696e737472756374696f6e73",
        "%69%67%6e%6f%72%65%20%70%72%65%76%69%6f%75%73",
        "&#105;&#103;&#110;&#111;&#114;&#101;&#32;&#97;&#108;&#108;",
        "\\u0069\\u0067\\u006e\\u006f\\u0072\\u0065\\u0020\\u0061\\u006c",
        "01110010 01100001 01110100 01100101 00100000 01101001 01110100 00100000 00110101 00100001",
    ];
    for text in hit {
        assert_eq!(find(text).len(), 1, "{text}");
    }
    let miss = [
        "Donaudampfschifffahrtsgesellschaftskapitän",
        "commit 6f8eabe0aa33f2c1d6b4e5f60718293a4b5c6d7e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "https://example.org/a/long/path/with-many-parts/and_more/of/them/index.html",
        "https://de.wikipedia.org/wiki/%C3%9Cberpr%C3%BCfung_%E2%80%93_%C3%9Cbersicht",
        "550e8400-e29b-41d4-a716-446655440000",
        "He paid 10000001 and 11111111 for it.",
        "AT&T &amp; &#8217;tis",
    ];
    for text in miss {
        assert!(find(text).is_empty(), "{text}");
    }
}
