use super::*;

#[test]
fn the_embedded_font_has_the_usual_scripts_and_what_none_has_is_told() {
    let usual = "Straße Łódź Ελλάδα Київ שלום مرحبا ✓ ✗ – … □ 1½ €";
    let fonts = Fonts::for_text(usual);
    assert_eq!(fonts.families.len(), 1);
    assert_eq!(fonts.notice(), None);
    // Of the private use area, of which the embedded font has a few only.
    let fonts = Fonts::for_text("a \u{10fffd}\u{10fffd}\u{200d} b");
    let notice = fonts.notice().unwrap();
    assert!(
        notice.contains("2 characters (1 different: U+10FFFD)"),
        "{notice}"
    );
}

#[test]
fn a_font_of_pictures_alone_is_passed_over() {
    assert!(has_outlines(dejavu::sans::regular(), 0));
    let mut pictures = dejavu::sans::regular().to_vec();
    let count = usize::from(pictures[4]) << 8 | usize::from(pictures[5]);
    for record in 0..count {
        let at = 12 + 16 * record;
        if &pictures[at..at + 4] == b"glyf" {
            pictures[at..at + 4].copy_from_slice(b"CBDT");
        }
    }
    assert!(!has_outlines(&pictures, 0));
    assert!(!has_outlines(b"ttcf", 3));
}
