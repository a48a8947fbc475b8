//! Splits sentences into coordinated main clauses, each of which states something by itself.
//!
//! Conservative: a sentence is split only if both sides have a subject and a finite verb, and the
//! left side does not govern the right one ("he said that …", "if …, …"). English only; other
//! languages are split at semicolons.

use std::ops::Range;

use super::sentences::trimmed;
use super::tokens::{Form, Token};
use super::words;

/// Returns the clauses of the sentence `text[range]` with these tokens, or the sentence itself if
/// it is not split.
pub(crate) fn split(text: &str, range: Range<usize>, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = range.start;
    let mut first = 0;
    let open = enclosed(text, range.clone(), tokens);
    for at in 1..tokens.len() {
        if open[at] || first >= at {
            continue;
        }
        // Bigram tokens overlap, so there may be no text between two of them.
        let gap = text
            .get(tokens[at - 1].range.end..tokens[at].range.start)
            .unwrap_or_default();
        let left = &tokens[first..at];
        let semicolon = gap.contains([';', '；', '؛']);
        if is_dash(gap) {
            if !governs(left) && states(left) && begins(&tokens[at..], true) {
                clauses.push(trimmed(text, start..tokens[at - 1].range.end));
                start = tokens[at].range.start;
                first = at;
            }
        } else if semicolon {
            let body = usize::from(conjunction(&tokens[at]));
            if states(left) && begins(&tokens[at + body..], true) {
                let end = tokens[at - 1].range.end + gap.find([';', '；', '؛']).unwrap_or(0);
                clauses.push(trimmed(text, start..end));
                start = tokens[at + body].range.start;
                first = at + body;
            }
        } else if (conjunction(&tokens[at]) || contrasts(&tokens[at], gap))
            && at + 1 < tokens.len()
            && !governs(left)
            && states(left)
            && begins(&tokens[at + 1..], gap.trim_start().starts_with(','))
        {
            clauses.push(trimmed(text, start..tokens[at - 1].range.end));
            start = tokens[at + 1].range.start;
            first = at + 1;
        }
    }
    clauses.push(trimmed(text, start..range.end));
    clauses
}

fn conjunction(token: &Token) -> bool {
    !token.capital && matches!(token.word.as_str(), "and" | "but" | "yet" | "whereas")
}

/// True for "while" after a comma, which sets one statement beside another; without one it says when.
fn contrasts(token: &Token, gap: &str) -> bool {
    !token.capital && token.word == "while" && gap.trim_start().starts_with(',')
}

/// True for a dash between two statements: with blanks on both sides, other than in "1990–2000".
fn is_dash(gap: &str) -> bool {
    let bare = gap.trim();
    bare.len() < gap.trim_start().len()
        && bare.len() < gap.trim_end().len()
        && matches!(bare, "-" | "--" | "–" | "—")
}

/// Returns for each token whether it is inside quotation marks or brackets.
fn enclosed(text: &str, range: Range<usize>, tokens: &[Token]) -> Vec<bool> {
    let mut inside = vec![false; tokens.len()];
    let (mut depth, mut quoted) = (0i32, false);
    let mut at = range.start;
    for (token, inside) in tokens.iter().zip(&mut inside) {
        for c in text.get(at..token.range.start).unwrap_or_default().chars() {
            match c {
                '(' | '[' | '“' | '«' => depth += 1,
                ')' | ']' | '”' | '»' => depth = (depth - 1).max(0),
                '"' => quoted = !quoted,
                _ => {}
            }
        }
        at = token.range.end.max(at);
        *inside = depth > 0 || quoted;
    }
    inside
}

/// True if the left side may govern the text after the conjunction.
fn governs(left: &[Token]) -> bool {
    left.iter().any(|token| {
        (words::is_subordinator(&token.word) && token.word != "than")
            || matches!(
                token.word.as_str(),
                "said"
                    | "says"
                    | "told"
                    | "claimed"
                    | "reported"
                    | "believes"
                    | "according"
                    | "between"
                    | "either"
                    | "neither"
            )
    })
}

/// True if the tokens contain a subject followed by a finite verb.
fn states(tokens: &[Token]) -> bool {
    tokens
        .iter()
        .skip(1)
        .any(|token| words::is_finite(&token.word))
}

/// True if a main clause begins here: a subject, and soon after it a finite verb without a
/// separator in between.
fn begins(tokens: &[Token], comma: bool) -> bool {
    let Some(first) = tokens.first() else {
        return false;
    };
    let pronoun = matches!(
        first.word.as_str(),
        "he" | "she" | "it" | "they" | "we" | "i" | "you" | "this" | "there"
    );
    let determiner = matches!(
        first.word.as_str(),
        "the"
            | "a"
            | "an"
            | "his"
            | "her"
            | "its"
            | "their"
            | "these"
            | "those"
            | "both"
            | "some"
            | "most"
            | "all"
            | "no"
            | "many"
            | "several"
    );
    let named = first.capital && !first.stop;
    if !(pronoun || (comma && (determiner || named || first.form == Form::Number))) {
        return false;
    }
    for (at, token) in tokens.iter().enumerate().skip(1).take(8) {
        if words::is_subordinator(&token.word) && token.word != "that" || conjunction(token) {
            return false;
        }
        if words::is_finite(&token.word) {
            // A participle between a determiner and a noun is no verb, as in "the painted house".
            return !(determiner && at == 1) && tokens.len() > at + 1;
        }
    }
    false
}
