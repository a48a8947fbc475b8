use super::*;
use crate::text::language::Language;
use crate::text::tokens::Tokenizer;

fn around(claim: &str, given: &str, pivot: &str) -> Option<bool> {
    let tokenizer = Tokenizer::new(Language::English);
    let tokens = |text: &str| tokenizer.tokens(text, 0..text.len());
    let (claim, given) = (tokens(claim), tokens(given));
    let place = |tokens: &[Token]| tokens.iter().position(|token| token.word == pivot).unwrap();
    crossed(&claim, place(&claim), &given, place(&given))
}

#[test]
fn sides_change_with_the_roles_and_not_with_the_voice() {
    let given = "Norvik acquired Baltra in 2015.";
    assert_eq!(
        around("Baltra acquired Norvik.", given, "acquired"),
        Some(true)
    );
    assert_eq!(
        around("Norvik acquired Baltra.", given, "acquired"),
        Some(false)
    );
    assert_eq!(
        around("Baltra was acquired in 2015 by Norvik.", given, "acquired"),
        Some(false)
    );
    assert_eq!(
        around("Norvik was acquired by Baltra.", given, "acquired"),
        Some(true)
    );
    assert_eq!(around("Baltra was acquired.", given, "acquired"), None);
}

#[test]
fn what_both_have_behind_the_verb_hides_no_swap() {
    let given = "Anna sued Peter over the patent in 2019.";
    let swapped = "Peter sued Anna over the patent in 2019.";
    assert_eq!(around(swapped, given, "sued"), Some(true));
    assert_ne!(around(given, given, "sued"), Some(true));
    let passive = "Peter was sued by Anna over the patent.";
    assert_ne!(around(passive, given, "sued"), Some(true));
}
