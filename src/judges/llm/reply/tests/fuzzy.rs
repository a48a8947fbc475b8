use super::*;

fn found(text: &str, quote: &str) -> Option<String> {
    Passages::new(text)
        .find(quote)
        .map(|range| text[range].to_owned())
}

const TEXT: &str = "it rained. the old mill on the river bank was built by the miller's guild in the year 1812 and it still stands today. nobody lives there.";

#[test]
fn a_word_more_less_or_else_is_forgiven_but_no_number_and_no_negation() {
    let whole = "the old mill on the river bank was built by the miller's guild in the year 1812";
    let table = [
        (
            "the old mill on the river bank was erected by the miller's guild in the year 1812",
            Some(whole),
        ),
        (
            "the old mill at the river bank was built by the miller's guild in year 1812",
            Some(whole),
        ),
        (
            "the old mill on the river bank was built by the miller's guild in the year 1821",
            None,
        ),
        (
            "the old mill on the river bank was not built by the miller's guild in the year 1812",
            None,
        ),
        (
            "the new school in the town was closed by the mayor in the year 1812",
            None,
        ),
        ("mill was raised by guild", None),
        ("everybody lives there today in peace", None),
    ];
    for (quote, expected) in table {
        assert_eq!(found(TEXT, quote).as_deref(), expected, "{quote}");
    }
}

#[test]
fn a_negation_left_out_of_the_quote_is_not_forgiven() {
    let text =
        "the committee of experts did not approve the use of the drug for children under ten";
    let quote = "the committee of experts did approve the use of the drug for children under ten";
    assert_eq!(found(text, quote), None);
}

#[test]
fn what_decides_counts_at_the_edges_too() {
    let table = [
        (
            "no member of the board of the company in london knew about the fire",
            "every member of the board of the company in london knew about the fire",
        ),
        (
            "never did the old committee of the town agree to the plan",
            "often did the old committee of the town agree to the plan",
        ),
        (
            "kein mitglied des vorstands der firma in london wusste von dem brand",
            "jedes mitglied des vorstands der firma in london wusste von dem brand",
        ),
        (
            "412 people of the town came to the opening of the bridge",
            "many people of the town came to the opening of the bridge",
        ),
        (
            "the harbour of the town is used by nine ships of the line",
            "the harbour of the town is used by five ships of the line",
        ),
        (
            "the mayor of the town said that taxes would fall in spring",
            "the mayor of the town said that taxes would rise in spring",
        ),
    ];
    for (text, quote) in table {
        assert_eq!(found(text, quote), None, "{quote}");
        assert!(found(text, text).is_some(), "{text}");
    }
}

#[test]
fn the_cost_does_not_grow_with_the_text() {
    let text =
        "the mill was built by the guild and the river ran by the mill on and on ".repeat(2_900);
    assert!(text.len() > 200_000);
    let passages = Passages::new(&text);
    let begin = std::time::Instant::now();
    for _ in 0..200 {
        passages.find("the mill was made by the guild and the river ran by the mill on and on");
    }
    assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
}
