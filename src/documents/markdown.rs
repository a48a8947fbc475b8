//! Extracts the text of Markdown through its HTML, so that both hide the same parts.

use pulldown_cmark::{Options, Parser};

use super::extracted::{ExtractError, Extracted};
use super::html;

/// Maximum number of nested quotes and lists that one line may open, because the parser compares
/// each later line with all of them.
const MAX_NESTED: usize = 200;

/// Reads CommonMark with tables, footnotes and strikethrough.
pub(super) fn extract(text: &str) -> Result<Extracted, ExtractError> {
    if text.lines().any(|line| nested(line) > MAX_NESTED) {
        return Err(ExtractError::TooMuch);
    }
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut page = String::new();
    pulldown_cmark::html::push_html(&mut page, Parser::new_ext(text, options));
    html::extract(&page)
}

/// An upper bound of the number of quotes and list items that a line opens.
fn nested(line: &str) -> usize {
    let marks: Vec<u8> = line
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || b"> \t-*+.)".contains(byte))
        .collect();
    let lists = marks
        .windows(2)
        .filter(|pair| b"-*+.)".contains(&pair[0]) && b" \t".contains(&pair[1]));
    marks.iter().filter(|byte| **byte == b'>').count() + lists.count()
}

#[cfg(test)]
#[path = "tests/markdown.rs"]
mod tests;
