use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::domain::verdict::Label;
use crate::evidence::{SourceIndex, decide};

#[test]
fn values_that_changed_places_are_refuted() {
    let source = "Taste was judged blind by twelve pupils and three cooks. The buffet costs 18.50 euros a head, \
        the boxed lunch 14 euros. Oakes sued for the 12,000; Mr Prentice counterclaimed for 9,500.";
    let index = SourceIndex::new(source);
    for (text, refuted) in [
        (
            "Taste was judged blind by three pupils and twelve cooks.",
            true,
        ),
        (
            "Taste was judged blind by twelve pupils and three cooks.",
            false,
        ),
        (
            "The buffet costs 14 euros a head, the boxed lunch 18.50 euros.",
            true,
        ),
        (
            "The boxed lunch costs 14 euros, the buffet 18.50 euros a head.",
            false,
        ),
        (
            "Oakes sued for the 9,500; Mr Prentice counterclaimed for 12,000.",
            true,
        ),
    ] {
        let claims = [Claim {
            id: ClaimId::new(uuid::Uuid::from_u128(1)),
            index: 0,
            text: text.to_owned(),
            kind: ClaimType::Numerical,
            span: Span {
                start: 0,
                end: text.encode_utf16().count(),
            },
        }];
        let verdict = decide(&index, &claims, 0);
        assert_eq!(
            verdict.label == Label::Refuted,
            refuted,
            "{text}: {}",
            verdict.reasoning
        );
    }
}
