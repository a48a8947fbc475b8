use super::*;

fn read(text: &str) -> Vec<Vec<&str>> {
    let cut = |cells: &Vec<Range<usize>>| cells.iter().map(|cell| &text[cell.clone()]).collect();
    find(text)
        .iter()
        .flat_map(|table| std::iter::once(cut(&table.header)).chain(table.rows.iter().map(cut)))
        .collect()
}

#[test]
fn bars_commas_and_tabs_part_cells_and_prose_has_none() {
    for (text, rows) in [
        (
            "| Mill | Built |\n|---|---|\n| Oda | 1931 |\n",
            vec![vec!["Mill", "Built"], vec!["Oda", "1931"]],
        ),
        (
            "Mill | Built\n--- | ---\nOda | 1931",
            vec![vec!["Mill", "Built"], vec!["Oda", "1931"]],
        ),
        (
            "plan,price,storage\nBasic,9 euros,50 GB\n",
            vec![
                vec!["plan", "price", "storage"],
                vec!["Basic", "9 euros", "50 GB"],
            ],
        ),
        (
            "plan\tprice\nBasic\t9\nPlus\t19\n",
            vec![
                vec!["plan", "price"],
                vec!["Basic", "9"],
                vec!["Plus", "19"],
            ],
        ),
        (
            "We saw ducks, geese, and swans.\nThen bread, milk, and tea came.",
            vec![],
        ),
        ("", vec![]),
    ] {
        assert_eq!(read(text), rows, "{text}");
    }
}
