use super::*;

fn cut(text: &str) -> Vec<&str> {
    split(text)
        .into_iter()
        .map(|sentence| &text[sentence.range])
        .collect()
}

#[test]
fn sentences_of_many_kinds() {
    for (text, expected) in [
        (
            "Dr. Smith paid 3.5 million. He left.",
            vec!["Dr. Smith paid 3.5 million.", "He left."],
        ),
        (
            "The U.S. Senate met. It voted.",
            vec!["The U.S. Senate met.", "It voted."],
        ),
        (
            "He moved to the U.S. The firm stayed.",
            vec!["He moved to the U.S.", "The firm stayed."],
        ),
        (
            "Fruit, e.g. Apples, sold well. J. K. Moor wrote it.",
            vec!["Fruit, e.g. Apples, sold well.", "J. K. Moor wrote it."],
        ),
        (
            "\"Stop!\" he said. \"Why?\" She left.",
            vec!["\"Stop!\" he said.", "\"Why?\"", "She left."],
        ),
        (
            "Well... maybe not. Yes… Perhaps.",
            vec!["Well... maybe not.", "Yes…", "Perhaps."],
        ),
        (
            "# Title\n- one item\n- two items\n1. third\n2) fourth",
            vec!["Title", "one item", "two items", "third", "fourth"],
        ),
        (
            "it opened in may. it closed in june.",
            vec!["it opened in may.", "it closed in june."],
        ),
        (
            "工厂开业了。它有三层！真的吗？",
            vec!["工厂开业了。", "它有三层！", "真的吗？"],
        ),
        ("هل جاء؟ نعم جاء.", vec!["هل جاء؟", "نعم جاء."]),
        ("वह आया। वह गया।", vec!["वह आया।", "वह गया।"]),
        (
            "It grew.[1] It fell.[23]",
            vec!["It grew.[1]", "It fell.[23]"],
        ),
        ("**Bold one.** Plain two.", vec!["Bold one.", "Plain two."]),
        (
            "It grew.【4†source】 It fell.[^2] It rose. [3] It stood.<sup>4</sup> Done.²",
            vec![
                "It grew.【4†source】",
                "It fell.[^2]",
                "It rose. [3]",
                "It stood.<sup>4</sup>",
                "Done.²",
            ],
        ),
        (
            "Anna keeps draft B. Claire books the hall at 10 a.m. Mayor Ruiz speaks. J. Moor left.",
            vec![
                "Anna keeps draft B.",
                "Claire books the hall at 10 a.m.",
                "Mayor Ruiz speaks.",
                "J. Moor left.",
            ],
        ),
        (
            "They meet at 9 a.m. Monday and at 3 p.m. Eastern. Apples, pears, etc. Prices rose.",
            vec![
                "They meet at 9 a.m. Monday and at 3 p.m. Eastern.",
                "Apples, pears, etc.",
                "Prices rose.",
            ],
        ),
        (
            "Am 3. März 2021 begann der Bau. Im 19. Jahrhundert lebten hier 300 Menschen. Sie wohnt im Haus Nr. 5. Mein Bruder auch.",
            vec![
                "Am 3. März 2021 begann der Bau.",
                "Im 19. Jahrhundert lebten hier 300 Menschen.",
                "Sie wohnt im Haus Nr. 5.",
                "Mein Bruder auch.",
            ],
        ),
        (
            "Dr. med. Anna Lind kam am 5. Mai. Die Kosten, d. h. ca. 3 Mio. Euro, trägt die Prof. Dr.-Ing. Max Rau GmbH. Der 2. Platz ging an sie.",
            vec![
                "Dr. med. Anna Lind kam am 5. Mai.",
                "Die Kosten, d. h. ca. 3 Mio. Euro, trägt die Prof. Dr.-Ing. Max Rau GmbH.",
                "Der 2. Platz ging an sie.",
            ],
        ),
        (
            "Das Spiel endete am 7. Spieltag. Die 20. Auflage erschien Anfang Jan. 2020 bzw. Ende Dez. 2019.",
            vec![
                "Das Spiel endete am 7. Spieltag.",
                "Die 20. Auflage erschien Anfang Jan. 2020 bzw. Ende Dez. 2019.",
            ],
        ),
        (
            "A line that is long enough to have been wrapped by an editor\nGoes on here. End",
            vec![
                "A line that is long enough to have been wrapped by an editor\nGoes on here.",
                "End",
            ],
        ),
        ("Short line\nOther line", vec!["Short line", "Other line"]),
        ("", vec![]),
    ] {
        let found = cut(text);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn quotations_in_quotations_need_no_stack() {
    assert_eq!(cut("> > # Title\n> - item one"), ["Title", "item one"]);
    let deep = format!("{}The mill stood.", "> ".repeat(99_000));
    let count = std::thread::Builder::new()
        .stack_size(128 * 1_024)
        .spawn(move || split(&deep).len())
        .unwrap()
        .join()
        .unwrap();
    assert_eq!(count, 1);
}

#[test]
fn a_text_without_ends_is_cut_all_the_same() {
    let text = "word ".repeat(2_000);
    assert!(
        split(&text)
            .iter()
            .all(|sentence| sentence.range.len() <= LONGEST)
    );
    let solid = "漢".repeat(5_000);
    let pieces = split(&solid);
    assert_eq!(
        pieces
            .iter()
            .map(|sentence| sentence.range.len())
            .sum::<usize>(),
        solid.len()
    );
}

#[test]
fn what_comes_later_moves_no_end_of_what_stands_before() {
    for (before, later, between) in [
        ("it opened in may. it closed in june.", "Nobody Paid.", " "),
        (
            "The pier closed quietly.",
            "passage 2: the mill burnt.",
            " ",
        ),
        ("She sits on the Court.", "[c] Justices stay for life.", " "),
        ("He left suddenly.", "repeat steps 4 to 6.", " "),
        ("They pay the rent.", "| Mill | 40 |", "\n\n"),
    ] {
        let alone = cut(before);
        let both = format!("{before}{between}{later}");
        let after = cut(&both);
        assert_eq!(after[..alone.len().min(after.len())], alone, "{both}");
    }
}

#[test]
fn what_begins_small_goes_on_behind_an_abbreviation() {
    for text in [
        "It took approx. five hours.",
        "The govt. officials left.",
        "They sold it to Acme Corp. and left.",
        "Yahoo! said so.",
    ] {
        assert_eq!(cut(text), [text]);
    }
}
