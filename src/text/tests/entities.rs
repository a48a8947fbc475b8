use super::*;
use crate::text::language::Language;
use crate::text::tokens::Tokenizer;

fn entities(text: &str) -> Vec<Entity> {
    let tokens = Tokenizer::new(Language::English).tokens(text, 0..text.len());
    find(text, &tokens, &vec![false; tokens.len()], Language::English)
}

#[test]
fn german_nouns_are_no_names() {
    let names = |text: &str| -> Vec<String> {
        let tokens = Tokenizer::new(Language::German).tokens(text, 0..text.len());
        let found = find(text, &tokens, &vec![false; tokens.len()], Language::German);
        found
            .into_iter()
            .map(|one| text[one.range].to_owned())
            .collect()
    };
    for (text, expected) in [
        ("Der Bau der Halle begann im Mai.", vec![]),
        (
            "Die Menschen lebten dort in Armut und Freiheit.",
            vec!["Armut"],
        ),
        (
            "Das Werk steht in Oslo, das Lager in Bergen.",
            vec!["Oslo", "Bergen"],
        ),
        ("Anna Lind leitet das Haus.", vec!["Anna Lind"]),
        ("Den Preis erhielt Frau Lind.", vec!["Lind"]),
        ("Die NATO tagte.", vec!["NATO"]),
        (
            "Die Abstimmung nach Prüfung der Unterlagen war knapp.",
            vec![],
        ),
    ] {
        let found: Vec<String> = names(text)
            .into_iter()
            .map(|name| name.trim_start_matches("Frau ").to_owned())
            .collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn runs_links_and_acronyms() {
    let text = "There Anna de Vries of the Harbour Trust met the NATO envoy in New Delhi.";
    let found: Vec<_> = entities(text)
        .into_iter()
        .filter(|e| !e.weak)
        .map(|e| text[e.range].to_owned())
        .collect();
    assert_eq!(
        found,
        ["Anna de Vries of the Harbour Trust", "NATO", "New Delhi"]
    );
    let full = &entities("the World Health Organization")[0];
    let short = &entities("the WHO")[0];
    assert!(full.same(short) && short.same(full));
    assert!(entities("the Vries plan")[0].same(&entities("with Anna Vries")[0]));
    assert!(!entities("the Anna Moor plan")[0].same(&entities("with Anna Vries")[0]));
}
