use super::*;

#[test]
fn pieces_are_parted_by_the_widest_gap() {
    let mut prose = Prose::new();
    prose.paragraph();
    prose.push("  The mi");
    prose.push("ll \n stands");
    prose.push(" ");
    prose.push("here.");
    prose.line();
    prose.paragraph();
    prose.marked("- ");
    prose.begin_row();
    prose.marked("- ");
    prose.push("a");
    prose.cell();
    prose.push("b");
    prose.end_row();
    prose.push_lines("x  y\n\n  z");
    assert_eq!(
        prose.finish(),
        "The mill stands here.\n\n- a | b\nx  y\n  z"
    );
}
