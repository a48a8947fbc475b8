use crate::evidence::SourceIndex;

fn led(source: &str) -> Vec<(String, Option<String>)> {
    let index = SourceIndex::new(source);
    let text = |at: usize| index.text()[index.range(at)].to_owned();
    let leads = (0..index.len()).map(|at| (at, index.lead(at)));
    leads.map(|(at, lead)| (text(at), lead.map(text))).collect()
}

#[test]
fn sentences_under_a_heading_and_rows_under_a_header_know_it() {
    let source = "Preface here.\n\n# Opening hours\n\nWe open at nine. We close at five.\n\n\
        | Year | Sold |\n|---|---|\n| 2022 | 45 |\n| 2023 | 52 |\n\nExcused:\n- Anna Berg\n- Karl Lind\n";
    let led = led(source);
    let lead = |part: &str| {
        let (_, lead) = led.iter().find(|(text, _)| text.contains(part)).unwrap();
        lead.clone().unwrap_or_default()
    };
    assert_eq!(lead("Preface"), "");
    assert!(lead("We close").contains("Opening hours"), "{led:?}");
    assert!(lead("2023").contains("Year"), "{led:?}");
    assert!(lead("Karl Lind").contains("Excused"), "{led:?}");
}
