use crate::text::claims::extract;

#[test]
fn a_lead_that_denies_is_said_of_its_items() {
    for (candidate, expected) in [
        (
            "The clinic does not offer:\n- vaccinations\n- dental care\n\nIt opens at nine.",
            vec![
                "The clinic does not offer:\n- vaccinations\n- dental care",
                "It opens at nine.",
            ],
        ),
        (
            "Nicht enthalten sind:\n* das Frühstück\n* die Kurtaxe",
            vec!["Nicht enthalten sind:\n* das Frühstück\n* die Kurtaxe"],
        ),
        (
            "The clinic offers:\n- vaccinations\n- dental care",
            vec!["vaccinations", "dental care"],
        ),
        // Items that say something by themselves.
        (
            "What did not change:\n- The fee is still 40 euros.\n- Dr. Lind runs the clinic.",
            vec!["The fee is still 40 euros.", "Dr. Lind runs the clinic."],
        ),
    ] {
        let claims = extract(candidate);
        let texts: Vec<&str> = claims.iter().map(|claim| claim.text.as_str()).collect();
        assert_eq!(texts, expected, "{candidate}");
    }
}
