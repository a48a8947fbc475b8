use super::*;

fn source(name: &str, text: &str) -> SourceText {
    SourceText {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

fn pointers(source_text: &str, sources: &[SourceText]) -> Vec<String> {
    let faults = source_faults(source_text, sources).into_iter();
    faults.map(|fault| fault.pointer).collect()
}

#[test]
fn one_of_the_two_is_needed() {
    assert_eq!(pointers("", &[]), ["/source_text"]);
    assert!(pointers("a", &[]).is_empty());
    assert!(pointers("", &[source("a", "b")]).is_empty());
    assert_eq!(pointers("a", &[source("a", "b")]), ["/sources"]);
}

#[test]
fn names_are_unique_and_not_blank() {
    let sources = [
        source("a", "b"),
        source("a", "c"),
        source(" ", "d"),
        source("source_text", "e"),
        source(&"x".repeat(101), "f"),
        source("g", ""),
    ];
    assert_eq!(
        pointers("", &sources),
        [
            "/sources/1/name",
            "/sources/2/name",
            "/sources/3/name",
            "/sources/4/name",
            "/sources/5/text",
        ]
    );
}

#[test]
fn all_together_are_bounded() {
    let half = "x".repeat(100_001);
    assert_eq!(
        pointers("", &[source("a", &half), source("b", &half)]),
        ["/sources"]
    );
    let many: Vec<SourceText> = (0..51).map(|n| source(&n.to_string(), "x")).collect();
    assert_eq!(pointers("", &many), ["/sources"]);
}

#[test]
fn each_stands_where_its_span_says() {
    let sources = vec![source("a", "Grüße 🌊"), source("b", "x"), source("c", "yz")];
    let texts: Vec<String> = sources.iter().map(|source| source.text.clone()).collect();
    let (text, named) = joined(String::new(), sources);
    assert_eq!(text, "Grüße 🌊\n\nx\n\nyz");
    let units: Vec<u16> = text.encode_utf16().collect();
    for (named, text) in named.iter().zip(texts) {
        let within = String::from_utf16(&units[named.span.start..named.span.end]).unwrap();
        assert_eq!(within, text);
    }
    assert_eq!(
        joined("as it is".into(), Vec::new()),
        ("as it is".into(), Vec::new())
    );
}
