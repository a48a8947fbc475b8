use super::*;
use crate::domain::verdict::Label;

const SOURCE: &str = "The mill was built in 1874. It is 31 metres high and belongs to the town.";

fn texts(candidate: &str, from: usize) -> Vec<(String, Label)> {
    let source = read(SOURCE, None);
    let decided = decided(&source, candidate, from);
    decided
        .into_iter()
        .map(|verdict| (verdict.claim.text, verdict.label))
        .collect()
}

#[test]
fn a_claim_is_decided_once_the_next_sentence_has_begun() {
    assert!(texts("", 0).is_empty());
    assert!(texts("The mill was built in 1902", 0).is_empty());
    assert!(
        texts("The mill was built in 1902.", 0).is_empty(),
        "it may go on"
    );
    let two = texts("The mill was built in 1902. It is", 0);
    assert_eq!(
        two,
        [("The mill was built in 1902.".to_owned(), Label::Refuted)]
    );
    let more = texts("The mill was built in 1902. It is 31 metres high. And", 27);
    assert_eq!(
        more,
        [("It is 31 metres high.".to_owned(), Label::Supported)]
    );
}

/// Whatever the pieces, each claim is told once, and all but the last sentence's are told.
#[test]
fn pieces_of_any_length_give_the_same_claims() {
    let whole = "The mill was built in 1874, Dr. Weber says. It is 31 metres high. It belongs to the town. 🜁 The end.";
    let expected = texts(whole, 0);
    assert_eq!(expected.len(), 3, "{expected:?}");
    for step in [1, 2, 7, 40] {
        let (mut from, mut told) = (0, Vec::new());
        let characters: Vec<char> = whole.chars().collect();
        let source = read(SOURCE, None);
        for end in (step..characters.len() + step).step_by(step) {
            let text: String = characters[..end.min(characters.len())].iter().collect();
            for verdict in decided(&source, &text, from) {
                from = verdict.claim.span.end;
                told.push((verdict.claim.text, verdict.label));
            }
        }
        assert_eq!(told, expected, "pieces of {step}");
    }
}
