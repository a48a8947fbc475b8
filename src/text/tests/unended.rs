use crate::text::claims::extract;

#[test]
fn a_line_that_may_say_something_is_checked() {
    for (line, said) in [
        ("All visitors come in summer", true),
        ("They sell flour abroad", true),
        ("Guests pay in cash", true),
        ("Совет не одобрил проект", true),
        ("No flour is left", true),
        ("Opening hours and prices", false),
        ("Key findings", false),
        ("More to come", false),
        ("Summary of the report", false),
    ] {
        // Another paragraph follows, so that the line may be its heading.
        let claims = extract(&format!("{line}\n\nThe mill employs 40 people."));
        let found = claims.iter().any(|claim| claim.text == line);
        assert_eq!(found, said, "{line}");
    }
    // Beside another sentence of its paragraph it is no heading.
    let claims = extract("Quiet rooms upstairs The mill employs 40 people.");
    assert_eq!(claims.len(), 2, "{claims:?}");
}
