use super::*;
use crate::domain::verdict::Label;

const SOURCE: &str = "The mill was built in 1874. It is 31 metres high and belongs to the town.";

fn texts(candidate: &str, from: usize) -> Vec<(String, Label)> {
    let source = read(SOURCE, None);
    let before = Progress {
        told_up_to: from,
        open: 0,
    };
    let (verdicts, _) = decided(&source, candidate, before);
    verdicts
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
        let (mut progress, mut told) = (Progress::default(), Vec::new());
        let characters: Vec<char> = whole.chars().collect();
        let source = read(SOURCE, None);
        let mut text = String::new();
        let mut skipped = 0;
        for piece in characters.chunks(step) {
            let piece: String = piece.iter().collect();
            let is_skipped = is_within_word(&text, &piece);
            text.push_str(&piece);
            if is_skipped {
                skipped += 1;
                continue;
            }
            let (verdicts, now) = decided(&source, &text, progress);
            progress = now;
            let fresh = verdicts.into_iter();
            told.extend(fresh.map(|verdict| (verdict.claim.text, verdict.label)));
        }
        assert_eq!(told, expected, "pieces of {step}");
        assert_eq!(skipped > 0, step < 7, "pieces of {step}: {skipped}");
    }
}

#[test]
fn a_piece_that_begins_no_sentence_decides_nothing() {
    let source = read(SOURCE, None);
    let text = "The mill was built in 1902. It is";
    let (verdicts, now) = decided(&source, text, Progress::default());
    assert_eq!((verdicts.len(), now.told_up_to, now.open), (1, 27, 28));
    let (verdicts, later) = decided(&source, &format!("{text} 31 metres"), now);
    assert_eq!((verdicts, later), (Vec::new(), now));
}

#[test]
fn within_a_word_no_sentence_begins() {
    for (before, piece, expected) in [
        ("The mi", "ll", true),
        ("in 19", "02", true),
        ("The mill", " was", false),
        ("1902. ", "It", false),
        ("1902.", "It", false),
        ("", "The", false),
        ("The mi", "ll.", false),
        ("風車は", "古い", false),
    ] {
        assert_eq!(is_within_word(before, piece), expected, "{before}|{piece}");
    }
}
