use super::*;

fn term(word: &str) -> String {
    concept(&Stemmer::create(Algorithm::English).stem(word)).to_owned()
}

#[test]
fn synonyms_share_a_term_and_opposites_do_not() {
    for (one, other) in [
        ("acquired", "bought"),
        ("grew", "increased"),
        ("employees", "staff"),
        ("began", "launched"),
    ] {
        assert_eq!(term(one), term(other), "{one} {other}");
    }
    for (one, other) in [
        ("rose", "fell"),
        ("won", "lost"),
        ("approved", "rejected"),
        ("opened", "closed"),
        ("likely", "unlikely"),
        ("north", "south"),
        ("bought", "sold"),
    ] {
        assert!(opposite(&term(one), &term(other)), "{one} {other}");
    }
    assert!(!opposite(&term("rose"), &term("grew")));
    assert!(!opposite(&term("form"), &term("inform")));
}
