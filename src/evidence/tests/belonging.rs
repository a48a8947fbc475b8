use super::*;
use crate::evidence::SourceIndex;
use crate::evidence::tests::claim;

fn belonging(source: &str, text: &str) -> Belonging {
    let index = SourceIndex::new(source);
    let claims = [claim(text)];
    let alignment = Alignment::new(&index, &claims, 0);
    Belonging::new(&Nearest::new(&alignment))
}

const LETTERS: &str = "In March Ruth approved the invoice of Agency Pell for the brochures. \
    In April Dagny ordered the stand in Bergen. The stand costs 900 euros. The brochures cost 350 euros.";

#[test]
fn a_name_that_stands_elsewhere_is_apart() {
    let wrong = belonging(
        LETTERS,
        "In March Dagny approved the invoice of Agency Pell for the brochures.",
    );
    assert!(wrong.name_apart > APART, "{wrong:?}");
    assert!(wrong.name_rivals > 0.0, "{wrong:?}");
    let right = belonging(
        LETTERS,
        "In March Ruth approved the invoice of Agency Pell for the brochures.",
    );
    assert_eq!(right, Belonging::default());
}

#[test]
fn a_value_of_another_sentence_is_apart() {
    let wrong = belonging(LETTERS, "The brochures cost 900 euros.");
    assert!(wrong.value_apart > APART, "{wrong:?}");
    assert!(wrong.value_rivals > 0.0, "{wrong:?}");
    let right = belonging(LETTERS, "The brochures cost 350 euros.");
    assert_eq!(right, Belonging::default());
}

#[test]
fn another_value_may_stand_nearer_to_the_words_beside_it() {
    let source = "Firms get back 25 percent of the price and households 30 percent of it.";
    let wrong = belonging(source, "Firms get back 30 percent of the price.");
    assert!(wrong.rival_nearer > 0.0, "{wrong:?}");
    let right = belonging(source, "Firms get back 25 percent of the price.");
    assert!(right.rival_nearer == 0.0, "{right:?}");
}

#[test]
fn a_name_may_stand_in_the_heading() {
    let source = "## Marine division\n\nThe division grew faster than planned.\n\n## Laboratory division\n\n\
        Sales of the division were weak.";
    let right = belonging(source, "The Marine division grew faster than planned.");
    assert!(right.name_rivals == 0.0, "{right:?}");
}
