use super::*;

fn terms(text: &str) -> Vec<String> {
    Tokenizer::new(Language::of(text))
        .tokens(text, 0..text.len())
        .into_iter()
        .filter(|token| !token.stop)
        .map(|token| token.term)
        .collect()
}

#[test]
fn terms_of_several_scripts() {
    assert_eq!(
        terms("The baker's ovens were bought"),
        ["baker", "oven", "buy"]
    );
    assert_eq!(terms("U.S. exports"), ["us", "export"]);
    let side = |word: &str| Tokenizer::new(Language::English).term(word);
    assert_eq!(terms("They voted against it")[1], side("opposed"));
    assert_eq!(terms("They voted for the bill")[1], side("supported"));
    assert_eq!(terms("They voted for the first time").len(), 3);
    assert_eq!(terms("Waves broke against the wall").len(), 3);
    assert_eq!(terms("東京駅"), ["東京", "京駅"]);
    assert_eq!(
        terms("다리의 길이는 5,000미터이다"),
        ["다리", "길이", "5,000", "미터"]
    );
    assert_eq!(terms("الطاحونة"), ["طاحونة"]);
    assert_eq!(terms("१२३ चक्की"), ["123", "चक्की"]);
    assert_eq!(
        terms("Le maire de la ville a signé l'accord"),
        ["mair", "vill", "sign", "accord"]
    );
}

#[test]
fn ranges_slice_the_text_back() {
    let text = "Anna’s 東京 mills, ２０１９!";
    for token in Tokenizer::new(Language::English).tokens(text, 0..text.len()) {
        assert!(
            text.get(token.range.clone())
                .is_some_and(|slice| !slice.is_empty()),
            "{token:?}"
        );
    }
}
