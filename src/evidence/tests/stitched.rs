use super::*;

const SOURCE: &str = "The council met on Monday. \"We will not close the library,\" said the mayor. The swimming pool \
    is old and leaks every winter. We will build a new one next to the station.";

fn pieces(candidate: &str) -> Vec<usize> {
    let index = SourceIndex::new(SOURCE);
    let found = stitched(&index, candidate).into_iter();
    found.map(|quote| quote.pieces).collect()
}

#[test]
fn words_of_two_places_in_one_quotation_are_told() {
    let candidate = "The mayor said: \"We will not close the library next to the station.\"";
    assert_eq!(pieces(candidate), [2]);
    let index = SourceIndex::new(SOURCE);
    let found = stitched(&index, candidate);
    assert_eq!(
        &candidate[found[0].range.clone()],
        "We will not close the library next to the station."
    );
}

#[test]
fn what_stands_so_in_the_source_is_a_quotation() {
    assert!(pieces("\"We will not close the library,\" she said.").is_empty());
    // Case and punctuation are the writer's.
    assert!(pieces("“the swimming pool is old, and leaks every winter”").is_empty());
}

#[test]
fn gaps_that_are_shown_other_words_and_short_quotations_are_not_told() {
    assert!(pieces("\"We will not close the library … next to the station.\"").is_empty());
    assert!(pieces("\"We will surely never close the old library of the town\"").is_empty());
    assert!(pieces("\"close the library leaks\"").is_empty());
    assert!(pieces("A pipe of 3\" and one of 4\" leak.").is_empty());
}

#[test]
fn a_quotation_does_not_run_from_one_source_into_the_next() {
    use crate::domain::claim::Span;
    use crate::domain::source::NamedSource;

    let (one, two) = ("The pool is old and leaks", "every winter in the town");
    let text = format!("{one}\n\n{two}");
    let named = |name: &str, start: usize, text: &str| NamedSource {
        name: name.to_owned(),
        span: Span {
            start,
            end: start + text.len(),
        },
    };
    let sources = [named("a", 0, one), named("b", one.len() + 2, two)];
    let index = SourceIndex::of(&text, &sources, Vec::new());
    let found = stitched(
        &index,
        "\"The pool is old and leaks every winter in the town\"",
    );
    assert_eq!(found[0].pieces, 2);
}

#[test]
fn a_source_of_one_word_again_and_again_is_compared_up_to_a_bound() {
    let index = SourceIndex::new(&format!("{}wheel.", "mill ".repeat(2_000)));
    let places = Places::of(&index);
    // Each place of the source goes on for as long as the quotation does, but for its last word.
    let mut quote = vec!["mill".to_owned(); 300];
    quote.extend(["wheel", "mill", "mill"].map(ToOwned::to_owned));
    places.left.set(100_000);
    assert_eq!(places.pieces(&quote), None);
    assert!(places.left.get() < 1_000, "{}", places.left.get());
    places.left.set(COMPARED);
    assert_eq!(places.pieces(&quote[..301]), Some(1));
    assert!(places.left.get() > COMPARED - 1_000_000);
}
