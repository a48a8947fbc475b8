use super::*;

#[test]
fn a_term_of_every_sentence_of_a_long_source_is_walked_in_part_or_not_at_all() {
    let source = "The mill grinds. ".repeat(LONG) + "The mill burned. The mill grinds.";
    let index = SourceIndex::new(&source);
    let burn = index.analysis(LONG).tokens[2].term.clone();
    let ranked = index.rank(&[("mill", 1.0), (&burn, 1.0)], 9);
    let places: Vec<usize> = ranked.iter().map(|(sentence, _)| *sentence).collect();
    assert_eq!(places, [LONG, LONG - 1, LONG + 1]);
    let mut scores = vec![0.0; index.len()];
    assert_eq!(index.score(&[("mill", 1.0)], &mut scores).len(), FEW);
}

#[test]
fn the_sentence_with_the_rare_term_ranks_first() {
    let index = SourceIndex::new(
        "The mill stands by the river. The mill was sold in May. Bread is baked there.",
    );
    let ranked = index.rank(&[("mill", 1.0), ("sell", 1.0)], 5);
    assert_eq!(ranked[0].0, 1);
    assert_eq!(index.rarity("mill"), 1.0 - 2f64.ln() / 3f64.ln());
    assert!(index.rank(&[("zebra", 1.0)], 5).is_empty());
}
