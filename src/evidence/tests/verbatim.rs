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
        new one. Anna Vries founded the mill. The ferry carries forty cars. The tank holds 1500 litres.";
    let index = SourceIndex::new(source);
    for (candidate, expected) in [
        (source, true),
        (
            "The ferry sank in May, and the harbour bought a new one.",
            true,
        ),
        ("Anna Vries founded the mill", true),
        ("the mill burned in 1931", false),
        ("The ferry carries forty cars.", true),
        ("The ferry carries 40 cars.", true),
        ("The ferry carries fourteen cars.", false),
        ("The ferry carries 40.5 cars.", false),
        ("The ferry carries 40 euros.", false),
        ("A ferry carries 40 cars.", false),
        ("The tank holds 1,500 litres.", true),
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
