use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::evidence::SourceIndex;
use crate::evidence::comparison::Comparison;

#[test]
fn the_same_words_the_other_way_round_contradict() {
    let retries = "The default number of retries was lowered from 5 to 3 in this release.";
    let foul = "Elin Raast was later sent off for a foul on Ida Krogh.";
    let help = "Milo can help out on the stand from Wednesday on, but not on Tuesday.";
    let open = "The museum's halls are open to visitors every day except the tower.";
    for (source, claim, against) in [
        (
            retries,
            "The default number of retries goes up from 3 to 5.",
            true,
        ),
        (
            retries,
            "The default number of retries goes down from 5 to 3.",
            false,
        ),
        (
            foul,
            "Ida Krogh was later sent off for a foul on Elin Raast.",
            true,
        ),
        (
            foul,
            "Elin Raast was sent off for a foul on Ida Krogh.",
            false,
        ),
        (help, "Milo can help out on the stand on Tuesday.", true),
        (
            help,
            "Milo can help out on the stand from Wednesday.",
            false,
        ),
        (
            open,
            "The museum's tower is open to visitors every day.",
            true,
        ),
        (
            open,
            "The museum's halls are open to visitors every day.",
            false,
        ),
        (
            "La bibliothèque de Varenne a été fondée en 1934 par Louise Morel.",
            "Louise Morel a fondé la bibliothèque de Varenne en 1934.",
            false,
        ),
        (
            "Anna Vries met Karl Lind in Dunmore for talks.",
            "Karl Lind met Anna Vries in Dunmore for talks.",
            false,
        ),
    ] {
        let claims = [Claim {
            id: ClaimId::new(uuid::Uuid::from_u128(1)),
            index: 0,
            text: claim.to_owned(),
            kind: ClaimType::Factual,
            span: Span { start: 0, end: 1 },
        }];
        let index = SourceIndex::new(source);
        let comparison = Comparison::new(&index, &claims, 0);
        let found = comparison.findings().iter().any(|finding| finding.against);
        assert_eq!(found, against, "{claim}: {:?}", comparison.findings());
    }
}
