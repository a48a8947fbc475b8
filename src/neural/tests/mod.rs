use std::sync::LazyLock;

use super::Encoder;
use super::sizes::{EVIDENCE_ROWS, WINDOW, WINDOWS};

/// Loading takes a while without optimisation: once for most tests.
static ENCODER: LazyLock<Encoder> = LazyLock::new(|| Encoder::new(2));

const SOURCE: &str = "The council will close two plants in Ohio by the end of June.";
const CLAIM: &str = "Two factories in Ohio will shut.";

fn bits(encoder: &Encoder) -> Vec<u64> {
    let claim = encoder.encode(CLAIM).unwrap();
    let source = encoder.encode(SOURCE).unwrap();
    let other = encoder.encode("Its mayor protested.").unwrap();
    let mut bits = Vec::new();
    for piece in 0..claim.pieces().len() {
        for place in 0..source.pieces().len() {
            bits.push(claim.cosine(piece, &source, place).to_bits());
        }
    }
    bits.push(claim.likeness(&source).to_bits());
    for evidence in [vec![&*source], vec![&*source, &*other]] {
        bits.extend(encoder.judge(&claim, &evidence).unwrap().map(f64::to_bits));
    }
    bits
}

#[test]
fn one_and_two_threads_and_two_loads_give_the_same_bits() {
    let first = bits(&ENCODER);
    assert!(first.len() > 50);
    for threads in [1, 2] {
        let other = Encoder::with_pools(1, threads);
        assert_eq!(bits(&other), first, "{threads} threads");
    }
}

#[test]
fn a_word_is_nearest_to_what_says_the_same() {
    let claim = ENCODER.encode(CLAIM).unwrap();
    let source = ENCODER.encode(SOURCE).unwrap();
    let nearest = |word: &str| {
        let piece = claim
            .pieces()
            .iter()
            .position(|at| &CLAIM[at.clone()] == word);
        let cosine = |place: &usize| claim.cosine(piece.unwrap(), &source, *place);
        let places = 0..source.pieces().len();
        let best = places.max_by(|one, two| cosine(one).total_cmp(&cosine(two)));
        &SOURCE[source.pieces()[best.unwrap()].clone()]
    };
    assert_eq!(nearest("Two"), "two");
    assert_eq!(nearest("shut"), "close");
    let far = ENCODER.encode("Bread is baked at night.").unwrap();
    assert!(claim.likeness(&source) > claim.likeness(&far) + 0.2);
}

#[test]
fn pieces_are_bytes_of_the_text_whatever_is_in_it() {
    for text in [
        "",
        " ",
        "Zoë’s café — 東京, Ⅷ ﬁne 😀",
        "a\u{301}\u{0}b",
        "\u{FEFF}x",
    ] {
        let encoded = ENCODER.encode(text).unwrap();
        for piece in encoded.pieces() {
            assert!(text.get(piece.clone()).is_some(), "{text:?} {piece:?}");
        }
        assert!(
            encoded.pieces().is_empty() == text.trim().is_empty(),
            "{text:?}"
        );
    }
}

#[test]
fn no_text_costs_more_than_its_windows() {
    let encoder = Encoder::new(1);
    let bound = (WINDOWS * (WINDOW + 2)) as u64;
    for text in [
        "x".repeat(200_000),
        "a ".repeat(100_000),
        "東京".repeat(50_000),
        "word. ".repeat(30_000),
    ] {
        let before = encoder.tokens();
        let encoded = encoder.encode(&text).unwrap();
        let taken = encoder.tokens() - before;
        assert!(taken > 0 && taken <= bound, "{taken}");
        assert!(encoded.rows() as u64 == taken && encoded.pieces().len() <= WINDOW * WINDOWS);
    }
    let before = encoder.tokens();
    encoder.encode(&"a ".repeat(100_000)).unwrap();
    assert_eq!(encoder.tokens(), before, "what is kept is encoded once");
}

#[test]
fn the_head_reads_no_more_than_it_was_made_for() {
    let long = ENCODER.encode(&"the mill of the town ".repeat(80)).unwrap();
    assert!(long.rows() > long.read() && 2 * long.read() <= EVIDENCE_ROWS);
    let twice = ENCODER.judge(&long, &[&long, &long]).unwrap();
    let thrice = ENCODER.judge(&long, &[&long, &long, &long]).unwrap();
    assert_eq!(twice, thrice);
    let nothing = ENCODER.encode("").unwrap();
    assert_eq!(ENCODER.judge(&nothing, &[]), None);
}
