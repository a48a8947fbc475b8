use proptest::prelude::*;

use super::*;

fn of(text: &str) -> Vec<&str> {
    chunks(text).into_iter().map(|range| &text[range]).collect()
}

#[test]
fn short_paragraphs_join_and_a_heading_begins_a_passage() {
    assert_eq!(
        of("One mill.\n\nTwo mills.\n\n# Ferries\n\nThe ferry sank."),
        ["One mill.\n\nTwo mills.", "Ferries\n\nThe ferry sank."]
    );
    let long = "The mill by the river grinds rye and wheat. ".repeat(8);
    let text = format!("{long}\n\nThe ferry sank.\n\nNobody was hurt.");
    assert_eq!(of(&text).len(), 2, "{:?}", of(&text));
}

proptest! {
    #[test]
    fn every_sentence_is_in_one_passage(text in "([a-zA-Z漢é😀]{1,9}[ .!?\n。]{1,3}){0,300}") {
        let chunks = chunks(&text);
        let mut end = 0;
        for chunk in &chunks {
            prop_assert!(chunk.start >= end && chunk.end > chunk.start);
            end = chunk.end;
        }
        for sentence in split(&text) {
            let within = |chunk: &&Range<usize>| chunk.start <= sentence.range.start && sentence.range.end <= chunk.end;
            prop_assert_eq!(chunks.iter().filter(within).count(), 1);
        }
    }
}
