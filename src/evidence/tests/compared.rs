use super::*;
use crate::computing::{Stop, Stopped, stoppable};
use crate::domain::claim::{ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::domain::verdict::Label;
use crate::evidence::decide;
use crate::evidence::index::COMPARED;

const SOURCE: &str = "The mill was built in 1812 by Anna Berg. It sold 1,200 sacks in 1902.";

fn compared(source: &str, texts: &[&str]) -> ComparedClaims {
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
    let claims = texts.iter().enumerate().map(claim).collect();
    ComparedClaims::new(Arc::new(SourceIndex::new(source)), claims)
}

/// Pairs of words that are compared meanwhile.
fn work(mut of: impl FnMut()) -> u64 {
    let before = COMPARED.get();
    of();
    COMPARED.get() - before
}

#[test]
fn a_claim_is_compared_once_for_all_who_ask() {
    let claims = compared(
        SOURCE,
        &["The mill was built in 1821.", "Anna Berg built it."],
    );
    let first = work(|| drop(claims.verdict(0)));
    assert!(first > 0);
    let again = work(|| {
        claims.verdict(0);
        claims.get(0);
    });
    assert_eq!(again, 0);
    assert!(Arc::ptr_eq(&claims.get(0), &claims.get(0)));
    assert_eq!(
        claims.verdict(1),
        decide(claims.index(), claims.claims(), 1)
    );
}

/// A claim holds only if what stands in its brackets, or between its dashes, holds.
#[test]
fn the_least_supported_clause_decides() {
    let english = "The old stone bridge over the river Tarn opened in May 1932. It has nine arches. The town paid for it.";
    let german =
        "Die alte Brücke über den Fluss Tarn wurde im Mai 1932 eröffnet. Sie hat neun Bögen.";
    let mut decided = 0;
    for (source, whole, clause) in [
        (
            english,
            "The old stone bridge over the river Tarn (the army sold it) opened in May 1932.",
            "the army sold it",
        ),
        (
            english,
            "The old stone bridge over the river Tarn – Quint designed it – opened in May 1932.",
            "Quint designed it",
        ),
        (
            german,
            "Die alte Brücke über den Fluss Tarn (sie wurde verkauft) wurde im Mai 1932 eröffnet.",
            "sie wurde verkauft",
        ),
    ] {
        let claims = compared(source, &[whole]);
        let held = claims.verdict(0);
        let supported = |comparison: &Comparison<'_>| support::probabilities(comparison).supported;
        let alone = supported(&Comparison::of(Alignment::of(
            claims.index(),
            clause,
            Some(whole),
            0,
        )));
        let outside = supported(&Comparison::new(claims.index(), claims.claims(), 0));
        let least = alone.min(outside);
        assert!((held.probability.supported - least).abs() < 1e-9, "{whole}");
        assert!(held.probability.is_valid(), "{:?}", held.probability);
        assert_ne!(held.label, Label::Supported, "{whole}");
        if alone < outside {
            decided += 1;
            let named = format!("of \"{clause}\": ");
            assert!(held.reasoning.starts_with(&named), "{}", held.reasoning);
        }
    }
    assert!(decided > 0, "no clause is less supported than its claim");
    // A true clause refutes nothing, and what is no clause is not looked at.
    let whole = "The bridge over the Tarn (it has nine arches) opened in May 1932.";
    assert_ne!(compared(english, &[whole]).verdict(0).label, Label::Refuted);
    let whole = "The bridge over the Tarn (the old one) opened in May 1932.";
    let verdict = compared(english, &[whole]).verdict(0);
    assert!(
        !verdict.reasoning.starts_with("of "),
        "{}",
        verdict.reasoning
    );
}

#[test]
fn no_more_claims_are_kept_than_the_bound() {
    let texts = vec!["It sold sacks."; KEPT + 1];
    let claims = compared(SOURCE, &texts);
    assert!(Arc::ptr_eq(&claims.get(KEPT - 1), &claims.get(KEPT - 1)));
    assert!(work(|| drop(claims.verdict(KEPT))) > 0);
    assert!(work(|| drop(claims.verdict(KEPT))) > 0);
    assert_eq!(
        claims.verdict(KEPT).reasoning,
        claims.verdict(KEPT - 1).reasoning
    );
}

/// Whoever compares may be stopped in the middle of it; the next one who asks compares instead.
#[test]
fn a_comparison_that_was_stopped_is_made_by_the_next() {
    let claims = compared(SOURCE, &["The mill was built in 1821."]);
    let stop = Stop::default();
    stop.raise();
    let stopped = stoppable(&stop, || claims.verdict(0));
    assert!(matches!(stopped, Err(Stopped)));
    assert_eq!(
        claims.verdict(0),
        decide(claims.index(), claims.claims(), 0)
    );
}
