//! Decides which tokens are adjacent.

use super::super::tokens::Token;

/// True if only spaces, hyphens, a percent sign or a degree sign separate the token from the one
/// before it.
pub(super) fn adjacent(text: &str, tokens: &[Token], at: usize) -> bool {
    if at == 0 || at >= tokens.len() {
        return false;
    }
    let before = &tokens[at - 1];
    // The full stop of an abbreviation is allowed, too: "5 Mio. Euro".
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
