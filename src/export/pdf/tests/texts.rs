use super::*;

#[test]
fn nothing_is_lost_where_a_text_is_cut() {
    let long = "word ".repeat(3000) + &"x".repeat(9001);
    let pieces = vec![
        (format!("{long}\n\n"), Look::default()),
        ("end".to_owned(), Look::default().bold()),
    ];
    let cut = paragraphs(pieces.into_iter());
    assert!(cut.iter().all(|(text, _)| text.len() <= MOST_AT_ONCE));
    let joined: String = cut.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(joined, format!("{long}end"));
    assert_eq!(cut.iter().filter(|(text, _)| text.is_empty()).count(), 1);
    let (last, looks) = cut.last().unwrap();
    assert_eq!((last.as_str(), looks.len()), ("end", 1));
    assert!(looks[0].1.bold);
}

#[test]
fn a_text_stands_on_its_own_side_and_every_letter_has_its_glyph() {
    let words = "المكتبة لها 7 طوابق שלום";
    let piece = |foreign| Piece {
        text: words.into(),
        style: Style::Plain,
        foreign,
    };
    let mut types = Typesetter::new(Fonts::for_text(words));
    let mut first = |line: &Line<'_>, direction| {
        let sets = types.set(line, Look::default(), 10.0, Some(400.0), direction);
        assert_eq!(sets.len(), 1);
        let line = sets[0].layout.get(0).unwrap();
        let mut ranges: Vec<Range<usize>> = types
            .runs(&line)
            .iter()
            .flat_map(|run| run.glyphs.iter().map(|glyph| glyph.text_range.clone()))
            .collect();
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut end = 0;
        for range in ranges {
            assert!(range.start <= end, "nothing shows {end}..{}", range.start);
            end = end.max(range.end);
        }
        assert_eq!(end, sets[0].text.len());
        line.metrics().offset
    };
    let offset = first(&vec![piece(true)], Direction::Theirs);
    assert!(offset > 200.0, "on the right: {offset}");
    let our = Piece {
        text: "source: ".into(),
        style: Style::Plain,
        foreign: false,
    };
    let offset = first(&vec![our, piece(true)], Direction::Ours);
    assert!(offset < 1.0, "on the left: {offset}");
}
