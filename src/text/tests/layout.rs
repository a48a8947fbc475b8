use super::*;

fn parts(text: &str) -> Vec<(Part, &str, &str)> {
    blocks(text, Language::of(text))
        .into_iter()
        .map(|block| {
            let lead = block.header.or(block.lead).map_or("", |lead| &text[lead]);
            (block.part, &text[block.range], lead)
        })
        .collect()
}

#[test]
fn lists_keep_what_leads_them_in() {
    use Part::{Header, Heading, Item, Prose, Row};
    for (text, expected) in [
        (
            "It offers:\n- a room\n\n* parking\nIt is old.",
            vec![
                (Prose, "It offers:", ""),
                (Item, "a room", "It offers:"),
                (Item, "parking", "It offers:"),
                (Prose, "It is old.", ""),
            ],
        ),
        (
            "## Cups\n- Only pods fit",
            vec![(Heading, "Cups", ""), (Item, "Only pods fit", "Cups")],
        ),
        (
            "Excused:\nC. Claire\nD. Moor\n\nThe chair opened.",
            vec![
                (Prose, "Excused:", ""),
                (Item, "C. Claire", "Excused:"),
                (Item, "D. Moor", "Excused:"),
                (Prose, "The chair opened.", ""),
            ],
        ),
        (
            "- Rooms:\n  - one\n  - two\n- Other",
            vec![
                (Item, "Rooms:", ""),
                (Item, "one", "Rooms:"),
                (Item, "two", "Rooms:"),
                (Item, "Other", ""),
            ],
        ),
        (
            "in EUR million\n| Year | Sold |\n|---|---|\n| 2022 | 5 |",
            vec![
                (Prose, "in EUR million", ""),
                (Header, "Year | Sold", "in EUR million"),
                (Row, "2022 | 5", "Year | Sold"),
            ],
        ),
        // A statement in the place of a column's name is told like any other.
        (
            "It has 9 rooms. It is old. | Year | Sold |\n|---|---|---|\n| 2022 | 5 |",
            vec![
                (Prose, "It has 9 rooms. It is old. | Year | Sold |", ""),
                (
                    Row,
                    "2022 | 5",
                    "It has 9 rooms. It is old. | Year | Sold |",
                ),
            ],
        ),
        (
            "| It has nine rooms. | Sold |\n|---|---|\n| 2022 | 5 |",
            vec![
                (Row, "It has nine rooms. | Sold", ""),
                (Row, "2022 | 5", ""),
            ],
        ),
        (
            "Name\tAge\nAnna\t5",
            vec![(Header, "Name\tAge", ""), (Row, "Anna\t5", "Name\tAge")],
        ),
        (
            "**Scope**\nText here.",
            vec![(Heading, "**Scope**", ""), (Prose, "Text here.", "")],
        ),
        (
            "3. März 2021 war kalt.",
            vec![(Prose, "3. März 2021 war kalt.", "")],
        ),
        ("- [x] done it", vec![(Item, "done it", "")]),
        ("> > 1. deep", vec![(Item, "deep", "")]),
    ] {
        assert_eq!(parts(text), expected, "{text}");
    }
}

#[test]
fn fields_have_a_name_and_a_value() {
    for (line, expected) in [
        ("Opened: 1974", Some(("Opened", "1974"))),
        ("**Director:** Jon Berg", Some(("Director", "Jon Berg"))),
        ("**Director**: Jon Berg", Some(("Director", "Jon Berg"))),
        ("Opened – 1974", Some(("Opened", "1974"))),
        ("Opened | 1974", Some(("Opened", "1974"))),
        ("开业时间：1974年", Some(("开业时间", "1974年"))),
        ("See https://example.org", None),
        ("It opened at 10:30", None),
        ("It offers:", None),
        ("He left. Note: no", None),
    ] {
        let found = field(line).map(|(name, value)| (&line[name], &line[value]));
        assert_eq!(found, expected, "{line}");
    }
}
