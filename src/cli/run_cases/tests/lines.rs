use super::*;

fn region(text: &str, start: usize, end: usize) -> (usize, usize, usize, usize) {
    let found = Lines::of(text).region(Span { start, end });
    (
        found.start_line,
        found.start_column,
        found.end_line,
        found.end_column,
    )
}

#[test]
fn places_are_counted_as_editors_count_them() {
    let text = "ab\r\n🜁 c\n\nd";
    assert_eq!(region(text, 0, 2), (1, 1, 1, 3));
    // The sign takes two units.
    assert_eq!(region(text, 4, 8), (2, 1, 2, 5));
    assert_eq!(region(text, 7, 8), (2, 4, 2, 5));
    assert_eq!(region(text, 10, 11), (4, 1, 4, 2));
    assert_eq!(region(text, 0, 11), (1, 1, 4, 2));
    assert_eq!(region("", 0, 0), (1, 1, 1, 1));
}
