use super::*;

fn cut(text: &str) -> Vec<&str> {
    let starts = starts(text, 0..text.len(), Language::English);
    let mut ends = starts.clone();
    ends.push(text.len());
    let mut from = 0;
    let mut pieces = Vec::new();
    for end in ends {
        pieces.push(text[from..end].trim());
        from = end;
    }
    pieces
}

#[test]
fn a_sentence_begins_where_no_name_can_be_meant() {
    for (text, expected) in [
        (
            "The museum opened in May The director has run it since 2019 It costs nothing to visit",
            vec![
                "The museum opened in May",
                "The director has run it since 2019",
                "It costs nothing to visit",
            ],
        ),
        (
            "Fares rose by 12% In return trams run later Thank you for asking",
            vec![
                "Fares rose by 12%",
                "In return trams run later",
                "Thank you for asking",
            ],
        ),
        // Names and titles.
        (
            "She moved from Delft to The Hague in 1998",
            vec!["She moved from Delft to The Hague in 1998"],
        ),
        (
            "He wrote a review of The great escape for the paper",
            vec!["He wrote a review of The great escape for the paper"],
        ),
        (
            "They saw a play called \"One day In spring\" at the hall",
            vec!["They saw a play called \"One day In spring\" at the hall"],
        ),
        (
            "How To Live In small Rooms Without Losing Friends",
            vec!["How To Live In small Rooms Without Losing Friends"],
        ),
    ] {
        assert_eq!(cut(text), expected, "{text}");
    }
}

#[test]
fn a_line_is_ended_on_purpose_or_goes_on() {
    let line = "The new ferry carries 120 cars and was built in a yard near Gdynia";
    for (next, ended) in [
        ("The crossing takes 40 minutes.", true),
        // The first word would have had room.
        (
            "Gullhaven's harbour master confirmed on Tuesday that the old ferry is going to be sold this year.",
            true,
        ),
        // It may be the next word of the same sentence.
        ("Shipyard in 2021.", false),
    ] {
        assert_eq!(parts(line, next, Language::English), ended, "{next}");
    }
    assert!(!parts(
        "The new ferry carries 120 cars and was built in a yard near the",
        "The Hague, which is far away.",
        Language::English
    ));
}
