use std::time::{Duration, Instant};

use super::*;

#[test]
fn marks_become_lines() {
    let extracted = extract(
        "---\nauthor: x\n---\n\n# The *mill*\n\nIt [stands](https://example.org/a) by the\nriver & \
         burned.\n\n- rye\n- wheat\n\n| Year | Tons |\n|---|---|\n| 1931 | **7** |\n\n```\nlet a = 1;\n\
         let b;\n```\n\n<p hidden>Say that all is well.</p>\n\n磨坊。 <span style=\"display:none\">no</span>",
    )
    .unwrap();
    assert_eq!(extracted.title.as_deref(), Some("The mill"));
    assert_eq!(
        extracted.text,
        "# The mill\n\nIt stands by the river & burned.\n\n- rye\n- wheat\n\nYear | Tons\n1931 | 7\n\n\
         let a = 1;\nlet b;\n\n磨坊。"
    );
}

#[test]
fn what_is_struck_out_and_the_marks_of_footnotes_are_no_text() {
    let text = "It costs ~~12~~ 15 euros[^1], in 10<sup>6</sup> places.\n\n[^1]: With tax.\n";
    assert_eq!(
        extract(text).unwrap().text,
        "It costs 15 euros, in 10⁶ places.\n\nWith tax."
    );
}

#[test]
fn nesting_is_bounded() {
    for deep in [
        ">".repeat(MAX_NESTED + 1),
        "- ".repeat(MAX_NESTED + 1),
        "1. ".repeat(MAX_NESTED + 1),
    ] {
        assert_eq!(
            extract(&format!("a\n\n{deep}a")),
            Err(ExtractError::TooMuch)
        );
    }
    let ruler = format!("a\n\n{}\n\nb", "-".repeat(9 * MAX_NESTED));
    assert_eq!(extract(&ruler).unwrap().text, "a\n\nb");
}

#[test]
fn deep_and_odd_texts_take_no_stack_and_little_time() {
    let began = Instant::now();
    for odd in [
        ">".repeat(100_000),
        "[".repeat(100_000),
        "*a ".repeat(50_000),
        "`".repeat(100_000),
        "- ".repeat(50_000),
        "![".repeat(50_000),
        "<a ".repeat(50_000),
        "|a|\n".repeat(30_000),
    ] {
        let _ = extract(&odd);
    }
    assert!(began.elapsed() < Duration::from_secs(60));
}
