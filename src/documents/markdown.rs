//! The text of Markdown, by way of its HTML: what one hides from readers the other hides too.

use pulldown_cmark::{Options, Parser};

use super::{ExtractError, Extracted, html};

/// Reads CommonMark with tables.
pub(super) fn extract(text: &str) -> Result<Extracted, ExtractError> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut page = String::new();
    pulldown_cmark::html::push_html(&mut page, Parser::new_ext(text, options));
    html::extract(&page)
}

#[cfg(test)]
mod tests {
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
}
