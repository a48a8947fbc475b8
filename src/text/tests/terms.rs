use super::*;

#[test]
fn terms_are_stems_without_function_words_or_punctuation() {
    let of = |language, text| terms(&Tokenizer::new(language), text);
    assert_eq!(
        of(Language::English, "The mills were selling 3.5 tons; don't!"),
        of(Language::English, "mill sells 3.5 tons")
    );
    let odd = of(
        Language::English,
        "O'Neill's \"a\" OR (b*) 1,000.5 x\\y U.S.",
    );
    let safe = |term: &String| term.chars().all(|c| c.is_alphanumeric() || c == '_');
    assert!(odd.iter().all(safe), "{odd:?}");
    assert_eq!(of(Language::Other, "磨坊卖给"), ["磨坊", "坊卖", "卖给"]);
}

#[test]
fn a_query_has_the_stems_of_every_language_once() {
    let languages = [Language::English, Language::German];
    let query = query(&languages, "Die Mühlen stehen, die Mühlen", 10);
    let german = terms(&Tokenizer::new(Language::German), "Mühle");
    assert!(query.contains(&german[0]), "{query:?}");
    let mut once = query.clone();
    once.dedup();
    assert_eq!(once, query);
    assert_eq!(super::query(&languages, "eins zwei drei vier", 3).len(), 3);
}
