//! Which tokens stand beside one another.

use super::super::tokens::Token;

/// True where nothing but blanks, hyphens, a percent or a degree sign stands before the token.
pub(super) fn adjacent(text: &str, tokens: &[Token], at: usize) -> bool {
    if at == 0 || at >= tokens.len() {
        return false;
    }
    let before = &tokens[at - 1];
    // "5 Mio. Euro": the full stop of an abbreviation.
    let short = matches!(
        before.word.as_str(),
        "mio" | "mrd" | "tsd" | "mill" | "bn" | "mn"
    );
    text.get(before.range.end..tokens[at].range.start)
        .is_some_and(|gap| {
            gap.chars().all(|c| {
                matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '%' | '°') || (short && c == '.')
            })
        })
}
