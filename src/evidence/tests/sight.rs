use std::sync::{Arc, LazyLock};

use super::*;
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::domain::verdict::Label;
use crate::evidence::SourceIndex;
use crate::evidence::compared::ComparedClaim;
use crate::evidence::comparison::Comparison;
use crate::neural::sizes::{WINDOW, WINDOWS};
use crate::text::claims::extract;

/// Loading takes a while without optimisation: once for most tests.
static ENCODER: LazyLock<Arc<Encoder>> = LazyLock::new(|| Arc::new(Encoder::new(1)));

fn claims(texts: &[&str]) -> Vec<Claim> {
    let claim = |(index, text): (usize, &&str)| Claim {
        id: ClaimId::new(uuid::Uuid::from_u128(index as u128 + 1)),
        index,
        text: (*text).to_owned(),
        kind: ClaimType::Factual,
        span: Span {
            start: 0,
            end: text.encode_utf16().count(),
        },
    };
    texts.iter().enumerate().map(claim).collect()
}

fn seen(source: &str) -> SourceIndex {
    SourceIndex::new(source).looked_at_by(Some(&ENCODER))
}

#[test]
fn other_words_of_the_same_sense_are_carried() {
    let source = "The firm will terminate the contract in May. The danger to residents was small. \
        Its chairwoman thanked the staff.";
    for (text, word, carrier) in [
        (
            "The firm will stop the contract in May.",
            "stop",
            "terminate",
        ),
        ("The threat to residents was small.", "threat", "danger"),
    ] {
        let claims = claims(&[text]);
        let (index, bare) = (seen(source), SourceIndex::new(source));
        let with = Comparison::new(&index, &claims, 0);
        let without = Comparison::new(&bare, &claims, 0);
        let tokens = &with.alignment.claim.tokens;
        let at = tokens.iter().position(|token| token.word == word).unwrap();
        let found = with.alignment.looked_at().iter().find_map(|sentence| {
            let place = with.alignment.carrier(at, *sentence)?;
            Some(index.analysis(*sentence).tokens[place].word.as_str())
        });
        assert_eq!(found, Some(carrier));
        assert!(
            with.alignment.covered[at] && !without.alignment.covered[at],
            "{text}"
        );
        assert!(with.alignment.coverage() > without.alignment.coverage());
    }
}

#[test]
fn what_is_near_and_differs_is_never_carried() {
    let source = "The museum opens on Mondays. The old bridge was closed in March. Anna Berg runs the \
        mill in Lund. Prices rose sharply last winter. Three trams run each hour.";
    let index = seen(source);
    for (text, word) in [
        ("The museum opens on Tuesdays.", "tuesdays"),
        ("The new bridge was closed in March.", "new"),
        ("Anna Lind runs the mill in Lund.", "lind"),
        ("Anna Berg runs the mill in Oslo.", "oslo"),
        ("Prices fell sharply last winter.", "fell"),
        ("Prices rose sharply last summer.", "summer"),
        ("Three trams run each day.", "day"),
    ] {
        let claims = claims(&[text]);
        let comparison = Comparison::new(&index, &claims, 0);
        let tokens = &comparison.alignment.claim.tokens;
        let at = tokens.iter().position(|token| token.word == word).unwrap();
        for sentence in comparison.alignment.looked_at() {
            assert_eq!(comparison.alignment.carrier(at, *sentence), None, "{text}");
        }
    }
}

#[test]
fn a_sentence_of_the_same_sense_becomes_a_candidate() {
    let source =
        "Bread is baked at night. The physician was hired by the clinic. Ships pass the canal.";
    let claims = claims(&["A medical doctor got a job at a hospital."]);
    let (bare, index) = (SourceIndex::new(source), seen(source));
    let without = Comparison::new(&bare, &claims, 0);
    let with = Comparison::new(&index, &claims, 0);
    assert_eq!(with.alignment.candidates[0].0, 1);
    assert!(with.alignment.coverage() > without.alignment.coverage() + 0.2);
    let view = with.neural.unwrap();
    assert!(view.sentences.contains(&1));
    assert!((view.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-3);
    assert!(view.sentences.contains(&view.moved_most));
    for figure in [view.least_aligned, view.soft_coverage, view.best_sentence] {
        assert!((-1.0..=1.0).contains(&figure), "{view:?}");
    }
}

/// The verifier and every judge see the same, whoever asks first.
#[test]
fn a_claim_is_looked_at_once_for_all_who_ask() {
    let encoder = Arc::new(Encoder::new(1));
    let source = "The mill was built in 1812. It stands by the river.";
    let index = SourceIndex::new(source).looked_at_by(Some(&encoder));
    let claims = claims(&["The mill stands at a stream.", "It was built in 1812."]);
    let views = |order: [usize; 2]| order.map(|at| Comparison::new(&index, &claims, at).neural);
    let first = views([0, 1]);
    let taken = encoder.tokens();
    assert!(taken > 0);
    assert_eq!(first, views([0, 1]));
    assert_eq!(encoder.tokens(), taken);
    let other = SourceIndex::new(source).looked_at_by(Some(&Arc::new(Encoder::new(2))));
    let backwards = [1, 0].map(|at| Comparison::new(&other, &claims, at).neural);
    assert_eq!(first, [backwards[1].clone(), backwards[0].clone()]);
}

/// The model knows English: a claim or a source in another language is the rules' alone, and nobody is
/// surer of it than without the model.
#[test]
fn other_languages_are_left_to_the_rules() {
    let german = "Die Mühle am Fluss wurde im Mai an einen Bäcker verkauft. Sie steht noch.";
    let english = "The mill by the river was sold to a baker in May. It is still there.";
    for (source, text) in [
        (german, "Die Mühle wurde an einen Bäcker verkauft."),
        (german, "The mill was sold to a baker."),
        (english, "Die Mühle wurde im Mai an einen Bäcker verkauft."),
        ("磨坊在五月卖给了面包师。", "磨坊卖给了面包师。"),
    ] {
        let claims = claims(&[text]);
        let (index, bare) = (seen(source), SourceIndex::new(source));
        let with = Comparison::new(&index, &claims, 0);
        let without = Comparison::new(&bare, &claims, 0);
        assert_eq!(with.neural, None, "{text}");
        assert_eq!(with.label, without.label, "{text}");
        assert!(with.confidence <= without.confidence, "{text}");
    }
    let claims = claims(&["The mill was sold to a baker."]);
    let index = seen(english);
    let comparison = Comparison::new(&index, &claims, 0);
    assert!(comparison.neural.is_some());
    assert_eq!(comparison.label, Label::Supported);
}

/// What texts made to cost much may cost, in tokens: each claim that is looked at, and each sentence.
#[test]
fn hostile_texts_cost_no_more_than_the_bounds() {
    let window = (WINDOWS * (WINDOW + 2)) as u64;
    let letters = "a. ".repeat(10_000);
    let unbroken = "x".repeat(200_000);
    for source in [letters.as_str(), unbroken.as_str()] {
        for candidate in [letters.as_str(), unbroken.as_str(), "The x is a x."] {
            let encoder = Arc::new(Encoder::new(1));
            let index = SourceIndex::new(source).looked_at_by(Some(&encoder));
            let texts: Vec<String> = match extract(candidate) {
                drafts if drafts.len() > 1 => drafts.into_iter().map(|it| it.text).collect(),
                _ => vec![candidate.to_owned()],
            };
            let texts: Vec<&str> = texts.iter().map(String::as_str).take(300).collect();
            let claims = claims(&texts);
            for at in 0..claims.len() {
                let comparison = Comparison::new(&index, &claims, at);
                assert!(at < CLAIMS || comparison.neural.is_none());
            }
            // Equal sentences are encoded once.
            assert!(encoder.tokens() <= 4 * window, "{}", encoder.tokens());
        }
    }
    // Different ones: so many claims, so many sentences, and no more.
    let encoder = Arc::new(Encoder::new(1));
    let source: String = (0..3_000)
        .map(|at| format!("Mill {at} is a mill. "))
        .collect();
    let index = SourceIndex::new(&source).looked_at_by(Some(&encoder));
    let texts: Vec<String> = (0..300)
        .map(|at| format!("Mill {at} was no {at} mill."))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let claims = claims(&texts);
    let mut looked = 0;
    for at in [0, 1, 2, 255, 256, 299] {
        let comparison = Comparison::new(&index, &claims, at);
        assert_eq!(comparison.neural.is_some(), at < CLAIMS, "{at}");
        looked += u64::from(comparison.neural.is_some());
        assert!(comparison.alignment.looked_at().len() <= SHORT);
    }
    assert!(encoder.tokens() <= looked * 13 * 16, "{}", encoder.tokens());
}

#[test]
fn a_pronoun_within_a_sentence_is_read_with_what_it_stands_for() {
    let index = seen(
        "The Halden Bridge opened to traffic on 14 May 1987. About 9,500 vehicles cross it each day. \
        The toll was lifted in 2004.",
    );
    let claims = claims(&[
        "About 9,500 vehicles cross the bridge each day.",
        "About 5,900 vehicles cross the bridge each day.",
    ]);
    let label = |at| {
        ComparedClaim::new(&index, &claims, at)
            .verdict(&index, &claims[at])
            .label
    };
    assert_eq!(label(0), Label::Supported);
    assert_eq!(label(1), Label::Refuted);
    let view = Comparison::new(&index, &claims, 0).neural.unwrap();
    assert!(view.sentences.contains(&0) && view.sentences.contains(&1));
}

#[test]
fn an_item_of_which_the_source_has_no_word_is_not_borne_out() {
    let index = seen(
        "The Verin library opened in 1974. It holds 210,000 books. Its director is Mara Olsen. \
         It stands in Torvik. It offers a reading room and free parking.",
    );
    let claims = claims(&["a reading room", "free parking", "a sauna"]);
    let label = |at: usize| {
        let compared = ComparedClaim::new(&index, &claims, at);
        compared.verdict(&index, &claims[at]).label
    };
    assert_eq!(
        [label(0), label(1), label(2)],
        [Label::Supported, Label::Supported, Label::NotEnoughInfo]
    );
}
