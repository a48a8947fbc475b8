use super::*;
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::evidence::SourceIndex;

#[test]
fn what_two_values_of_the_evidence_make() {
    for (source, claim, makes) in [
        (
            "For Skerrow the change means four crossings a day instead of six.",
            "Skerrow loses two of its daily crossings.",
            true,
        ),
        (
            "Hire of the lights costs £75 a week, and the run takes six weeks.",
            "Hire of the lights costs £450 for the run.",
            true,
        ),
        (
            "Of 412 applications for the grant 357 were approved by August.",
            "About 87 % of the applications for the grant were approved by August.",
            true,
        ),
        (
            "Errors began at 09:42, and support told the team at 10:05.",
            "Support told the team of the errors after 23 minutes.",
            true,
        ),
        (
            "For Skerrow the change means four crossings a day instead of six.",
            "Skerrow loses three of its daily crossings.",
            false,
        ),
        (
            "Hire of the lights costs £75 a week, and the run takes six weeks.",
            "Hire of the lights costs £480 for the run.",
            false,
        ),
        (
            "The notice went out on 24 September. An appeal can be made within six months.",
            "An appeal can be made until 24 March.",
            true,
        ),
        (
            "Pell changes the logo by 17 May. Printing of the brochures begins on 20 May.",
            "The logo is changed three days before the printing of the brochures.",
            true,
        ),
        (
            "Pell changes the logo by 17 May. Printing of the brochures begins on 20 May.",
            "The logo is changed five days before the printing of the brochures.",
            false,
        ),
        (
            "The fast boat leaves at 08:15 and takes 50 minutes.",
            "The fast boat arrives at 09:05.",
            true,
        ),
        (
            "The fast boat leaves at 08:15 and takes 50 minutes.",
            "The fast boat arrives at 09:15.",
            false,
        ),
        (
            "The school asked for 80 chairs, the club for 40 chairs.",
            "The school asked for twice as many chairs as the club.",
            true,
        ),
        (
            "The school asked for 80 chairs, the club for 40 chairs.",
            "The school asked for three times as many chairs as the club.",
            false,
        ),
        (
            "The mill was built in 1871 and closed in 1902.",
            "The mill was open for 31 years.",
            true,
        ),
        (
            "The cleaning costs £6,480 a month.",
            "A year of cleaning costs £77,760.",
            true,
        ),
        (
            "Marine sensors brought in 81.5 million, all businesses together 148.2 million.",
            "Marine sensors brought in more than half of the sales.",
            true,
        ),
    ] {
        let claims = [Claim {
            id: ClaimId::new(uuid::Uuid::from_u128(1)),
            index: 0,
            text: claim.to_owned(),
            kind: ClaimType::Numerical,
            span: Span { start: 0, end: 1 },
        }];
        let index = SourceIndex::new(source);
        let alignment = Alignment::new(&index, &claims, 0);
        let numbers = &alignment.claim.quantities;
        let dates = &alignment.claim.dates;
        let found = numbers
            .iter()
            .filter_map(|own| number(&alignment, own))
            .chain(dates.iter().filter_map(|own| date(&alignment, own)))
            .any(|derived| derived.near);
        assert_eq!(found, makes, "{claim}: {numbers:?} {dates:?}");
    }
}
