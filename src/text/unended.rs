//! Whether a line that no mark ends says something, or is a heading or a piece of a sentence.
//!
//! What is taken for a heading is checked by nobody, so a line that may be either is one that says something.

use super::language::Language;
use super::tokens::{Form, Token};
use super::words;

/// Tokens from which a line counts as a statement even without a verb.
const LONG_LINE: usize = 6;
/// Tokens from which one does that a verb would not be known in.
const UNKNOWN_VERBS: usize = 4;
/// Forms in which a verb that no noun looks like stands behind "all", "they" or a noun in the plural, and
/// with an s behind another.
const VERBS: &str = "come go make take get give become keep require allow employ sell buy pay earn lose win begin live \
    include contain provide receive send bring speak say tell mean carry serve grow know believe think see write exist \
    belong arrive depart sit stand eat drink wear follow happen occur agree refuse deny decide choose own owe fail";
/// First words of lines that only name what follows.
const TITLES: [&str; 21] = [
    "summary",
    "overview",
    "section",
    "part",
    "chapter",
    "item",
    "page",
    "step",
    "figure",
    "table",
    "tl",
    "tldr",
    "appendix",
    "agenda",
    "teil",
    "kapitel",
    "abschnitt",
    "punkt",
    "zusammenfassung",
    "résumé",
    "resumen",
];

/// True for a line without an end that says something.
pub(super) fn states(line: &str, tokens: &[Token]) -> bool {
    let Some(first) = tokens.first() else {
        return false;
    };
    let finite = tokens.iter().any(|token| words::is_finite(&token.word));
    let title = TITLES.contains(&first.word.as_str()) && !finite;
    let number = tokens.iter().any(|token| token.form == Form::Number);
    if tokens.len() >= 3 && (finite || begins_a_statement(first) || verb(tokens) || denies(tokens))
    {
        return true;
    }
    let unknown = line.chars().any(|c| c.is_alphabetic() && c > 'ɏ');
    !title
        && ((number && tokens.len() >= 2)
            || tokens.len() >= LONG_LINE
            || (unknown && tokens.len() >= UNKNOWN_VERBS))
}

/// True for "they", "all", "most": no heading begins so.
fn begins_a_statement(first: &Token) -> bool {
    matches!(
        first.word.as_str(),
        "he" | "she"
            | "it"
            | "they"
            | "we"
            | "there"
            | "all"
            | "most"
            | "every"
            | "each"
            | "both"
            | "few"
            | "many"
    )
}

/// A verb behind the first word that no noun looks like, in lower case.
fn verb(tokens: &[Token]) -> bool {
    let known = |word: &str| {
        let bare = word.strip_suffix('s').unwrap_or(word);
        VERBS
            .split_whitespace()
            .any(|verb| verb == word || verb == bare)
    };
    // "More to come" says nothing.
    tokens.windows(2).any(|pair| {
        let (before, token) = (&pair[0], &pair[1]);
        before.word != "to"
            && !token.capital
            && (known(&token.word) || finite_elsewhere(&token.word))
    })
}

/// True for a line with a negator of any language that is written so.
fn denies(tokens: &[Token]) -> bool {
    let languages = [
        Language::English,
        Language::German,
        Language::French,
        Language::Spanish,
        Language::Russian,
    ];
    tokens.iter().skip(1).any(|token| {
        languages
            .iter()
            .any(|language| words::is_negator(&token.word, *language))
    })
}

/// Finite verbs of other languages that no noun looks like.
pub(super) fn finite_elsewhere(word: &str) -> bool {
    matches!(
        word,
        "ist"
            | "sind"
            | "wurde"
            | "wurden"
            | "wird"
            | "werden"
            | "hat"
            | "haben"
            | "hatte"
            | "war"
            | "waren"
            | "eröffnete"
            | "begann"
            | "kostet"
            | "est"
            | "sont"
            | "était"
            | "fut"
            | "ouvert"
            | "ouvrit"
            | "coûte"
            | "es"
            | "fue"
            | "fueron"
            | "tiene"
            | "abrió"
            | "cuesta"
            | "è"
            | "sono"
            | "ha"
            | "fu"
            | "aprì"
            | "costa"
            | "é"
            | "são"
            | "foi"
            | "foram"
            | "tem"
            | "abriu"
            | "is"
            | "werd"
            | "heeft"
            | "opende"
            | "была"
            | "был"
            | "было"
            | "были"
            | "открылась"
            | "открылся"
            | "открыта"
            | "стоит"
    )
}

#[cfg(test)]
#[path = "tests/unended.rs"]
mod tests;
