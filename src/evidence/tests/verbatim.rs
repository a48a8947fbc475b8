use super::*;
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::evidence::SourceIndex;
use crate::text::claims::extract;

fn claims(candidate: &str) -> Vec<Claim> {
    extract(candidate)
        .into_iter()
        .enumerate()
        .map(|(index, draft)| Claim {
            id: ClaimId::new(uuid::Uuid::from_u128(index as u128 + 1)),
            index,
            text: draft.text,
            kind: ClaimType::Factual,
            span: Span { start: 0, end: 1 },
        })
        .collect()
}

#[test]
fn what_the_source_says_in_the_same_words_and_nothing_else() {
    let source = "Nobody says that the mill burned in 1931. The ferry sank in May, and the harbour bought a \
        new one. Anna Vries founded the mill.";
    let index = SourceIndex::new(source);
    for (candidate, expected) in [
        (source, true),
        (
            "The ferry sank in May, and the harbour bought a new one.",
            true,
        ),
        ("Anna Vries founded the mill", true),
        ("the mill burned in 1931", false),
        ("Anna Vries founded a mill.", false),
        ("Anna Vries founded the mill in 1902.", false),
    ] {
        let claims = claims(candidate);
        assert!(!claims.is_empty(), "{candidate}");
        for at in 0..claims.len() {
            let got = verbatim(&Alignment::new(&index, &claims, at));
            assert_eq!(got, expected, "{}", claims[at].text);
        }
    }
}
